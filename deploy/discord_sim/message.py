"""The two forms of a message: Discord's object, which the sender gets, and the ledger's record."""

from __future__ import annotations

from datetime import UTC, datetime

from discord_sim.payload import Payload, embed_texts
from discord_sim.replies import Json

CHANNEL_ID = "203011380000000001"
GUILD_ID = "203011380000000000"
NAME = "Ticket Lab"
DISCORD_EPOCH_MS = 1_420_070_400_000  # snowflakes count from 2015-01-01


def webhook_object(webhook_id: str) -> Json:
    """Return the webhook object. Without `token`: the caller has it, and logs should not."""
    return {
        "id": webhook_id,
        "type": 1,
        "application_id": None,
        "avatar": None,
        "channel_id": CHANNEL_ID,
        "guild_id": GUILD_ID,
        "name": NAME,
    }


def message_object(payload: Payload, webhook_id: str, serial: int, epoch: float) -> Json:
    """Return the message object of `?wait=true`. `serial` tells apart the messages of one millisecond."""
    snowflake = (int(epoch * 1000) - DISCORD_EPOCH_MS) << 22 | serial % (1 << 22)
    author = {"id": webhook_id, "username": payload.username or NAME, "avatar": None}
    return {
        "id": str(snowflake),
        "type": 0,
        "content": payload.content,
        "channel_id": CHANNEL_ID,
        "author": author | {"discriminator": "0000", "bot": True},
        "attachments": [],
        "embeds": payload.embeds,
        "components": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "timestamp": iso(epoch),
        "edited_timestamp": None,
        "flags": payload.flags,
        "webhook_id": webhook_id,
    }


def record(message: Json) -> Json:
    """Return what the ledger keeps of a message object; of each embed, its texts on lines of their own."""
    return {
        "id": message["id"],
        "content": message["content"],
        "embeds": ["\n".join(embed_texts(embed)) for embed in message["embeds"]],
        "username": message["author"]["username"],
        "received_at": message["timestamp"],
    }


def iso(epoch: float) -> str:
    """Return seconds since the epoch as Discord writes times: ISO 8601, microseconds, UTC."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="microseconds")
