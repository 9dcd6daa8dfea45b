"""The notifier's promises, measured: `make bench-notify`, or `python -m benchmarks.notify`."""
