"""Run on a host of the lab: clients that file tickets and list them, until a file says that it is enough.

Arguments: the edge's address, an access token, how many clients. Prints how often each status or error was
seen, as JSON. Standard library alone, since it is sent to the host as text.
"""

import collections
import http.client
import json
import pathlib
import sys
import threading
import time

END = pathlib.Path("/tmp/callers-end")  # noqa: S108 (the host's own tmpfs)
ADDRESS, TOKEN, CLIENTS = sys.argv[1:4]
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
TICKET = {
    "name": "Ada",
    "email": "ada@example.com",
    "phone": "80007",
    "issue": "No link",
    "department": 1,
    "priority": 2,
}

seen: collections.Counter[str] = collections.Counter()
lock = threading.Lock()


def call(number: int) -> None:
    """One client: a POST, then two GETs, and again, on one connection as long as it lives."""
    connection = http.client.HTTPConnection(ADDRESS, timeout=40)
    turn = number
    while not END.exists():
        turn += 1
        method, body = ("GET", None) if turn % 3 else ("POST", json.dumps(TICKET))
        try:
            connection.request(method, "/api/tickets/", body=body, headers=HEADERS)
            answer = connection.getresponse()
            answer.read()
            outcome = f"{method} {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            outcome = f"{method} {type(error).__name__}"
            connection.close()
        with lock:
            seen[outcome] += 1
        time.sleep(0.05)
    connection.close()


END.unlink(missing_ok=True)
callers = [threading.Thread(target=call, args=(number,)) for number in range(int(CLIENTS))]
for caller in callers:
    caller.start()
for caller in callers:
    caller.join()
print(json.dumps(seen))
