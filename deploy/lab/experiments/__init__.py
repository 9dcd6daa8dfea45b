"""Experiments: the lab measured in a row of conditions, each beside what theory says of it."""
