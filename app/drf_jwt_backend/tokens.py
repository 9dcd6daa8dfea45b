"""JSON Web Tokens: who sent a request. Only this module and token_views import the library behind them."""

from __future__ import annotations

from django.contrib.auth.models import User
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from ticketing.roles import user_with_role


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <token>`. The user comes with the role, in one query."""

    def get_user(self, validated_token: Token) -> User:
        """Whom the token speaks for. Raises AuthenticationFailed when the account is gone or disabled."""
        user = user_with_role(int(validated_token[api_settings.USER_ID_CLAIM]))
        if user is None:
            raise AuthenticationFailed("User not found", code="user_not_found")
        if not user.is_active:
            raise AuthenticationFailed("User is inactive", code="user_inactive")
        return user
