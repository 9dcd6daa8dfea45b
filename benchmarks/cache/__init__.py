"""The micro-cache's promise, measured: `make bench-cache`, or `python -m benchmarks.cache`."""
