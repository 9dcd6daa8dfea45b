"""Loading and making a million tickets, measured: `make bench-bulk`, or `python -m benchmarks.bulk`."""
