"""Settings of the peers that use Django well: the service's for the database, and nothing to spare."""

from __future__ import annotations

import os

from drf_jwt_backend.databases import database

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {"default": database(os.environ["DATABASE_URL"])}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "ticketing"]
MIDDLEWARE: list[str] = []
TIME_ZONE = "UTC"
USE_TZ = True
