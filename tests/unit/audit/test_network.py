"""Reading what nmap and the kernel say: what is not there is unmeasured, never closed."""

from __future__ import annotations

import dataclasses
import subprocess
from typing import cast

import pytest

from lab.audit.model import UnmeasuredError, Verdict
from lab.audit.network import FAMILY, scan
from lab.audit.network.sockets import listening
from lab.firewall.site import Containers
from tests.unit.audit.plants.network import CLEAN

TARGETS = {"edge": "10.10.10.1", "app1": "10.10.30.11"}
SAID = """# Nmap 7.95 scan initiated as: nmap
Host: 10.10.10.1 ()\tStatus: Up
Host: 10.10.10.1 ()\tPorts: 22/closed/tcp//ssh///, 80/open/tcp//http///, 5201/open/tcp/////\tIgnored
Host: 10.10.30.11 ()\tStatus: Up
Host: 10.10.30.11 ()\tPorts: \tIgnored State: filtered (100)
# Nmap done at Sat: 2 IP addresses (2 hosts up) scanned in 4.78 seconds
"""
TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 62908 1
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 10002        0 65234 1
   2: 010A0A0A:0050 0A140A0A:C350 01 00000000:00000000 00:00000000 00000000 10002        0 65235 1
"""
TCP6 = """  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:15B5 00000000000000000000000000000000:0000 0A 00000000
   1: 00000000000000000000000001000000:15B6 00000000000000000000000000000000:0000 0A 00000000
   2: 0000000000000000FFFF00000100007F:15B7 00000000000000000000000000000000:0000 0A 00000000
"""


class Lent:
    """Hosts on which nmap says this."""

    def __init__(self, said: str, code: int = 0) -> None:
        self._done = subprocess.CompletedProcess(["nmap"], code, said, "")

    def borrow(self, host: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        return self._done


def scanned(said: str, code: int = 0) -> set[tuple[str, int]]:
    return scan.scan(cast("Containers", Lent(said, code)), "client", TARGETS, {8000})


def test_what_nmap_found_open() -> None:
    assert scanned(SAID) == {("edge", 80), ("edge", 5201)}


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        (SAID, 1, "did not come to its end on client"),
        (SAID.replace("# Nmap done", "# Nmap gone"), 0, "did not come to its end on client"),
        (SAID.replace("10.10.30.11 ()\tPorts", "10.10.30.11 ()\tSkipped"), 0, "said nothing of app1"),
    ],
)
def test_what_nmap_did_not_look_at_is_unmeasured(said: str, code: int, told: str) -> None:
    with pytest.raises(UnmeasuredError, match=told):
        scanned(said, code)


def test_a_zone_that_was_not_scanned_leaves_what_the_kernels_say() -> None:
    seen = {**CLEAN.scanned, "lab": UnmeasuredError("nmap did not come to its end on edge")}
    outcomes = FAMILY.judge(dataclasses.replace(CLEAN, scanned=seen))
    unmeasured = {one.check.id for one in outcomes if one.verdict is Verdict.UNMEASURED}
    assert unmeasured == {"NET-OPEN", "NET-CLOSED"}


def test_the_kernels_tables() -> None:
    assert [socket.words for socket in listening(TCP, "tcp")] == ["127.0.0.1:8080", "*:80"]
    found = list(listening(TCP6, "tcp"))
    assert [socket.words for socket in found] == ["*:5557", "[::1]:5558", "127.0.0.1:5559"]
    assert [socket.on_loopback for socket in found] == [False, True, True]
