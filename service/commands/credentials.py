"""Looks a presented key up, and notes its use."""

from collections.abc import Mapping
from typing import Any

from service.commands.ports import Ports
from service.core import keys
from service.store import credential


def look_up(ports: Ports, key: keys.Key) -> Mapping[str, Any] | None:
    """Return the row of a key's prefix; its use is noted at most once a minute.

    The row may belong to another secret, or be revoked or expired: the caller judges.
    """
    with ports.uow() as tx:
        row = credential.by_prefix(tx, key.prefix)
        if row is not None and row["stale"] and _good(row, key):
            credential.touch(tx, row["key_id"])
    return row


def _good(row: Mapping[str, Any], key: keys.Key) -> bool:
    ended = row["revoked_at"] is not None or row["expired"] or not row["active"]
    return not ended and keys.same(bytes(row["hash"]), key.digest)
