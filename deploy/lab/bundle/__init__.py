"""One file that brings a VM up without a network: what is in it, and what is done with its images."""
