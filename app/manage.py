#!/usr/bin/env python3
"""Django's command line for the ticketing service."""

from __future__ import annotations

import sys

from drf_jwt_backend.environment import settings_or_exit


def main() -> None:
    """Run the management command that the arguments name."""
    settings_or_exit()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
