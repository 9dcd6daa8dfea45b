# ruff: noqa: N999 - Gunicorn's own name for such a file
"""Gunicorn's settings for the stand-in."""

import os

bind = os.environ.get("BIND", "0.0.0.0:80")
# One process: the rate-limit buckets and the message list live in its memory.
workers = 1
worker_class = "gthread"
threads = 8
# Loaded in the master, so that a wrong setting ends it at once with one sentence.
preload_app = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 - Gunicorn's heartbeat file, on memory; it has no content
control_socket_disable = True
# A request's path has the webhook's token in it, so there is no access log.
accesslog = None
loglevel = "info"
