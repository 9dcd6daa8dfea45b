"""Who may do what: two roles, each a Django group."""

from __future__ import annotations

from enum import Enum

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User


class Role(Enum):
    """What a caller is to the helpdesk; the values of the first two are names of groups."""

    INSTRUCTOR = "instructors"
    STUDENT = "students"
    NONE = "none"


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """The role of `user`: superusers are instructors; the anonymous and the unassigned have none.

    Asks the database once for each user object, that is once in a request.
    """
    if not isinstance(user, User):
        return Role.NONE
    memo = vars(user)
    if "_role" not in memo:
        memo["_role"] = _look_up(user)
    role: Role = memo["_role"]
    return role


def _look_up(user: User) -> Role:
    if user.is_superuser:
        return Role.INSTRUCTOR
    groups = set(user.groups.values_list("name", flat=True))
    return next((role for role in (Role.INSTRUCTOR, Role.STUDENT) if role.value in groups), Role.NONE)


def ensure_groups(sender: AppConfig, using: str, apps: Apps = installed_apps, **_: object) -> None:
    """After each migrate: make the groups, and let instructors use the admin on tickets and departments.

    Roles decide in the API; Django's permissions decide in the admin.
    """
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:  # another app alone was migrated, and the accounts' tables are not there yet
        return
    # Django makes the permissions in a post_migrate receiver of its own; make sure that it has run.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    groups.get_or_create(name=Role.STUDENT.value)
    instructors, _created = groups.get_or_create(name=Role.INSTRUCTOR.value)
    models = ("department", "ticket")
    instructors.permissions.add(
        *permissions.filter(content_type__app_label=sender.label, content_type__model__in=models)
    )
