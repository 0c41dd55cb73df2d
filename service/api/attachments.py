"""`/v1/attachments/{id}`: bytes in, whole or in parts, and out with ranges (API 8)."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.api.answers import UPLOADED
from service.commands.attachments import Put, Stored, put
from service.core import media
from service.core.actors import Role
from service.core.errors import FieldError, NotFound, ValidationFailed
from service.core.shapes import Choice
from service.edge.reading import Params
from service.edge.refusals import (
    PayloadTooLarge,
    RangeNotSatisfiable,
    UnsupportedMediaType,
)
from service.edge.routes import ANY_TYPE, MIB, Answer, Call, Policy, Route
from service.store import attachment

MOST_BYTES = 20 * MIB
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):")
_PART = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
_WRITES = Policy(frozenset(Role) - {Role.SYSTEM, Role.AUDITOR}, scope="events:write")
_READS = Policy(frozenset(Role) - {Role.SYSTEM}, scope="tickets:read")


class SizeQuery(Params):
    """Which copy of a picture."""

    size = Choice("full", "thumb", load_default="full")


def upload(call: Call) -> Answer:
    """Take the whole, or one part."""
    declared = media.permitted(call.headers.get("Content-Type", ""))
    if declared is None:
        raise UnsupportedMediaType(tuple(media.EXTENSIONS))
    start, total = _span(call)
    cmd = Put(
        actor=call.actor,
        id=_new_id(call),
        media_type=declared,
        digest=_digest(call.headers.get("Repr-Digest")),
        total=total,
        start=start,
        content=call.raw,
    )
    return _told(call, put(call.ports, cmd))


def _told(call: Call, stored: Stored) -> Answer:
    if stored.how == "gap":
        raise RangeNotSatisfiable(stored.received)
    if stored.how == "digest_mismatch":
        raise ValidationFailed([FieldError("", "digest_mismatch")])
    if stored.how == "wrong_type":
        raise UnsupportedMediaType(tuple(media.EXTENSIONS))
    if stored.how == "bomb":
        raise PayloadTooLarge(MOST_BYTES)
    headers = {"Upload-Offset": str(stored.received)}
    body = {"id": call.path["id"], "received": stored.received}
    if stored.how == "part":
        return Answer(202, body, headers)
    headers["Location"] = f"/v1/attachments/{call.path['id']}"
    return Answer(201 if stored.how == "created" else 200, {**body, "complete": True}, headers)


def _new_id(call: Call) -> UUID:
    if _ID.fullmatch(call.path["id"]) is None:
        raise NotFound
    return UUID(call.path["id"])


def _digest(header: str | None) -> bytes:
    found = _DIGEST.search(header or "")
    if found is None:
        raise ValidationFailed([FieldError("", "required", "Repr-Digest: sha-256=:…:")])
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise ValidationFailed([FieldError("", "digest_mismatch")]) from None


def _span(call: Call) -> tuple[int, int]:
    """Return where the bytes begin and how many there will be. A lie is refused."""
    header = call.headers.get("Content-Range")
    if header is None:
        start, total = 0, len(call.raw)
    else:
        found = _PART.fullmatch(header.strip())
        if found is None:
            raise ValidationFailed([FieldError("", "wrong_type", "Content-Range")])
        start, last, total = (int(number) for number in found.groups())
        if total > MOST_BYTES:
            raise PayloadTooLarge(MOST_BYTES)
        if last - start + 1 != len(call.raw) or last >= total:
            raise ValidationFailed([FieldError("", "out_of_range", "Content-Range")])
    if not call.raw:
        raise ValidationFailed([FieldError("", "too_short")])
    return start, total


def offset(call: Call) -> Answer:
    """Tell how far one's own upload has come, or that a visible one is whole."""
    ident = _new_id(call)
    with call.ports.uow() as tx:
        row = attachment.received(tx, ident, call.actor.id)
        seen = None if row else attachment.shown(tx, ident, call.actor, "thumb")
    if row is None and seen is None:
        raise NotFound
    if row is None:
        return Answer(200)
    headers = {"Upload-Offset": str(row["received"]), "Cache-Control": "private, no-store"}
    return Answer(200 if row["complete_at"] else 204, None, headers)


def download(call: Call) -> Answer:
    """Serve the copy of a picture, or the file itself when it is no picture."""
    ident, size = _new_id(call), call.query["size"]
    with call.ports.uow() as tx:
        row = attachment.shown(tx, ident, call.actor, size)
        if row is None:
            raise NotFound
        content = row["bytes"]
        if content is None and size == "full" and not media.is_image(row["media_type"]):
            content = attachment.original(tx, ident)
    if content is None:
        raise NotFound
    return _served(call, row, bytes(content), size)


def _served(call: Call, row: Mapping[str, Any], content: bytes, size: str) -> Answer:
    media_type = row["copy_type"] or row["media_type"]
    name = f"{row['id']}.{media.EXTENSIONS[media_type]}"
    headers = {
        "ETag": f'"{bytes(row["digest"]).hex()[:32]}-{size}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    asked = _RANGE.fullmatch(call.headers.get("Range", "").strip())
    if asked is None or asked.groups() == ("", "") or _stale(call, headers["ETag"]):
        return Answer(200, content, headers, media_type)
    first, last = _bounds(asked[1], asked[2], len(content))
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Answer(206, content[first : last + 1], headers, media_type)


def _stale(call: Call, tag: str) -> bool:
    """Tell whether a range was asked of something that is here no longer."""
    condition = call.headers.get("If-Range")
    return condition is not None and condition != tag


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the first and last byte of a range; `-n` means the last n."""
    if first == "":
        return max(0, size - int(last)), size - 1
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if start >= size or end < start:
        raise RangeNotSatisfiable(size, size)
    return start, end


ROUTES = (
    Route(method="PUT", path="/v1/attachments/{id}", policy=_WRITES, handler=upload,
          tag="attachments", summary="Upload, whole or in parts", media=(ANY_TYPE,),
          most_bytes=MOST_BYTES, answers={200: UPLOADED, 201: UPLOADED, 202: UPLOADED}),
    Route(method="HEAD", path="/v1/attachments/{id}", policy=_READS, handler=offset,
          tag="attachments", summary="How far an upload has come", query=SizeQuery),
    Route(method="GET", path="/v1/attachments/{id}", policy=_READS, handler=download,
          tag="attachments", summary="Download, or preview a picture", query=SizeQuery,
          answers={200: None, 206: None}),
)  # fmt: skip
