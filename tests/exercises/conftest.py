"""The lab of tests/lab, for the exercises."""

from __future__ import annotations

from tests.lab.conftest import _engine, lab

__all__ = ["_engine", "lab"]
