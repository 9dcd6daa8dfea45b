"""Ask the link supervisor: `python3 -m link.ctl [--directory …] '{"verb": "show"}'` prints its JSON answer.

Exit code 0 with an answer, 1 with {"error": …}, 3 when no supervisor answers.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from pathlib import Path
from typing import Any

DIRECTORY = Path("/run/lab/link")
SOCKET = "ctl.sock"
PATIENCE = 20.0  # seconds


def ask(directory: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Send a request and return the answer; raises OSError when no supervisor answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(str(directory / SOCKET))
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(connection.makefile().readline())
    return answer


def main() -> int:
    """Ask, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="link.ctl")
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    parser.add_argument("request", type=json.loads)
    options = parser.parse_args()
    try:
        answer = ask(options.directory, options.request)
    except (OSError, ValueError) as error:
        print(json.dumps({"error": f"the router's link supervisor does not answer ({error})"}))
        return 3
    print(json.dumps(answer))
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
