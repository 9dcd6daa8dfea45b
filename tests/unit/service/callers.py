"""People with roles, and the clients that they use."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

PASSWORD = "correct-horse-battery"


def make_user(name: str, group: str | None = None) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def client_of(user: User) -> APIClient:
    client = APIClient()
    # A fresh object each time, as with a real token: nothing remembered on `user` can leak into the API.
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client
