"""What Gunicorn serves: `gunicorn -c deploy/discord_sim/gunicorn.conf.py discord_sim.wsgi:app`."""

import os

from discord_sim.config import Config, ConfigError
from discord_sim.server import create_app

try:
    app = create_app(Config.from_env(os.environ))
except ConfigError as error:
    raise SystemExit(f"discord stand-in: {error}") from None
except OSError as error:
    raise SystemExit(
        f"discord stand-in: DISCORD_LEDGER names {error.filename}, which cannot be used: {error.strerror}."
    ) from None
except ValueError as error:
    raise SystemExit(f"discord stand-in: {error}; move that file away, or correct the line.") from None
