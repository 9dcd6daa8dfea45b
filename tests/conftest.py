"""What holds for every test: examples are drawn the same way in each run, unless EXAMPLES asks for others;
and Ctrl-C means what it means in a terminal.
"""

from __future__ import annotations

import os
import signal

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None)
if "EXAMPLES" not in os.environ:  # make fuzz
    settings.load_profile("repeatable")

# What a shell starts in its background ignores SIGINT, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
