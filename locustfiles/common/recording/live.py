"""Where the time goes, while a run is on: a page of our own in Locust's web UI."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from locust.web import WebUI

from common.recording.crew import Sums
from common.recording.phases import Parts

PAGES = Path(__file__).parent / "pages"
LINK = '<a href="./time-shares" style="{style}">Where the time goes</a>'
STYLE = (
    "position:fixed;right:1rem;bottom:1rem;z-index:9;padding:.4rem .8rem;border-radius:.4rem;"
    "background:#1d5c4a;color:#fff;font:14px sans-serif;text-decoration:none"
)


def show(web_ui: WebUI, sums: Callable[[], Sums]) -> None:
    """Add the page, its figures, and a link to it on Locust's own page."""
    app = web_ui.app
    options = web_ui.environment.parsed_options
    assert app is not None and options is not None  # noqa: S101, PT018 (a web UI has both)
    page = (PAGES / "time-shares.html").read_text(encoding="utf-8")
    link = LINK.format(style=STYLE).encode()
    pages = flask.Blueprint("lab", __name__, url_prefix=options.web_base_path)

    @pages.route("/time-shares")
    @web_ui.auth_required_if_enabled  # type: ignore[untyped-decorator]
    def time_shares() -> str:
        return page

    @pages.route("/time-shares.json")
    @web_ui.auth_required_if_enabled  # type: ignore[untyped-decorator]
    def figures() -> flask.Response:
        return flask.jsonify(means(sums()))

    @app.after_request
    def add_link(response: flask.Response) -> flask.Response:
        if flask.request.endpoint == "locust.index" and response.mimetype == "text/html":
            response.set_data(response.get_data().replace(b"</body>", link + b"</body>"))
        return response

    app.register_blueprint(pages)


def means(sums: Sums) -> list[dict[str, Any]]:
    """Return for each kind of request how many there were, and the mean milliseconds of each part."""
    return [
        {
            "method": method,
            "name": name,
            "requests": int(count),
            "parts": {part: total / count for part, total in zip(Parts._fields, totals, strict=True)},
        }
        for (method, name), (count, *totals) in sorted(sums.items())
    ]
