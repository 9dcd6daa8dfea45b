"""The link's promises, measured: `make bench-link`, or `python -m benchmarks.link`."""
