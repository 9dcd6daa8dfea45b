"""Backups: the whole database and every picture of it in one file, and back again.

A backup is a gzip'd tar: `manifest.json` (what is in it, with a digest of each part), the database, the
pictures, and last `manifest.sha256`, without which it is cut short.
"""
