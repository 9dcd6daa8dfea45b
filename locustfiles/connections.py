"""Connections: a new one for each request, or one for all.

Two kinds of users ask for the same small answer. One has the server close the connection after each answer
(Connection: close) and so opens a new one for the next; the other keeps its connection.

What it shows: what a handshake costs. A request on a kept connection takes one round trip, and on a new one
two: SYN and SYN-ACK first. With https:// it is one more (TLS 1.3). On a LAN nobody notices; at a delay of
100 ms (RTT 200 ms) the medians of the two rows are 200 and 400 ms. Choose one kind by naming it:
`locust -f connections.py --headless NewConnections`.

Exercises: 3 (one request in packets), 4 (latency), 11 (measuring honestly).
Run it with:  locust -f connections.py --headless -u 10 -r 10 -t 30s
"""

from locust import between, task

from common.user import LabUser


class NewConnections(LabUser):
    """Somebody who hangs up after each answer."""

    wait_time = between(0.5, 1.5)

    @task
    def ask(self) -> None:
        """Ask on a new connection."""
        name = "/healthz on a new connection"
        self.call("GET", "/healthz", name=name, read=dict, headers={"Connection": "close"})


class KeptConnections(LabUser):
    """Somebody who stays on the line."""

    wait_time = between(0.5, 1.5)

    @task
    def ask(self) -> None:
        """Ask on the connection that is there."""
        self.call("GET", "/healthz", name="/healthz on a kept one", read=dict)
