"""The HTTP face of the stand-in: Discord's routes, the lab's own routes, and the page."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from discord_sim import payload, replies
from discord_sim.bucket import Limit
from discord_sim.clock import Clock, SystemClock
from discord_sim.config import Config
from discord_sim.payload import Payload
from discord_sim.replies import Refusal
from discord_sim.webhook import Webhook

BODY_LIMIT = 10 * 1024 * 1024  # bytes; what Discord takes from a webhook without boosts
SHOWN = 100  # messages on the page

discord = Blueprint("discord", __name__)
lab = Blueprint("lab", __name__)


def create_app(config: Config, clock: Clock | None = None) -> Flask:
    """Build the WSGI application. Raises OSError if the ledger's file can't be used."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.extensions["webhook"] = Webhook(config, clock or SystemClock())
    app.register_blueprint(discord)
    app.register_blueprint(lab)
    app.register_error_handler(Refusal, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse_fault)
    app.after_request(_sign)
    return app


def _webhook() -> Webhook:
    webhook: Webhook = current_app.extensions["webhook"]
    return webhook


@discord.get("/api/webhooks/<webhook_id>/<token>")
@discord.get("/api/v9/webhooks/<webhook_id>/<token>")
@discord.get("/api/v10/webhooks/<webhook_id>/<token>")
def describe(webhook_id: str, token: str) -> ResponseReturnValue:
    """Get Webhook with Token."""
    _webhook().authenticate(webhook_id, token)
    return jsonify(_webhook().describe())


@discord.post("/api/webhooks/<webhook_id>/<token>")
@discord.post("/api/v9/webhooks/<webhook_id>/<token>")
@discord.post("/api/v10/webhooks/<webhook_id>/<token>")
def execute(webhook_id: str, token: str) -> ResponseReturnValue:
    """Execute Webhook: 204, or 200 with the message for `?wait=true`."""
    _webhook().authenticate(webhook_id, token)
    answer, headers = _webhook().execute(_read())
    if isinstance(answer, Refusal):
        return jsonify(answer.body), answer.status, headers
    if request.args.get("wait", "").lower() in ("true", "1"):
        return jsonify(answer), 200, headers
    return "", 204, headers


def _read() -> Payload | Refusal:
    try:
        return payload.read(request)
    except Refusal as refusal:
        return refusal


@lab.get("/")
def page() -> ResponseReturnValue:
    """Show the newest messages and the counters."""
    html = render_template("messages.html", stats=_webhook().stats(), messages=_webhook().newest(SHOWN))
    return html, {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}


@lab.get("/_lab/messages")
def messages() -> ResponseReturnValue:
    """Return all messages as a JSON list, oldest first, each with the ticket ids found in it."""
    return Response(_json_list(_webhook().messages()), mimetype="application/json")


def _json_list(lines: list[bytes]) -> Iterator[bytes]:
    yield b"["
    for number, line in enumerate(lines):
        yield b"," + line if number else line
    yield b"]\n"


@lab.delete("/_lab/messages")
def forget() -> ResponseReturnValue:
    """Forget all messages and counters."""
    _webhook().forget()
    return "", 204


@lab.get("/_lab/stats")
def stats() -> ResponseReturnValue:
    """Return the counters and both windows."""
    return jsonify(_webhook().stats())


@lab.get("/_lab/limits")
def limits() -> ResponseReturnValue:
    """Return both limits in the form that PUT takes."""
    return jsonify({name: window["limit"] for name, window in _webhook().stats()["windows"].items()})


@lab.put("/_lab/limits")
def set_limits() -> ResponseReturnValue:
    """Change limits, for example `{"webhook": "5/2", "channel": "30/60"}`; one left out stays as it is."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not body.keys() <= {"webhook", "channel"}:
        return jsonify({"message": 'send JSON such as {"webhook": "5/2", "channel": "30/60"}'}), 400
    now = {name: window["limit"] for name, window in _webhook().stats()["windows"].items()}
    try:
        wanted = {name: Limit.parse(str(text)) for name, text in (now | body).items()}
    except ValueError as error:
        return jsonify({"message": str(error)}), 400
    _webhook().set_limits(**wanted)
    return limits()


@lab.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify({"status": "ok"})


def _refuse(refusal: Refusal) -> ResponseReturnValue:
    return jsonify(refusal.body), refusal.status


def _refuse_http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, RequestEntityTooLarge):
        return _refuse(replies.too_large())
    headers = [(name, value) for name, value in error.get_headers() if name in ("Allow", "Location")]
    refusal = replies.plain(error.code or 500, error.name)
    return jsonify(refusal.body), refusal.status, headers


def _refuse_fault(error: Exception) -> ResponseReturnValue:
    # Not Flask's own log line: that one has the path, and with it the token.
    rule = request.url_rule.rule if request.url_rule else "no route"
    current_app.logger.error("%s in %s %s", type(error).__name__, request.method, rule)
    return _refuse(replies.plain(500, "Internal Server Error"))


def _sign(response: Response) -> Response:
    # Discord's edge adds this; a client may take its absence on a 429 as a ban by the layer before it.
    response.headers["Via"] = "1.1 google"
    return response
