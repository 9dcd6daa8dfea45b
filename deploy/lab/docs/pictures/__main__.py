"""Writes the pictures of the lab as shipped into a folder: `make shapes`."""

from __future__ import annotations

import sys
from pathlib import Path

from lab.docs.facts import planned
from lab.docs.pictures import DRAWN

if __name__ == "__main__":
    facts = planned()
    for name, draw in DRAWN.items():
        (Path(sys.argv[1]) / f"{name}.svg").write_text(draw(facts))
