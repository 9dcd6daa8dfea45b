"""Uvicorn with several workers: `python -m benchmarks.peers.fastapi PORT WORKERS`.

The socket that Uvicorn makes for several workers has no TCP_NODELAY (asyncio sets it only where the protocol
is named, and Uvicorn names none), and Uvicorn sends a header and its body apart: by Nagle's algorithm each
answer then waits 40 ms for the client's delayed acknowledgement. So it is set here, and inherited.
"""

from __future__ import annotations

import socket
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess


def main(port: int, workers: int) -> None:
    """Serve until told to stop."""
    application = "benchmarks.peers.fastapi.api:app"
    config = uvicorn.Config(
        application, port=port, workers=workers, access_log=False, log_level="warning", proxy_headers=False
    )
    listener = config.bind_socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listener]).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
