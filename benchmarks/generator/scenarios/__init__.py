"""Locust's files for the benchmark: two users, and how they take turns."""
