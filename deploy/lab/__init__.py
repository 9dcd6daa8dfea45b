"""The `lab` command: what turns a VM into the lab and runs it."""
