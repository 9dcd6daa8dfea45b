"""Packets of one host: captured headers only, so that no password lands in a file, and summed up."""
