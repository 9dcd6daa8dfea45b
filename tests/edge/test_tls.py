"""HTTPS at the real Nginx: who gets a handshake, what is agreed, and what the choices change."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.site import free_ports
from lab import paths, settings
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from lab.settings import Settings
from lab.tls import authority, files, switch
from tests.edge.client import Answer, Edge, ask_on
from tests.edge.conftest import start_echo_edge, wait_until_steady
from tests.edge.test_configuration import GIXY, render
from tests.edge.test_configuration import settings as environment

SETTINGS = Settings(settings.defaults())
RUN = switch.RELOAD.replace("/etc/nginx/lab", str(paths.ROOT / "nginx"))


@dataclass(frozen=True)
class HttpsEdge:
    """An echo edge with HTTPS at `port`, its certificate signed by the authority in `ca`."""

    http: Edge
    port: int
    ca: Path
    environment: dict[str, str]

    def context(self) -> ssl.SSLContext:
        """A careful client's: it trusts the lab's authority alone."""
        return ssl.create_default_context(cafile=str(self.ca))

    def shake_hands(self, context: ssl.SSLContext, name: str | None = "localhost") -> ssl.SSLSocket:
        """Connect and handshake; `name` is verified, and is also sent if it is no address."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        try:
            return context.wrap_socket(plain, server_hostname=name)
        except OSError:
            plain.close()
            raise

    def ask(self, path: str, host: str = "localhost") -> Answer:
        """One HTTPS request."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=15, context=self.context())
        try:
            return ask_on(connection, path, headers={"Host": host})
        finally:
            connection.close()

    def choose(self, *options: str) -> None:
        """Switch options, or HTTPS itself, as `lab tls` does: by rendering and reloading."""
        files.set_options(options)
        subprocess.run(["sh", "-c", RUN], env=self.environment, check=True, capture_output=True)


@pytest.fixture(scope="module")
def edge_https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsEdge]:
    """The edge with HTTPS, shared by tests that leave it as it was."""
    with pytest.MonkeyPatch.context() as patch, Supervisor() as supervisor:
        yield start(supervisor, tmp_path_factory.mktemp("https"), patch)


@pytest.fixture
def own_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsEdge]:
    """An edge with HTTPS for one test that switches something."""
    with Supervisor() as supervisor:
        yield start(supervisor, tmp_path, monkeypatch)


def start(supervisor: Supervisor, directory: Path, patch: pytest.MonkeyPatch) -> HttpsEdge:
    patch.setenv("LAB_STATE", str(directory / "state"))
    files.renew(SETTINGS, authority.utc_now())
    (port,) = free_ports(1)
    tls = {"EDGE_TLS_LISTEN": f"127.0.0.1:{port}", "EDGE_TLS_DIR": str(files.folder() / "edge")}
    edge = start_echo_edge(supervisor, directory, tls)
    nginx = programs.edge(
        edge.port,
        list(edge.replicas),
        directory / "static root",
        directory / "media",
        directory / "run",
        edge.log,
    )
    path = environment(directory)["PATH"]
    return HttpsEdge(edge, port, files.ca_file(), {"PATH": path, **nginx.environment, **tls})


# --- The handshake -------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3(edge_https: HttpsEdge, version: ssl.TLSVersion) -> None:
    context = edge_https.context()
    context.minimum_version = context.maximum_version = version
    with edge_https.shake_hands(context) as secure:
        assert secure.version() == version.name.replace("_", ".")


def test_tls_1_1_is_refused_by_nginx(edge_https: HttpsEdge) -> None:
    """Asked by openssl with its own scruples off, so that it is the server's alert that is seen."""
    to = f"127.0.0.1:{edge_https.port}"
    argv = ["openssl", "s_client", "-connect", to, "-tls1_1", "-cipher", "ALL@SECLEVEL=0"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "alert protocol version" in done.stderr


@pytest.mark.parametrize(("offer", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")])
def test_http_2_by_alpn(edge_https: HttpsEdge, offer: list[str], chosen: str) -> None:
    context = edge_https.context()
    context.set_alpn_protocols(offer)
    with edge_https.shake_hands(context) as secure:
        assert secure.selected_alpn_protocol() == chosen


@pytest.mark.parametrize("name", ["localhost", "10.10.10.1", "127.0.0.1"])
def test_the_certificate_is_good_for_every_name(edge_https: HttpsEdge, name: str) -> None:
    """An address is verified too, though a client never sends it in the handshake."""
    with edge_https.shake_hands(edge_https.context(), name) as secure:
        assert secure.version() == "TLSv1.3"


def test_a_stranger_does_not_trust_it(edge_https: HttpsEdge) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        edge_https.shake_hands(ssl.create_default_context())


def test_a_folder_with_the_authority_under_its_hash_is_trusted(edge_https: HttpsEdge) -> None:
    files.trust("client")
    context = ssl.create_default_context(capath=str(files.folder() / "trust/client"))
    with edge_https.shake_hands(context, "10.10.10.1") as secure:
        assert secure.version() == "TLSv1.3"


@pytest.mark.parametrize("name", ["elsewhere.example", "localhost.example", "10.example"])
def test_an_unknown_name_is_rejected_before_the_certificate(edge_https: HttpsEdge, name: str) -> None:
    context = edge_https.context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # would accept any certificate
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        edge_https.shake_hands(context, name)


def test_the_lab_s_own_handshake(edge_https: HttpsEdge) -> None:
    agreed = switch.handshake("127.0.0.1", edge_https.ca, edge_https.port)
    assert str(agreed).startswith("TLS 1.3, HTTP/2, TLS_")
    assert agreed.certificate == ssl.PEM_cert_to_DER_cert((files.folder() / "edge/edge.crt").read_text())


# --- Requests ------------------------------------------------------------------------------------------


def test_the_app_learns_that_it_was_https(edge_https: HttpsEdge) -> None:
    answer = edge_https.ask("/", host=f"localhost:{edge_https.port}")
    assert answer.status == 200
    seen = answer.json["headers"]
    assert seen["HTTP_X_FORWARDED_PROTO"] == "https"
    assert seen["HTTP_HOST"] == f"localhost:{edge_https.port}"
    (request_id,) = answer.all("X-Request-ID")
    assert edge_https.http.log_line(request_id)["tls"] == "TLSv1.3"


def test_plain_http_stays(edge_https: HttpsEdge) -> None:
    answer = edge_https.http.ask("/")
    assert answer.status == 200
    assert answer.json["headers"]["HTTP_X_FORWARDED_PROTO"] == "http"
    assert not answer.all("Strict-Transport-Security")
    (request_id,) = answer.all("X-Request-ID")
    assert edge_https.http.log_line(request_id)["tls"] == ""


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"])
def test_an_unknown_host_gets_no_answer_by_https_either(edge_https: HttpsEdge, head: bytes) -> None:
    with edge_https.shake_hands(edge_https.context(), "127.0.0.1") as secure:
        secure.sendall(head)
        assert secure.recv(1) == b""


def test_a_request_by_http_2(edge_https: HttpsEdge) -> None:
    """One request by hand (RFC 9113, and RFC 7541 for the header block)."""
    authority_ = b"10.10.10.1"
    context = edge_https.context()
    context.set_alpn_protocols(["h2"])
    indexed = b"\x82\x87\x84"  # :method GET, :scheme https, :path /
    block = indexed + b"\x01" + bytes([len(authority_)]) + authority_  # :authority, spelt out
    with edge_https.shake_hands(context) as secure:
        secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 5, 1, block))
        body = b"".join(data_of_stream_1(secure))
    assert json.loads(body)["headers"]["HTTP_HOST"] == "10.10.10.1"


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def data_of_stream_1(secure: ssl.SSLSocket) -> Iterator[bytes]:
    reader = secure.makefile("rb")
    while True:
        head = reader.read(9)
        payload = reader.read(int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if (kind, stream) == (0, 1):
            yield payload
        if stream == 1 and flags & 1:  # END_STREAM
            return


# --- The choices ---------------------------------------------------------------------------------------


def test_redirect_and_hsts_by_choice_and_off_again(own_https: HttpsEdge) -> None:
    http_port = own_https.http.port
    own_https.choose("redirect", "hsts")
    wait_until_steady(lambda: own_https.http.ask("/").status == 307)
    moved = own_https.http.ask(
        "/api/tickets/?page=2", method="POST", headers={"Host": f"localhost:{http_port}"}
    )
    assert moved.all("Location") == [f"https://localhost:{own_https.port}/api/tickets/?page=2"]
    assert not moved.all("Strict-Transport-Security"), "over HTTP anybody could have said it"
    assert own_https.http.ask("/edge-healthz").status == 200, "the health check is never redirected"
    assert own_https.http.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n") == b""
    assert own_https.ask("/").all("Strict-Transport-Security") == ["max-age=3600"]
    assert own_https.ask("/edge-healthz").all("Strict-Transport-Security") == ["max-age=3600"]

    own_https.choose()
    wait_until_steady(lambda: own_https.http.ask("/").status == 200)
    assert not own_https.ask("/").all("Strict-Transport-Security")

    files.remove_edge()
    subprocess.run(["sh", "-c", RUN], env=own_https.environment, check=True, capture_output=True)
    wait_until_steady(lambda: refused(own_https.port))
    assert own_https.http.ask("/").status == 200


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_tls_1_3_alone_by_choice(own_https: HttpsEdge) -> None:
    def with_1_2() -> str:
        """The version agreed on, or why there was none."""
        context = own_https.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            with own_https.shake_hands(context) as secure:
                return str(secure.version())
        except ssl.SSLError as error:
            return str(error.reason)

    assert with_1_2() == "TLSv1.2"
    own_https.choose("tls1.3-only")
    wait_until_steady(lambda: "PROTOCOL_VERSION" in with_1_2())
    assert own_https.ask("/").status == 200


# --- Slow clients --------------------------------------------------------------------------------------


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsEdge]:
    """Nginx alone with HTTPS, with the time for a handshake and for a header cut from 10 s to 1 s."""
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    files.renew(SETTINGS, authority.utc_now())
    config = Path(shutil.copytree(paths.ROOT / "nginx", tmp_path / "nginx"))
    text = (config / "nginx.conf").read_text()
    assert text.count("client_header_timeout 10s;") == 1
    (config / "nginx.conf").write_text(
        text.replace("client_header_timeout 10s;", "client_header_timeout 1s;")
    )
    http_port, port, nobody = free_ports(3)
    nginx = programs.edge(http_port, [nobody], tmp_path, tmp_path, tmp_path / "run", tmp_path / "nginx.log")
    tls = {"EDGE_TLS_LISTEN": f"127.0.0.1:{port}", "EDGE_TLS_DIR": str(files.folder() / "edge")}
    with Supervisor() as supervisor:
        supervisor.start(
            replace(nginx, argv=[str(config / "start.sh")], environment={**nginx.environment, **tls})
        )
        supervisor.wait_until_ready()
        yield HttpsEdge(Edge(http_port, tmp_path / "nginx.log", {}), port, files.ca_file(), {})


def slow_header(edge: HttpsEdge) -> None:
    """A byte now and then inside TLS, until Nginx has had enough."""
    with edge.shake_hands(edge.context()) as secure:
        secure.settimeout(0.1)
        secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        drip(secure)


def slow_handshake(edge: HttpsEdge) -> None:
    """A ClientHello that never ends."""
    with socket.create_connection(("127.0.0.1", edge.port)) as plain:
        plain.settimeout(0.1)
        plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        drip(plain)


def drip(connection: socket.socket) -> None:
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        try:
            connection.sendall(b"x")
            if connection.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            return
    pytest.fail("the connection still stands after 8 s; 1 s was allowed")


@pytest.mark.parametrize("dawdle", [slow_handshake, slow_header])
def test_a_slow_client_is_cut_off(impatient: HttpsEdge, dawdle: Callable[[HttpsEdge], None]) -> None:
    dawdle(impatient)


# --- The configuration ---------------------------------------------------------------------------------


@pytest.fixture
def rendered_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Makes a certificate, chooses options, and gives the environment for render.sh."""
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    files.renew(SETTINGS, authority.utc_now())

    def choose(*options: str, **changes: str) -> dict[str, str]:
        files.set_options(options)
        tls = {"EDGE_TLS_LISTEN": "8443", "EDGE_TLS_DIR": str(files.folder() / "edge"), **changes}
        return environment(tmp_path / "run", **tls)

    return choose


@pytest.mark.parametrize("options", [[], ["redirect", "hsts", "tls1.3-only"]])
def test_linters_find_nothing(
    rendered_with: Callable[..., dict[str, str]], tmp_path: Path, options: list[str]
) -> None:
    given = rendered_with(*options)
    assert render(given).returncode == 0
    nginx = ["nginx", "-t", "-e", "stderr", "-p", str(tmp_path / "run"), "-c", "conf/nginx.conf"]
    for argv in (nginx, [str(GIXY), str(tmp_path / "run/conf/nginx.conf")]):
        done = subprocess.run(argv, env=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "[warn]" not in done.stderr


def test_ports_of_the_redirect(rendered_with: Callable[..., dict[str, str]], tmp_path: Path) -> None:
    """In the lab: 443 goes without saying; who came to the published 8080 is sent to the published 8443."""
    assert render(rendered_with(EDGE_TLS_LISTEN="443", EDGE_TLS_PUBLISHED="8443")).returncode == 0
    written = (tmp_path / "run/conf/rendered/https_port.conf").read_text()
    assert written == '"" "";\ndefault ":8443";\n'


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EDGE_TLS_LISTEN", "https"),
        ("EDGE_TLS_DIR", "edge-tls"),
        ("EDGE_TLS_DIR", '/etc"; #'),
        ("EDGE_TLS_PUBLISHED", "0"),
    ],
)
def test_a_wrong_setting_is_refused(
    rendered_with: Callable[..., dict[str, str]], tmp_path: Path, name: str, value: str
) -> None:
    done = render(rendered_with(**{name: value}))
    assert done.returncode == 2
    assert done.stderr.startswith(f"render.sh: {name} ")
    assert not (tmp_path / "run").exists()


def test_a_wrong_option_or_a_missing_key_is_refused(
    rendered_with: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    done = render(rendered_with("redirect", "htst"))
    assert (done.returncode, "unknown word 'htst'" in done.stderr) == (2, True)
    (files.folder() / "edge/edge.key").unlink()
    done = render(rendered_with())
    assert (done.returncode, "no edge.key" in done.stderr) == (2, True)
    assert not (tmp_path / "run").exists()


def test_without_a_certificate_it_is_plain_http(
    rendered_with: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    given = rendered_with("redirect", "hsts")
    (files.folder() / "edge/edge.crt").unlink()
    assert render(given).returncode == 0
    folder = tmp_path / "run/conf/rendered"
    assert (folder / "listen.conf").read_text() == "listen 8080;\n"
    assert [(folder / f"{name}.conf").read_text() for name in ("tls", "redirect", "hsts")] == ["", "", ""]
