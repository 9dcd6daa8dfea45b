"""Weaknesses of Nginx's configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.exercises.ex12_audit.configuration import Configuration, Plant
from lab.exercises.ex12_audit.drawn import Drawn
from lab.exercises.ex12_audit.evidence import Look
from lab.exercises.ex12_audit.weakness import Weakness

MAIN = "nginx.conf"
LAST = "\n    }\n\n    # -----------"  # what comes after the last line of the default server
# CBC with a MAC: what Mozilla's intermediate profile no longer has. One for each kind of certificate.
OLD_SUITES = "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA"
DUMP_AT = "/backup.sql"
DUMP = """\
-- tickets, dumped before the move; delete afterwards!
INSERT INTO auth_user (username, password) VALUES ('agent1', 'pbkdf2_sha256$1000000$c2FsdA$bm90IHJlYWw');
INSERT INTO ticketing_ticket (id, title) VALUES (7, 'My salary statement shows somebody else');
"""


def _swap(old: str, new: str, file: str = MAIN) -> Plant:
    """A plant that puts a text, in which <NAMES> stand for drawn values, in the place of another."""

    def plant(configuration: Configuration, drawn: Drawn) -> None:
        filled = new.replace("<FOLDER>", drawn.folder).replace("<MEGABYTES>", str(drawn.megabytes))
        configuration.swap(file, old, filled.replace("<SECONDS>", str(drawn.seconds)))

    return plant


def _dump(configuration: Configuration, _: Drawn) -> None:
    configuration.nginx["backup.sql"] = DUMP
    location = f"location = {DUMP_AT} {{\n            alias /etc/nginx/lab/backup.sql;\n        }}\n        "
    configuration.swap(MAIN, "location /static/ {", location + "location /static/ {")


def _promise(check: str) -> Callable[[Look, Drawn], Sequence[str]]:
    return lambda look, _: look.promise(check)


def _guessing(look: Look, _: Drawn) -> list[str]:
    sent = ("X-Content-Type-Options", "nosniff", "always") in look.directives("add_header")
    return [] if sent else ["answers come without X-Content-Type-Options: nosniff"]


def _old_suite(look: Look, _: Drawn) -> list[str]:
    return ["the edge agrees on a CBC suite"] if look.takes_cipher(OLD_SUITES) else []


def _dump_served(look: Look, _: Drawn) -> list[str]:
    """Asked for only where Nginx answers itself: else the application would be asked, which may be busy."""
    if not any(one.args[-1] == DUMP_AT for one in look.nginx.named("location")):
        return []
    url = f"http://{look.lab.address('edge')}{DUMP_AT}"
    said = look.lab.run("client", "curl", "-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", url)
    return [f"{DUMP_AT} is handed out"] if said == "200" else []


POOL = (
    Weakness(
        "version-shown", "nginx", "answers say which version of Nginx made them",
        _swap("server_tokens off;", "server_tokens on;"), _promise("NGINX-TOKENS"), True, "NGINX-TOKENS",
    ),
    Weakness(
        "any-host-answered", "nginx", "a request for a name that is not the service's gets an answer",
        _swap(f"return 444;{LAST}", f'return 200 "It works!\\n";{LAST}'),
        _promise("NGINX-DEFAULT"), True, "NGINX-DEFAULT",
    ),
    Weakness(
        "folder-listed", "nginx", "a folder shows the list of its files",
        _swap("location /static/ {", "location /<FOLDER>/ {\n            alias /etc/nginx/lab/;\n"
              "            autoindex on;\n        }\n        location /static/ {"),
        _promise("NGINX-LISTING"), True, "NGINX-LISTING",
    ),
    Weakness(
        "type-guessed", "nginx", "browsers may guess what an answer is",
        _swap("    add_header X-Content-Type-Options nosniff always;\n", ""), _guessing, True, "HTTP-SNIFF",
    ),
    Weakness(
        "guesses-unlimited", "nginx", "whoever tries passwords fast is never told to wait",
        _swap("    limit_req zone=logins burst=100 nodelay;\n", ""), _promise("NGINX-GUESSES"), True,
        "NGINX-GUESSES",
    ),
    Weakness(
        "huge-bodies", "nginx", "a request may be far larger than a ticket with its picture",
        _swap("client_max_body_size 6m;", "client_max_body_size <MEGABYTES>m;"), _promise("NGINX-BODY"), True,
        "NGINX-BODY",
    ),
    Weakness(
        "slow-clients", "nginx", "a client may take minutes over its header",
        _swap("client_header_timeout 10s;", "client_header_timeout <SECONDS>s;"), _promise("NGINX-TIMEOUTS"),
        True, "NGINX-TIMEOUTS",
    ),
    Weakness(
        "pictures-open", "nginx", "pictures are to be had without asking the application",
        _swap("            internal;\n            include rendered/media_root.conf;",
              "            include rendered/media_root.conf;"),
        _promise("NGINX-MEDIA"), True, "NGINX-MEDIA",
    ),
    Weakness(
        "address-believed", "nginx", "the application is told whatever address a client claims",
        _swap("proxy_set_header X-Forwarded-For $remote_addr;",
              "proxy_set_header X-Forwarded-For $http_x_forwarded_for;", "forwarded.conf"),
        _promise("NGINX-FORWARDED"), True, "NGINX-FORWARDED",
    ),
    Weakness(
        "old-cipher", "nginx", "HTTPS agrees on a cipher suite without authenticated encryption",
        _swap("ssl_ciphers ECDHE-ECDSA-AES128-GCM", f"ssl_ciphers {OLD_SUITES}:ECDHE-ECDSA-AES128-GCM",
              "tls.conf"),
        _old_suite, True, "TLS-CIPHERS",
    ),
    Weakness(
        "dump-served", "files", "a copy of the database is handed out",
        _dump, _dump_served, True, "HTTP-FILES",
    ),
)  # fmt: skip
