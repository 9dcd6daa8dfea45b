"""One user's login: once, and renewed with the refresh token before the access token expires."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from common.accounts import Account
from common.answers import AccessToken, Login

T = TypeVar("T")

# An access token is renewed this many seconds, or this share of its lifetime, before its end: whichever
# is shorter.
MARGIN = 30.0
MARGIN_SHARE = 0.2


class Post(Protocol):
    """Posts JSON to a path and returns what `read` makes of the answer; raises if the service refuses."""

    def __call__(self, path: str, body: Mapping[str, str], read: Callable[[Any], T]) -> T: ...  # noqa: D102


class Session:
    """The tokens of one simulated user, who logs in at the first request, and tries again if that fails."""

    def __init__(self, post: Post, account: Account, clock: Callable[[], float] = time.monotonic) -> None:
        self._post = post
        self._account = account
        self._clock = clock
        self._access: AccessToken | None = None
        self._refresh = ""
        self._renew_at = 0.0

    def headers(self) -> dict[str, str]:
        """Return the header that identifies the user; log in or renew first if need be.

        Raises what `post` raises if the service does not let the user in.
        """
        return {"Authorization": f"Bearer {self._current().text}"}

    def user(self) -> int:
        """Return the user's id; log in first if need be. Raises as `headers` does."""
        return self._current().user

    def _current(self) -> AccessToken:
        if self._access is None:
            return self._log_in()
        return self._renew() if self._clock() >= self._renew_at else self._access

    def _log_in(self) -> AccessToken:
        who = {"username": self._account.username, "password": self._account.password}
        login = self._post("/api/token/", who, Login.read)
        self._refresh = login.refresh
        return self._keep(login.access)

    def _renew(self) -> AccessToken:
        self._access = None  # should the service refuse, the next request logs in afresh
        return self._keep(self._post("/api/token/refresh/", {"refresh": self._refresh}, AccessToken.read))

    def _keep(self, access: AccessToken) -> AccessToken:
        self._access = access
        self._renew_at = self._clock() + access.lifetime - min(MARGIN, MARGIN_SHARE * access.lifetime)
        return access
