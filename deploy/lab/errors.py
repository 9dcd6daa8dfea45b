"""What a user is told when something is wrong, and the exit code that goes with it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every `lab` command."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    UNMEASURED = 3  # the lab is down or could not be measured: never counted as a pass


class LabError(Exception):
    """One sentence that names what is wrong, where, and the command or change that mends it."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
