"""A name server that knows no name, and writes down each that it is asked for: names.py FILE."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

NO_SUCH_NAME = b"\x81\x83"  # a response, recursion desired and available, NXDOMAIN


def asked(packet: bytes) -> str:
    """The name in a question."""
    labels, place = [], 12
    while packet[place]:
        labels.append(packet[place + 1 : place + 1 + packet[place]].decode("ascii", "replace"))
        place += 1 + packet[place]
    return ".".join(labels)


def main(log: Path) -> None:
    """Answer until killed."""
    log.touch()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        while True:
            packet, caller = server.recvfrom(4096)
            with log.open("a") as file:
                file.write(asked(packet) + "\n")
            server.sendto(packet[:2] + NO_SUCH_NAME + packet[4:6] + bytes(6) + packet[12:], caller)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
