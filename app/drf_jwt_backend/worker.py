"""Gunicorn's threaded worker, which stops without losing a request that has come in already."""

from __future__ import annotations

import socket

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that, once told to stop, answers all that the kernel has accepted, and then closes the door.

    Gunicorn's own stops accepting, but leaves the listening socket open until it has ended. The kernel goes
    on accepting meanwhile, and resets those connections in the end: their requests are lost, and Nginx
    repeats no POST. Once the door is closed a connection is refused, and Nginx asks another replica.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """As Gunicorn's, and for good when the worker is ending."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                self._accept_all(listener)
                listener.close()

    def _accept_all(self, listener: socket.socket) -> None:
        before = -1
        while before < self.nr_conns:
            before = self.nr_conns
            self.accept(listener)
