"""What is checked before a run: its target, its scenarios, and where its files go."""

import sys
from argparse import Namespace

import flask
from locust.env import Environment
from locust.web import WebUI

from common import options, targets
from common.recording import judge
from common.refusal import RefusedError


def refuse_or_prepare(environment: Environment) -> None:
    """Refuse a wrong target or a scenario that is not ready: says why, and exits with 2."""
    try:
        judge.folder()
        options.check(vars(environment.parsed_options or Namespace()))
        check_targets(environment)
        for user_class in environment.user_classes:
            if prepare := getattr(user_class, "prepare", None):
                prepare()
    except RefusedError as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(2)


def check_targets(environment: Environment) -> None:
    """Raise RefusedError if the host asked for, or one that a scenario names itself, is not the lab's."""
    for host in [environment.host] if environment.host else [user.host for user in environment.user_classes]:
        if host:  # without any, Locust itself says so
            targets.check_url(host)


def refuse_all_at_once(environment: Environment, chosen: list[str]) -> None:
    """Raise RefusedError if every scenario there is was chosen: that is how the web UI's form begins."""
    if len(chosen) > 1 and set(chosen) == set(environment.available_user_classes or ()):
        raise RefusedError(
            "All scenarios at once measure nothing in particular; clear the box above them, and choose one."
        )


def guard(web_ui: WebUI) -> None:
    """Have the web UI refuse a run against another host, since anyone who can reach it can ask for one.

    And one with options that cannot be: Locust takes whatever the form says.
    """
    assert web_ui.app is not None  # noqa: S101 (made in its constructor)

    @web_ui.app.before_request
    def refuse() -> flask.Response | None:
        try:
            options.check(flask.request.form)
            refuse_all_at_once(web_ui.environment, flask.request.form.getlist("user_classes"))
            if host := flask.request.form.get("host"):
                targets.check_url(host)
        except RefusedError as refusal:
            return flask.jsonify({"success": False, "message": str(refusal)})
        return None
