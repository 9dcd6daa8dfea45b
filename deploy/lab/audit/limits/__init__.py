"""What one client can take from the others: guesses, tickets, time, room and connections."""

from __future__ import annotations

from lab.audit.limits import judges
from lab.audit.limits.evidence import Evidence, gather
from lab.audit.model import Check, Family, Level

HEADER_TIME, SILENCE = 12.0, 12.0  # seconds; Nginx allows 10, and clocks and machines differ
NFT = "docker exec ROUTER nft list chain inet lab clients_pace"
NC = "nc 10.10.10.1 80"
CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "LIMIT-LOGIN",
        Level.HIGH,
        "Who tries passwords fast is told to wait",
        "A student's password is found by trying; and each try costs the app a quarter of a second.",
        "limit_req zone=logins in nginx/nginx.conf.",
        "for n in $(seq 140); do curl -si -X POST http://10.10.10.1/api/token/ | head -n 1; done",
        judges.limited("/api/token/", "log-ins", lambda seen: seen.log_ins),
    ),
    Check(
        "LIMIT-FILING",
        Level.MEDIUM,
        "Who files tickets without an account is told to wait",
        "The desk drowns in made-up tickets, and so does Discord's channel.",
        "THROTTLE_FILE_TICKET=10/min in .env.",
        "for n in $(seq 12); do curl -si -X POST http://10.10.10.1/api/tickets/ | head -n 1; done",
        judges.limited("/api/tickets/", "filed tickets", lambda seen: seen.filings),
    ),
    Check(
        "LIMIT-RETRY",
        Level.LOW,
        "Who is told to wait is told for how long",
        "A client that does not know tries at once, and again.",
        "Retry-After: add_header in nginx/nginx.conf, wait() in app/ticketing/throttles.py.",
        "curl -si -X POST http://10.10.10.1/api/tickets/ | grep -i retry-after",
        judges.retry_after,
    ),
    Check(
        "LIMIT-HEADER",
        Level.HIGH,
        "Who sends a header byte by byte is cut off (slowloris)",
        "A few thousand such connections, each nearly free, and nobody else gets one.",
        "client_header_timeout 10s at http level in nginx/nginx.conf.",
        NC,
        judges.cut("slow header", HEADER_TIME, lambda seen: seen.header),
    ),
    Check(
        "LIMIT-IDLE",
        Level.MEDIUM,
        "Who connects and says nothing is cut off",
        "An idle connection holds a place among 8,192.",
        "client_header_timeout 10s at http level in nginx/nginx.conf.",
        NC,
        judges.cut("silent client", SILENCE, lambda seen: seen.idle),
    ),
    Check(
        "LIMIT-BODY",
        Level.MEDIUM,
        "Who stops in the middle of a body is cut off",
        "Such a request is in progress for as long as its sender likes.",
        "client_body_timeout 10s at http level in nginx/nginx.conf.",
        NC,
        judges.cut("silent body", SILENCE, lambda seen: seen.body),
    ),
    Check(
        "LIMIT-BUFFER",
        Level.HIGH,
        "Slow bodies hold no thread of the application",
        "Sixteen slow uploads, and the service stands still for everybody.",
        "proxy_request_buffering stays on (nginx/proxy.conf): Nginx takes the whole body first.",
        "curl -s --limit-rate 1 -F image=@big.png http://10.10.10.1/api/tickets/ & curl -i http://10.10.10.1/api/whoami/",
        judges.buffered,
    ),
    Check(
        "LIMIT-SIZE",
        Level.MEDIUM,
        "A large body is refused when it is announced",
        "The disk fills, and the app reads a body into its memory.",
        "client_max_body_size 6m in nginx/nginx.conf.",
        "head -c 7000000 /dev/zero | curl -si --data-binary @- http://10.10.10.1/api/tickets/",
        judges.refused("announced body of 6 MiB and a byte", (413,), lambda seen: seen.large),
    ),
    Check(
        "LIMIT-CHUNKED",
        Level.MEDIUM,
        "A large body is refused where its length is not announced, too",
        "A chunked body has no length to look at: it must be counted as it comes.",
        "client_max_body_size 6m in nginx/nginx.conf.",
        "head -c 7000000 /dev/zero | curl -si -H 'Transfer-Encoding: chunked' --data-binary @- http://10.10.10.1/api/tickets/",
        judges.refused("chunked body of more than 6 MiB", (413,), lambda seen: seen.chunked),
    ),
    Check(
        "LIMIT-LINE",
        Level.LOW,
        "A very long address is refused",
        "Nginx keeps it in memory, for each connection.",
        "large_client_header_buffers 4 8k in nginx/nginx.conf.",
        "curl -si http://10.10.10.1/$(head -c 40000 /dev/zero | tr '\\0' a)",
        judges.refused("address of 40,000 characters", (414,), lambda seen: seen.line),
    ),
    Check(
        "LIMIT-HEADERS",
        Level.LOW,
        "Very many headers are refused",
        "Nginx keeps them in memory, for each connection.",
        "large_client_header_buffers 4 8k in nginx/nginx.conf.",
        "curl -si http://10.10.10.1/ $(for n in $(seq 20); do printf ' -H X-%s:%04000d' $n 0; done)",
        judges.refused("headers of 80,000 characters", (400, 431, 494), lambda seen: seen.headers),
    ),
    Check(
        "LIMIT-CONNECTIONS",
        Level.MEDIUM,
        "One address has only so many requests in progress",
        "Else one client takes every place there is at the edge.",
        "limit_conn in_progress 2000 in nginx/nginx.conf.",
        "docker exec EDGE grep -n limit_conn /run/edge/conf/nginx.conf",
        judges.crowd,
    ),
    Check(
        "LIMIT-SYN",
        Level.MEDIUM,
        "The router bounds how fast one source opens connections",
        "A SYN flood fills the tables of whoever it reaches.",
        "@syn_pace in deploy/firewall/router.nft; make firewall loads it.",
        NFT,
        judges.rule(
            r"@syn_pace \{ ip saddr limit rate over \d+/second", "how fast a source opens connections"
        ),
    ),
    Check(
        "LIMIT-OPEN",
        Level.MEDIUM,
        "The router bounds how many connections one source has",
        "Each costs memory, in the router and at the edge.",
        "@open_connections in deploy/firewall/router.nft; make firewall loads it.",
        NFT,
        judges.rule(r"@open_connections \{ ip saddr ct count over \d+", "how many connections a source has"),
    ),
)
FAMILY: Family[Evidence] = Family("limits", "limits", gather, CHECKS, alone=True)
