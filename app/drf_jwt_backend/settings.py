"""Settings of the ticketing service; whatever differs from place to place comes from the environment.

`<NAME>_FILE` reads the value of `<NAME>` from a file instead: the way to hand over a secret.
"""

from __future__ import annotations

import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

from environs import validate

from drf_jwt_backend.databases import serving
from drf_jwt_backend.environment import env, read
from drf_jwt_backend.logs import logging_to_stdout
from drf_jwt_backend.validators import addresses, log_level, origins, rate

BASE_DIR = Path(__file__).resolve().parent.parent

# --- From the environment ------------------------------------------------------------------------------

SECRET_KEY = read(
    env.str,
    "SECRET_KEY",
    validate=validate.Length(min=32),
    mend="give it at least 32 characters that nobody can guess, for example with "
    """export SECRET_KEY="$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))')".""",
)
DEBUG = read(env.bool, "DEBUG", default=False, mend="say true or false.")
ALLOWED_HOSTS = read(
    env.list,
    "ALLOWED_HOSTS",
    default=["10.10.10.1", "localhost", "127.0.0.1"],
    validate=validate.Length(min=1),
    mend="list at least one host name or address, with commas and no spaces.",
)
CSRF_TRUSTED_ORIGINS = read(
    env.list,
    "CSRF_TRUSTED_ORIGINS",
    default=[],
    validate=origins,
    mend="list origins such as http://localhost:8080, with commas and no spaces.",
)
_database = read(
    env.database,
    "DATABASE_URL",
    default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}",
    mend="write sqlite:////absolute/path/db.sqlite3 or postgres://user:password@host:5432/name.",
)
# PostgreSQL's, where the URL has none: a secret.
DATABASE_PASSWORD = read(env.str, "DATABASE_PASSWORD", default="", mend="name a file that can be read.")
# How many connections a process keeps: what serves requests sets it to its threads (gunicorn.conf.py).
DATABASE_POOL = read(
    env.int, "DATABASE_POOL", default=0, validate=validate.Range(min=0), mend="say how many: 0, 1, 2, …"
)
DATABASES = {"default": serving(_database, DATABASE_PASSWORD, DATABASE_POOL)}
# How many proxies stand in front: exactly that many entries at the end of X-Forwarded-For are trusted.
NUM_PROXIES = read(
    env.int, "NUM_PROXIES", default=0, validate=validate.Range(min=0), mend="say how many: 0, 1, 2, …"
)
THROTTLE_FILE_TICKET = read(
    env.str, "THROTTLE_FILE_TICKET", default="10/min", validate=rate, mend="write a rate such as 10/min."
)
MEDIA_ROOT = read(env.path, "MEDIA_ROOT", default=BASE_DIR / "media", mend="name a directory.")
STATIC_ROOT = read(env.path, "STATIC_ROOT", default=BASE_DIR / "staticfiles", mend="name a directory.")
LOG_LEVEL = read(
    env.str, "LOG_LEVEL", default="INFO", validate=log_level, mend="write it in capitals, for example INFO."
)
# A secret: whoever has it can post to the channel.
DISCORD_WEBHOOK_URL = read(env.str, "DISCORD_WEBHOOK_URL", default="", mend="name a file that can be read.")
# Addresses that are not of the public internet and that the webhook may have all the same: a stand-in's.
DISCORD_WEBHOOK_INSIDE = read(
    env.list,
    "DISCORD_WEBHOOK_INSIDE",
    default=[],
    validate=addresses,
    mend="list IP addresses with commas and no spaces.",
)

# --- The project ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "ticketing",
]
MIDDLEWARE = [
    # First, so that its time and its headers cover every answer, refusals of the others included.
    "drf_jwt_backend.diagnostics.DiagnosticsMiddleware",
    "drf_jwt_backend.leftovers.LeftoversMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "drf_jwt_backend.pages.Sessions",
    "django.middleware.common.CommonMiddleware",
    "drf_jwt_backend.pages.Forms",
    "drf_jwt_backend.pages.Users",
    "drf_jwt_backend.pages.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "drf_jwt_backend.urls"
WSGI_APPLICATION = "drf_jwt_backend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False  # all is in English

# --- Files ---------------------------------------------------------------------------------------------

STATIC_URL = "static/"
MEDIA_URL = "media/"
# Nginx, which hands the pictures out, is another user than the app, and reads them through /data's x bit.
FILE_UPLOAD_PERMISSIONS = 0o644
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755
# Where `collectstatic` has not run (a checkout, `runserver`), WhiteNoise serves from the packages themselves.
WHITENOISE_USE_FINDERS = not any(STATIC_ROOT.glob("*"))
warnings.filterwarnings("ignore", message="No directory at")

# --- Security ------------------------------------------------------------------------------------------

# Behind a proxy, links begin with the scheme that the client used. The proxy overwrites this header; without
# a proxy it would be a client's own word, so then nobody is believed.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NUM_PROXIES else None
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # it looks for Django's own CsrfViewMiddleware by name, and ours is a subclass
    # HTTPS is the edge's, and off until somebody wants it: HSTS and the redirect are set there (make tls).
    "security.W004",
    "security.W008",
    # Cookies are Secure wherever the request came by HTTPS: drf_jwt_backend.pages.
    "security.W010",
]
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True  # the CSRF cookie is not: the pages' own scripts must read it
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # gone with the browser: one that came by HTTPS cannot be replaced by HTTP

# --- The API -------------------------------------------------------------------------------------------

LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "api-root"
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "drf_jwt_backend.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "drf_jwt_backend.negotiation.Negotiation",
    "DEFAULT_RENDERER_CLASSES": [
        "ticketing.api.rendering.QuickJSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "ticketing.api.parsing.StrictJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "drf_jwt_backend.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"file_ticket": THROTTLE_FILE_TICKET},
    "EXCEPTION_HANDLER": "ticketing.api.refusals.exception_handler",
    "NUM_PROXIES": NUM_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Long enough for an experiment with curl; whoever is deactivated is out at the next request all the same.
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(minutes=30)}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Ticketing",
    "DESCRIPTION": "The helpdesk behind the lab's reverse proxy.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ticketing.api.documents.add_selection",
        "drf_jwt_backend.schema.add_errors",
    ],
    # From the installed package, not from a content delivery network: a lab VM often has no internet.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Logging -------------------------------------------------------------------------------------------

LOGGING = logging_to_stdout(LOG_LEVEL)
