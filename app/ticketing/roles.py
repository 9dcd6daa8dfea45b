"""Who may do what: three roles, each a Django group."""

from __future__ import annotations

from enum import Enum
from functools import cache

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from drf_jwt_backend.prepared import Slot, Statement


class Role(Enum):
    """What a caller is to the helpdesk; all values but the last are names of groups, the strongest first."""

    INSTRUCTOR = "instructors"
    AGENT = "agents"
    STUDENT = "students"
    NONE = "none"

    @property
    def works(self) -> bool:
        """Whether it works on other people's tickets."""
        return self in (Role.INSTRUCTOR, Role.AGENT)


GROUPS = tuple(role.value for role in Role if role is not Role.NONE)


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """The role of `user`: superusers are instructors; the anonymous and the unassigned have none.

    Asks the database once for each user object, unless `with_role` brought the answer along.
    """
    if not isinstance(user, User):
        return Role.NONE
    memo = vars(user)
    if "role_name" not in memo:
        memo["role_name"] = _strongest_group(user.pk).first()
    return Role.INSTRUCTOR if user.is_superuser else Role(memo["role_name"] or "none")


def with_role(users: QuerySet[User]) -> QuerySet[User]:
    """The users, each with the name of its strongest role's group (or None), in the same query."""
    return users.annotate(role_name=Subquery(_strongest_group(OuterRef("pk"))[:1]))


# What every request asks about the caller, in the order of the model's fields; the rest of an account is
# fetched when somebody wants it.
_CALLER = ("id", "is_superuser", "username", "is_staff", "is_active")


def user_with_role(key: int) -> User | None:
    """The user with this key and the role, in one query that was compiled once."""
    for *values, role_name in _user_by_key().fetch(key=key):
        user = User.from_db(DEFAULT_DB_ALIAS, _CALLER, values)
        vars(user)["role_name"] = role_name
        return user
    return None


@cache
def _user_by_key() -> Statement:
    found = with_role(User.objects.filter(pk=Slot("key")))
    return Statement.of(found.values_list(*_CALLER, "role_name"))


def _strongest_group(user: int | OuterRef) -> QuerySet[Group, str]:
    places = (When(name=name, then=Value(place)) for place, name in enumerate(GROUPS))
    strength = Case(*places, output_field=IntegerField())
    groups = Group.objects.filter(user=user, name__in=GROUPS)
    return groups.order_by(strength).values_list("name", flat=True)


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
    for name in GROUPS:
        groups.get_or_create(name=name)
    models = ("department", "ticket")
    groups.get(name=Role.INSTRUCTOR.value).permissions.add(
        *permissions.filter(content_type__app_label=sender.label, content_type__model__in=models)
    )
