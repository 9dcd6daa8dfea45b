"""The lab's own promises, measured on the lab in use: `make bench-lab`, or `python -m benchmarks.lab`."""
