"""The one error that stops a run before anything is sent."""


class RefusedError(Exception):
    """A run must not start. The text is one sentence for the user: what is wrong, where, and the mend."""
