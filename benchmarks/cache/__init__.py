"""The micro-cache's promise, measured: `python -m benchmarks.cache`."""
