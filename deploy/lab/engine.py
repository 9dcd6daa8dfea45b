"""The container engine: the only module that starts processes on the lab's hosts.

VMs are odd: several `docker` clients on PATH, some without BuildKit or Compose, a Compose that is a plugin, a
program, or too old for the engine. This module looks at what there is and picks what works for each job.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lab import paths
from lab.errors import ExitCode, LabError
from lab.process import last_words, run

API_OF_COMPOSE_1 = (1, 43)  # Compose 1.29 cannot talk to an engine whose oldest API is newer (Docker 29)


@dataclass(frozen=True)
class Client:
    """A docker client: the words that start it, and what it can do here."""

    argv: tuple[str, ...]
    version: str
    server: str
    server_min_api: tuple[int, int]

    @property
    def can_build(self) -> bool:
        """Whether it can build with BuildKit: clients before 23 bring it along, later ones need a plug-in."""
        return int(self.version.split(".")[0]) < 23 or run([*self.argv, "buildx", "version"]).returncode == 0

    @property
    def has_compose(self) -> bool:
        """Whether `docker compose` works."""
        return run([*self.argv, "compose", "version"]).returncode == 0


def _programs() -> list[str]:
    folders = [*os.get_exec_path(), "/usr/bin", "/usr/local/bin"]
    found = (shutil.which("docker", path=folder) for folder in folders)
    return list(dict.fromkeys(program for program in found if program))


def _ask(argv: tuple[str, ...]) -> Client | None:
    form = "{{.Client.Version}}|{{.Server.Version}}|{{.Server.MinAPIVersion}}"
    done = run([*argv, "version", "--format", form], timeout=20)
    if done.returncode != 0:
        return None
    client, server, api = done.stdout.strip().split("|")
    major, minor = api.split(".")
    return Client(argv, client, server, (int(major), int(minor)))


@cache
def clients() -> tuple[Client, ...]:
    """Every docker client here that reaches the engine, directly or through sudo."""
    programs = _programs()
    found = [client for program in programs if (client := _ask((program,)))]
    if not found and os.geteuid() != 0 and shutil.which("sudo"):
        found = [client for program in programs if (client := _ask(("sudo", program)))]
    if not found:
        raise LabError("no container engine answers; run: make up", ExitCode.UNMEASURED)
    return tuple(found)


def answers() -> bool:
    """Whether there is an engine that a client here reaches."""
    try:
        return bool(clients())
    except LabError:
        return False


@cache
def builder() -> Client:
    """The client that builds images."""
    for client in clients():
        if client.can_build:
            return client
    names = ", ".join(f"{client.argv[-1]} {client.version}" for client in clients())
    raise LabError(
        f"no docker client here can build ({names} lack buildx); run: apt-get install docker-buildx"
    )


@cache
def compose_argv() -> tuple[str, ...]:
    """The words that start Compose, whichever there is."""
    for client in clients():
        if client.has_compose:
            return (*client.argv, "compose")
    sudo = clients()[0].argv[:-1]
    version = run(["docker-compose", "version", "--short"]).stdout.strip()
    if not version:
        raise LabError("there is no Compose here; run: make up, which installs it")
    if version.startswith("1.") and clients()[0].server_min_api > API_OF_COMPOSE_1:
        engine = clients()[0].server
        raise LabError(f"docker-compose {version} is too old for engine {engine}; install Compose 2")
    return (*sudo, "docker-compose")


def chosen() -> dict[str, str]:
    """What was picked, in words, for `doctor`."""
    first = clients()[0]
    compose_version = run([*compose_argv(), "version", "--short"]).stdout.strip()
    return {
        "engine": f"Docker {first.server}",
        "client": f"{' '.join(first.argv)} ({first.version})",
        "builds with": f"{' '.join(builder().argv)} ({builder().version})",
        "Compose": f"{' '.join(compose_argv())} ({compose_version})",
    }


def docker(*words: str, stdin: str | None = None) -> str:
    """Run a docker command and return what it printed; raises LabError with the engine's own last words."""
    done = run([*clients()[0].argv, *words], stdin=stdin)
    if done.returncode != 0:
        raise LabError(f"docker {words[0]} failed: {last_words(done)}")
    return done.stdout


def docker_argv(*words: str) -> list[str]:
    """A docker command to be run by the caller, for what talks to the terminal itself."""
    return [*clients()[0].argv, *words]


def compose(project: str, *words: str, override: Path | None = None) -> None:
    """Run a Compose command on the lab; its values are those that `lab.stage` wrote.

    override: a compose file that changes some of the topology's.
    """
    done = run(compose_words(project, *words, override=override))
    if done.returncode != 0:
        raise LabError(f"docker compose {words[0]} failed: {last_words(done)}")


def compose_words(project: str, *words: str, override: Path | None = None) -> list[str]:
    """A Compose command on the lab, to be run by the caller."""
    return [
        *compose_argv(),
        *("--env-file", str(paths.state() / "compose.env")),
        *("--project-directory", str(paths.ROOT), "-f", str(paths.COMPOSE_FILE), "-p", project),
        *(("-f", str(override)) if override else ()),
        *("--profile", "app3", "--profile", "notifier", "--profile", "postgres"),
        *words,
    ]


def once_argv(project: str, service: str, words: Sequence[str]) -> list[str]:
    """The command that runs `words` in a container like the service's, which is gone afterwards."""
    return compose_words(project, "run", "--rm", "--no-deps", "-T", service, *words)


def containers(project: str, service: str | None = None) -> list[str]:
    """The ids of the lab's containers, stopped ones too, or of one service's."""
    labels = [f"com.docker.compose.project={project}"]
    if service:
        labels.append(f"com.docker.compose.service={service}")
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    return docker("ps", "--all", "--quiet", "--no-trunc", *filters).split()


def running(project: str, service: str) -> list[str]:
    """The running containers of a service, in the order of their numbers (worker_1, worker_2, …)."""
    number = '{{.Label "com.docker.compose.container-number"}} {{.ID}}'
    listed = docker(
        *("ps", "--no-trunc", "--format", number),
        *("--filter", f"label=com.docker.compose.project={project}"),
        *("--filter", f"label=com.docker.compose.service={service}"),
    )
    return [line.split()[1] for line in sorted(listed.splitlines(), key=lambda line: int(line.split()[0]))]


def container(project: str, service: str) -> str:
    """The running container of a service; raises LabError (exit code 3) when it does not run."""
    found = running(project, service)
    if not found:
        raise LabError(f"host {service} is not running; run: make up", ExitCode.UNMEASURED)
    return found[0]


def exec_argv(project: str, service: str, words: Sequence[str], *, options: Sequence[str] = ()) -> list[str]:
    """The command that runs `words` on a host of the lab."""
    return docker_argv("exec", *options, container(project, service), *words)
