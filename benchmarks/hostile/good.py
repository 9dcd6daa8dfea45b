"""An honest client: `python -m benchmarks.hostile.good ADDRESS TOKEN`, until it is killed.

Two threads, each asks for the list of tickets twenty times a second, in every other request over a new
connection. A line for each: when it began (monotonic clock), and how many seconds it took; `inf` if it was
not answered with 200 within 5 s.
"""

from __future__ import annotations

import http.client
import math
import sys
import threading
import time

PACE = 0.05  # seconds from request to request
PATIENCE = 5.0


def ask(address: str, token: str) -> None:
    """Ask for ever; a request that is late does not make up for it."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    new = False
    while True:
        begin = time.monotonic()
        try:
            connection.request("GET", "/api/tickets/", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            taken = time.monotonic() - begin if answer.status == 200 else math.inf
        except OSError:
            taken = math.inf
            connection.close()
        print(f"{begin} {taken}", flush=True)
        if new := not new:
            connection.close()
        time.sleep(max(0.0, begin + PACE - time.monotonic()))


if __name__ == "__main__":
    for _ in range(2):
        threading.Thread(target=ask, args=sys.argv[1:]).start()
