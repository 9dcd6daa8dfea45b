"""What the VM itself knows about reaching the outside: its CA bundle, its proxy, its package sources."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from lab import paths
from lab.process import run

CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
# The settings of pip that say where packages come from. Folders of this VM mean nothing in a build.
PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")


def ca_bundle() -> str:
    """The certificates that the VM trusts, a campus proxy's own CA among them; empty if it has none."""
    for path in (os.environ.get("SSL_CERT_FILE"), os.environ.get("PIP_CERT"), *CA_BUNDLES):
        if path and Path(path).is_file():
            return Path(path).read_text()
    return ""


def apt_conf() -> str:
    """apt's proxy settings, as an apt.conf."""
    listed = run(["apt-config", "dump"]).stdout.splitlines()
    lines = [line for line in listed if re.match(r"Acquire::https?::.*proxy", line, re.IGNORECASE)]
    for scheme in ("http", "https"):
        proxy = os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY")
        if proxy and not lines:
            lines.append(f'Acquire::{scheme}::Proxy "{proxy}";')
    return "".join(f"{line}\n" for line in lines)


def pip_conf() -> str:
    """pip's settings on this VM (files and environment), as a pip.conf."""
    listed = run([sys.executable, "-m", "pip", "config", "list"]).stdout.splitlines()
    found: dict[str, str] = {}
    for line in listed:
        # global.index-url='…', install.proxy='…', :env:.index-url='…': the environment comes last and wins.
        match = re.fullmatch(r"[\w:]*\.([\w-]+)='(.*)'", line)
        if match and match[1] in PIP_SETTINGS:
            addresses = [
                word for word in match[2].replace("\\n", " ").split() if not word.startswith("file:")
            ]
            found[match[1]] = " ".join(addresses)
    proxy = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if proxy:
        found.setdefault("proxy", proxy)
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in found.items() if value)


def addresses_in_use() -> Iterator[tuple[str, str]]:
    """IPv4 addresses that the VM depends on, and for what: a lab network over one would cut it off.

    With a bundle's packages here, those of package sources are not asked for: nothing is fetched from there.
    """
    yield from ((address, "this VM's name server") for address in name_servers())
    hosts = [] if paths.offline().exists() else sorted(_package_hosts())
    with ThreadPoolExecutor(max_workers=8) as pool:
        for host, listed in zip(hosts, pool.map(resolve, hosts), strict=True):
            for address in listed:
                yield address, f"{host}, where this VM gets packages"


def name_servers() -> list[str]:
    """The name servers that containers ask: those behind systemd-resolved where it stands between."""
    behind_stub = Path("/run/systemd/resolve/resolv.conf")
    listed = (behind_stub if behind_stub.exists() else Path("/etc/resolv.conf")).read_text()
    found: list[str] = re.findall(r"^nameserver ([\d.]+)$", listed, re.MULTILINE)
    return [address for address in found if not address.startswith("127.")]


def _package_hosts() -> set[str]:
    listed = run(["apt-get", "indextargets", "--format", "$(SITE)"]).stdout.split()
    listed += re.findall(r"https?://[^/\"]+", (paths.ROOT / "uv.lock").read_text())
    return {host for url in listed if (host := urlsplit(url).hostname)}


def resolve(host: str) -> set[str]:
    """A host's IPv4 addresses; none without a network, which is no fault here."""
    return {line.split()[0] for line in run(["getent", "ahostsv4", host], timeout=3).stdout.splitlines()}
