"""The API by OWASP's API Security Top 10 (2023): what it lets people do who should not."""

from __future__ import annotations

from lab.audit.api import judges
from lab.audit.api.evidence import Evidence, gather
from lab.audit.model import Check, Family, Level

REFUSED = (401, 403, 404)
AS = "TOKEN=$(curl -s http://10.10.10.1/api/token/ -d 'username=student2&password=…' | jq -r .access); "
GET = 'curl -si -H "Authorization: Bearer $TOKEN" http://10.10.10.1'
NOTIFY = (
    "docker exec -e DISCORD_WEBHOOK_URL=http://[::1]/api/webhooks/1/x APP1 python manage.py notify_discord"
)

CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "API1-OBJECTS",
        Level.HIGH,
        "Nobody reads or changes another user's ticket",
        "Ids count up: whoever may see 7 tries 8.",
        "visible_tickets() in app/ticketing/services/scope.py is where every view begins.",
        f"{AS}{GET}/api/tickets/1/",
        judges.only(lambda evidence: evidence.others, REFUSED),
    ),
    Check(
        "API2-TOKENS",
        Level.HIGH,
        "Only a token of the service's own opens a door, and only in the header",
        "A token that is not checked is a name that anybody may write; one in an address is in every log.",
        "JWTAuthentication in app/drf_jwt_backend/tokens.py; DEFAULT_AUTHENTICATION_CLASSES in settings.py.",
        'curl -si http://10.10.10.1/api/tickets/ -H "Authorization: Bearer eyJhbGciOiJub25lIn0.e30."',
        judges.only(lambda evidence: evidence.tokens, (401, 403)),
    ),
    Check(
        "API2-NAMES",
        Level.LOW,
        "A refused log-in does not tell whether there is such a user",
        "A list of names that exist is half of every guess.",
        "One message for both, as simplejwt has it.",
        "curl -si http://10.10.10.1/api/token/ -d 'username=nobody&password=x'",
        judges.guesses,
    ),
    Check(
        "API2-LIFETIME",
        Level.MEDIUM,
        "A token is good for an hour at most",
        "A token cannot be taken back: what leaks is good until it expires.",
        "SIMPLE_JWT in app/drf_jwt_backend/settings.py.",
        "curl -s http://10.10.10.1/api/token/ -d 'username=student1&password=…' | jq -r .access",
        judges.lifetime,
    ),
    Check(
        "API3-FILING",
        Level.HIGH,
        "Who files a ticket sets none of its fields that are not theirs",
        "A ticket in somebody's name, already closed, dated last year.",
        "read_only=True in app/ticketing/serializers.py.",
        f"{AS}{GET}/api/tickets/ -d 'user=1&status=closed&…'",
        judges.filed,
    ),
    Check(
        "API3-CHANGING",
        Level.HIGH,
        "A student changes nothing of a ticket but its texts",
        "Who sets priority and status runs the desk.",
        "OWNERS_FIELDS in app/ticketing/permissions.py.",
        f"{AS}{GET}/api/tickets/7/ -X PATCH -d status=resolved",
        judges.own,
    ),
    Check(
        "API3-SHOWN",
        Level.HIGH,
        "A student is shown only their own tickets, and nothing of accounts",
        "What an answer has in it is read, whether a page shows it or not.",
        "app/ticketing/api/rows.py names the columns; app/ticketing/services/scope.py the rows.",
        f"{AS}{GET}/api/tickets/?page_size=200",
        judges.shown,
    ),
    Check(
        "API3-STAFF",
        Level.HIGH,
        "Notes among staff are read and written by staff alone",
        "'Caller is lying' is not for the caller.",
        "visible_comments() and visible_trail() in app/ticketing/services/scope.py.",
        f"{AS}{GET}/api/tickets/7/comments/",
        judges.among_staff,
    ),
    Check(
        "API4-ROWS",
        Level.MEDIUM,
        "A page has 200 rows at most",
        "One request for a million tickets is a second for everybody else, and all the memory.",
        "max_page_size in app/drf_jwt_backend/paging.py.",
        f"{GET}/api/tickets/?page_size=1000000",
        judges.rows,
    ),
    Check(
        "API4-SIZES",
        Level.MEDIUM,
        "Deep JSON, long texts and huge pictures are refused",
        "A few bytes sent, and gigabytes or minutes spent on them.",
        "parsing.py, serializers.py and services/pictures.py in app/ticketing.",
        f"{GET}/api/tickets/ -H 'Content-Type: application/json' --data-binary @deep.json",
        judges.large,
    ),
    Check(
        "API5-ADMIN",
        Level.HIGH,
        "What is for instructors is refused to students and agents",
        "Deleting tickets and departments hides what was done.",
        "permission_classes in app/ticketing/views.py.",
        f"{AS}{GET}/api/departments/1/ -X DELETE",
        judges.admin,
    ),
    Check(
        "API6-FLOW",
        Level.MEDIUM,
        "A made-up address does not get round the throttle of filing",
        "A throttle by address is worth what the address is worth.",
        "NUM_PROXIES in docker-compose.yml, nginx/forwarded.conf.",
        "curl -si -X POST http://10.10.10.1/api/tickets/ -H 'X-Forwarded-For: 198.51.100.1'",
        judges.flow,
    ),
    Check(
        "API7-WEBHOOK",
        Level.HIGH,
        "A webhook that leads inside is not called",
        "The app reaches what its caller does not: other replicas, and on a cloud the machine's own keys.",
        "app/ticketing/discord/inside.py; DISCORD_WEBHOOK_INSIDE names the stand-in alone.",
        NOTIFY,
        judges.inside,
    ),
    Check(
        "API8-ERRORS",
        Level.MEDIUM,
        "Odd requests break nothing, and errors say nothing of the insides",
        "A traceback is a map: versions, paths, queries.",
        "app/drf_jwt_backend/errors.py and app/ticketing/api/refusals.py.",
        "curl -si http://10.10.10.1/api/tickets/ -H 'Content-Type: application/json' -d '{'",
        judges.errors,
    ),
    Check(
        "API9-SCHEMA",
        Level.LOW,
        "Every route that the API names is in its documentation",
        "What nobody wrote down, nobody looks after.",
        "make schema; extend_schema where a view is left out.",
        "curl -s http://10.10.10.1/api/schema/?format=json | jq '.paths | keys'",
        judges.inventory,
    ),
    Check(
        "API9-HIDDEN",
        Level.MEDIUM,
        "There are no old, inner or forgotten addresses",
        "An old version has the old holes.",
        "app/drf_jwt_backend/urls.py and app/ticketing/urls.py have all there is.",
        f"{GET}/api/v1/tickets/",
        judges.only(lambda evidence: evidence.hidden, (404,)),
    ),
    Check(
        "API10-WEBHOOK",
        Level.MEDIUM,
        "A webhook's answer is not trusted: no redirect, no flood, no page",
        "Who answers in Discord's place else moves the app to other addresses, or fills its memory.",
        "allow_redirects=False and BODY_LIMIT in app/ticketing/discord/webhook.py.",
        NOTIFY,
        judges.misled,
    ),
    Check(
        "API-LEFT",
        Level.LOW,
        "The audit's own ticket is gone again",
        "An audit that leaves things behind is not run twice. The trail of its deleted ticket stays.",
        "Delete it as instructor: curl -X DELETE …/api/tickets/<id>/",
        f"{GET}/api/tickets/?search=make+audit",
        judges.deleted,
    ),
)
FAMILY: Family[Evidence] = Family("api", "api", gather, CHECKS)
