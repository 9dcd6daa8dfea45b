"""Where everything is."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from drf_jwt_backend import health, token_views
from drf_jwt_backend.whoami import WhoamiView

handler400 = "drf_jwt_backend.errors.bad_request"
handler404 = "drf_jwt_backend.errors.not_found"
handler500 = "drf_jwt_backend.errors.server_error"

urlpatterns = [
    path("api/", include("ticketing.urls")),  # first, since nearly all requests go there
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("api/auth/", include("rest_framework.urls")),
    path("api/token/", token_views.obtain_token, name="token"),
    path("api/token/refresh/", token_views.refresh_token, name="token-refresh"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    # "Split": its script is not in the page, so that the edge can forbid scripts there. Without OPTIONS: the
    # framework's answer to that is data, for which this view's page has no template; nor has it one for 401,
    # so a token is not looked at either.
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="schema", http_method_names=["get", "head"], authentication_classes=[]
        ),
        name="docs",
    ),
    path("api/whoami/", WhoamiView.as_view(), name="whoami"),
]
