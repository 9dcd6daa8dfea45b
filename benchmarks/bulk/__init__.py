"""Loading and making a million tickets, measured: `python -m benchmarks.bulk`."""
