"""Photos of the demo world: small drawn pictures, said to be such in the picture itself."""

import hashlib
import io
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from service.store import rows
from service.store.unit_of_work import Tx

_SIZE = (320, 240)
_COLOURS = ("#7a8b99", "#8f7a63", "#5f7f74", "#86707f", "#6f6f8f", "#92866a")
_MEDIA_TYPE = "image/jpeg"

_ATTACH = rows.recordset(
    "INSERT INTO attachment ({names}) SELECT * FROM {rows}",
    {
        "id": "uuid", "account_id": "uuid", "media_type": "text", "size": "bigint",
        "received": "bigint", "digest": "bytea", "created_at": "timestamptz",
        "complete_at": "timestamptz",
    },
)  # fmt: skip
_PARTS = rows.recordset(
    "INSERT INTO attachment_part ({names}) SELECT * FROM {rows}",
    {"attachment_id": "uuid", "start": "bigint", "bytes": "bytea"},
)
_COPIES = rows.recordset(
    "INSERT INTO attachment_copy ({names}) SELECT * FROM {rows}",
    {"attachment_id": "uuid", "size": "text", "media_type": "text", "bytes": "bytea"},
)


@cache
def picture(number: int) -> bytes:
    """Return one of a few JPEGs; the same number gives the same bytes."""
    image = Image.new("RGB", _SIZE, _COLOURS[number % len(_COLOURS)])
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 60, 300, 200), outline="white", width=3)
    draw.line((20, 60, 300, 200), fill="white")
    draw.text((28, 20), f"ANJU DEMO - drawn picture {number}", fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()


def upload(tx: Tx, photos: Iterable[tuple[UUID, UUID]], at: datetime) -> None:
    """Store pictures as (id, account) uploads, complete, with the copies that are shown."""
    made: list[dict[str, Any]] = []
    for ident, account in photos:
        content = picture(ident.int % 12)
        made.append({"id": ident, "account_id": account, "content": content})
    rows.run(tx.conn, _ATTACH, (_head(photo, at) for photo in made))
    rows.run(
        tx.conn,
        _PARTS,
        ({"attachment_id": p["id"], "start": 0, "bytes": p["content"]} for p in made),
    )
    rows.run(
        tx.conn,
        _COPIES,
        (
            {
                "attachment_id": p["id"],
                "size": size,
                "media_type": _MEDIA_TYPE,
                "bytes": p["content"],
            }
            for p in made
            for size in ("full", "thumb")
        ),
    )


def _head(photo: dict[str, Any], at: datetime) -> dict[str, Any]:
    content = photo["content"]
    return {
        "id": photo["id"],
        "account_id": photo["account_id"],
        "media_type": _MEDIA_TYPE,
        "size": len(content),
        "received": len(content),
        "digest": hashlib.sha256(content).digest(),
        "created_at": at,
        "complete_at": at,
    }
