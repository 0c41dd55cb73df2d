"""Takes uploads, whole or in parts; what is complete has been checked, copied and sealed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from service.commands.pictures import Bomb, Unreadable, copies
from service.commands.ports import Ports
from service.core.actors import Actor
from service.core.errors import AlreadyExists, Forbidden
from service.core.media import matches
from service.store import attachment
from service.store.unit_of_work import Tx

MOST_BY_LINK: Final = 60
"""Files that one link may bring: whoever finds a link must not be able to fill the disk."""

How = Literal["created", "same", "part", "gap", "digest_mismatch", "wrong_type", "bomb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Bytes from `start` of an attachment that has `total`. `media_type` is a permitted one."""

    actor: Actor
    id: UUID
    media_type: str
    digest: bytes
    total: int
    start: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the bytes; `received` says how many are kept."""

    how: How
    received: int = 0


def put(ports: Ports, cmd: Put) -> Stored:
    """Keep a part, or the whole. Bytes that turn out wrong are dropped.

    Raises AlreadyExists when the id stands for something else, also somebody else's, and
    Forbidden when a link has brought as many files as a link may.
    """
    with ports.uow() as tx:
        row = attachment.begin(tx, _row(cmd))
        if row["account_id"] != cmd.actor.id or bytes(row["digest"]) != cmd.digest:
            raise AlreadyExists
        if cmd.actor.link_ticket and attachment.count_of(tx, cmd.actor.id) > MOST_BY_LINK:
            raise Forbidden(f"uploads: {MOST_BY_LINK}")
        if row["complete_at"] is not None:
            return Stored("same", row["size"])
        stored = _keep(tx, cmd, row)
        if stored is not None:
            return stored
        content = attachment.original(tx, cmd.id)
    return _finish(ports, cmd, row["media_type"], content)


def _row(cmd: Put) -> Mapping[str, Any]:
    return {
        "id": cmd.id,
        "account": cmd.actor.id,
        "media_type": cmd.media_type,
        "size": cmd.total,
        "digest": cmd.digest,
    }


def _keep(tx: Tx, cmd: Put, row: Mapping[str, Any]) -> Stored | None:
    """Keep the part; None when all bytes are there."""
    end = cmd.start + len(cmd.content)
    if cmd.start == 0 and end == cmd.total:
        attachment.restart(tx, cmd.id, size=cmd.total)
    elif row["received"] == row["size"] == end:
        return None  # the last part again: its first try was cut off before the end
    elif cmd.start != row["received"] or cmd.total != row["size"]:
        return Stored("gap", row["received"])
    attachment.add_part(tx, cmd.id, start=cmd.start, part=cmd.content)
    return Stored("part", end) if end < cmd.total else None


def _finish(ports: Ports, cmd: Put, media_type: str, content: bytes) -> Stored:
    """Check and copy outside any transaction: a large photo takes a second."""
    how: How = "created"
    shown: Mapping[str, tuple[str, bytes]] = {}
    if hashlib.sha256(content).digest() != cmd.digest:
        how = "digest_mismatch"
    elif not matches(media_type, content):
        how = "wrong_type"
    else:
        try:
            shown = copies(media_type, content)
        except Unreadable:
            how = "wrong_type"
        except Bomb:
            how = "bomb"
    with ports.uow() as tx:
        if how == "created":
            attachment.complete(tx, cmd.id, shown)
        else:
            attachment.drop(tx, cmd.id)
    return Stored(how, len(content))
