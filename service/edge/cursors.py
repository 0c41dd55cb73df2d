"""Opaque page cursors, signed for one caller, one list and its filters (API 1)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from service.core.errors import InvalidCursor

_TAG = 12


def bound_to(*parts: Any) -> bytes:
    """Return the digest of what a cursor belongs to: actor, path, filters, sort."""
    text = orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).digest()


def write(position: Any, *, secret: str, binding: bytes) -> str:
    """Return the cursor of a position in a list."""
    body = orjson.dumps(position, default=str)
    tag = _tag(body, secret, binding)
    return base64.urlsafe_b64encode(tag + body).rstrip(b"=").decode()


def read(cursor: str, *, secret: str, binding: bytes) -> Any:
    """Return the position. Raises InvalidCursor for an altered or foreign one."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
    tag, body = raw[:_TAG], raw[_TAG:]
    if not hmac.compare_digest(tag, _tag(body, secret, binding)):
        raise InvalidCursor
    return orjson.loads(body)


def _tag(body: bytes, secret: str, binding: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"cursor" + binding + body, "sha256")[:_TAG]


def page(
    rows: list[Any], *, limit: int, next_cursor: str | None, total: int | None = None
) -> Mapping[str, Any]:
    """Return the body of a page (API 1)."""
    found: dict[str, Any] = {
        "data": rows[:limit],
        "has_more": next_cursor is not None,
        "next_cursor": next_cursor,
    }
    if total is not None:
        found["total"] = total
    return found
