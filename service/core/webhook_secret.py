"""Secrets that sign webhooks: `whsec_` and 32 random bytes in base 64 (Standard Webhooks)."""

import base64
import secrets
from collections.abc import Callable

_BYTES = 32


def mint(draw: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return a new secret."""
    return "whsec_" + base64.b64encode(draw(_BYTES)).decode()
