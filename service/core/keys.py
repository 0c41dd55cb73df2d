"""API keys: `anju_live_<prefix>_<secret><checksum>` (API 2).

The prefix finds the row, the checksum tells a mistyped or truncated key from an unknown
one, and only the SHA-256 of the whole text is ever stored: the secret has 190 random
bits, so a slow hash would add nothing.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Callable
from dataclasses import dataclass

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_HEAD = "anju_live_"
_PREFIX, _SECRET, _CHECKSUM = 8, 32, 6
_FORM = re.compile(
    rf"{_HEAD}(?P<prefix>[0-9A-Za-z]{{{_PREFIX}}})_"
    rf"(?P<secret>[0-9A-Za-z]{{{_SECRET}}})(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM}}})",
    re.ASCII,
)

Draw = Callable[[str], str]  # picks one character of the alphabet


@dataclass(frozen=True, slots=True)
class Key:
    """A well-formed key as presented: where to look, and what to compare."""

    prefix: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A new key. `text` is shown once and kept nowhere."""

    text: str
    prefix: str
    digest: bytes


def mint(draw: Draw = secrets.choice) -> MintedKey:
    """Return a new key of random characters."""
    prefix = "".join(draw(ALPHABET) for _ in range(_PREFIX))
    body = f"{_HEAD}{prefix}_" + "".join(draw(ALPHABET) for _ in range(_SECRET))
    text = body + checksum(body)
    return MintedKey(text=text, prefix=prefix, digest=digest(text))


def parse(text: str) -> Key | None:
    """Return the key that `text` spells, or None when form or checksum are wrong."""
    match = _FORM.fullmatch(text)
    if match is None or not hmac.compare_digest(checksum(text[:-_CHECKSUM]), match["checksum"]):
        return None
    return Key(prefix=match["prefix"], digest=digest(text))


def digest(text: str) -> bytes:
    """Return what is stored of a key."""
    return hashlib.sha256(text.encode()).digest()


def same(stored: bytes, presented: bytes) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(stored, presented)


def checksum(body: str) -> str:
    """Return the CRC-32 of everything before it, in base 62."""
    number, found = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        number, rest = divmod(number, len(ALPHABET))
        found = ALPHABET[rest] + found
    return found
