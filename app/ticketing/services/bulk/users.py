"""Whether the users that a file names exist."""

from __future__ import annotations

from django.contrib.auth import get_user_model

MOST = 10_000  # users remembered at a time


class KnownUsers:
    """Asks the database for users, once for each as long as there are not very many."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def missing(self, named: set[int]) -> set[int]:
        """Those of the keys that are no user's."""
        asked = named - self._known
        if asked:
            users = get_user_model().objects.filter(pk__in=asked)
            found = set(users.values_list("pk", flat=True))
            self._known = found if len(self._known) > MOST else self._known | found
            asked -= found
        return asked


def no_user(pk: int) -> str:
    """Why a key cannot be accepted."""
    return f"there is no user {pk}; create the user or write null"
