"""Where a password is exchanged for tokens.

Apart from `tokens`, since Django REST framework imports that while it makes its own views.
"""

from __future__ import annotations

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from drf_jwt_backend.tokens import TokenAuthentication

__all__ = ["obtain_token", "refresh_token"]

obtain_token = TokenObtainPairView.as_view()
refresh_token = TokenRefreshView.as_view()


class TokenScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    """Tells the schema of our class what it knows of the library's."""

    target_class = f"{TokenAuthentication.__module__}.{TokenAuthentication.__qualname__}"
