"""JSON Web Tokens: the only module that imports the library behind them (the settings name its checker)."""

from __future__ import annotations

from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

__all__ = ["obtain_token", "refresh_token"]

obtain_token = TokenObtainPairView.as_view()
refresh_token = TokenRefreshView.as_view()
