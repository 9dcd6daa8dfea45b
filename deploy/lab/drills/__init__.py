"""Failure drills: a part of the lab dies under load, and every acknowledged ticket is accounted for."""
