"""What a hostile client costs the others: `make bench-hostile`, or `python -m benchmarks.hostile`."""
