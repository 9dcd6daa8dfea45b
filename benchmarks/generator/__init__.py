"""What recording costs a load generator: `make bench-generator`, or `python -m benchmarks.generator`."""
