"""Cookies are Secure where they come by HTTPS, and there at all where they do not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_secure_by_https_alone(instructor: User, *, secure: bool) -> None:
    instructor.set_password("right")
    instructor.save()
    form = {"username": instructor.username, "password": "right"}
    answer = Client().post("/api/auth/login/", form, secure=secure)
    assert set(answer.cookies) == {"sessionid", "csrftoken"}
    assert [bool(cookie["secure"]) for cookie in answer.cookies.values()] == [secure, secure]
    assert answer.cookies["sessionid"]["httponly"]
