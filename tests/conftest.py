"""What holds for every test: examples are drawn the same way in each run, unless EXAMPLES asks for others."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None)
if "EXAMPLES" not in os.environ:  # make fuzz
    settings.load_profile("repeatable")
