"""JSON Web Tokens: who sent a request. Only this module and token_views import the library behind them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from django.contrib.auth.models import User
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token

from ticketing.roles import user_with_role


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <token>`. The user comes with the role, in one query."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        """The token, if it is good at this moment. Raises InvalidToken."""
        try:
            token = _verified(raw_token)
            token.check_exp(current_time=datetime.now(UTC))
        except TokenError as error:
            raise InvalidToken({"detail": str(error)}) from error
        return token

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]  # we have one kind of user
        """Whom the token speaks for. Raises AuthenticationFailed when the account is gone or disabled."""
        user = user_with_role(int(validated_token[api_settings.USER_ID_CLAIM]))
        if user is None:
            raise AuthenticationFailed("User not found", code="user_not_found")
        if not user.is_active:
            raise AuthenticationFailed("User is inactive", code="user_inactive")
        return user


@lru_cache(maxsize=4096)
def _verified(raw_token: bytes) -> AccessToken:
    """The token, if its signature is right: a good one stays good until it expires, a bad one is not kept."""
    return AccessToken(raw_token)  # type: ignore[arg-type]  # as the library itself calls it
