"""What a student draws: which eight weaknesses are planted, and with which values."""

from __future__ import annotations

from dataclasses import dataclass

from lab.exercises.student import Draw

# How many of each layer's weaknesses a student gets; with one more, of Nginx or a container, they are eight.
SHARES = {"nginx": 2, "firewall": 1, "container": 1, "service": 1, "people": 1, "files": 1}
EITHER = ("nginx", "container")
ACCOUNTS = (
    "library-desk", "print-kiosk", "night-shift", "lab-monitor", "front-office",
    "exam-room", "archive-desk", "field-team", "stock-room", "guest-desk",
)  # fmt: skip
GUESSABLE = "password-guessable"  # for this one passwords are tried, which takes time
# A word and a year pass Django's rules for passwords, and stand near the top of every guesser's list.
PASSWORDS = tuple(f"{word}-{year}" for word in ("autumn", "summer", "campus") for year in (2025, 2026))
FOLDERS = ("backup", "share", "export", "drop", "public-files")


@dataclass(frozen=True)
class Drawn:
    """The words of the planted weaknesses, and the values that some of them need.

    `accounts`: three that are there besides the lab's own users; the first is the one that is wrong. `tries`:
    how many log-ins the student sends at once.
    """

    words: tuple[str, ...]
    host: str
    capability: str
    port: int
    target: str
    folder: str
    megabytes: int
    seconds: int
    accounts: tuple[str, ...]
    password: str
    tries: int


def draw(draw: Draw, layers: dict[str, tuple[str, ...]]) -> Drawn:
    """Draw from a pool: the words of each layer."""
    extra = draw.one_of(EITHER)
    chosen = {
        word
        for layer, words in layers.items()
        for word in draw.some_of(words, SHARES[layer] + (layer == extra))
    }
    return Drawn(
        words=tuple(word for words in layers.values() for word in words if word in chosen),
        host=draw.one_of(("edge", "app1", "app2")),
        capability=draw.one_of(("NET_RAW", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH")),
        port=draw.whole(18000, 18999),
        target=draw.one_of(("app1", "app2", "live")),
        folder=draw.one_of(FOLDERS),
        megabytes=draw.whole(200, 900, 50),
        seconds=draw.whole(300, 900, 60),
        accounts=draw.some_of(ACCOUNTS, 3),
        password=draw.one_of(PASSWORDS),
        tries=draw.whole(150, 310, 40),
    )
