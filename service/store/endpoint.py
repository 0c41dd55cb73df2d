"""Webhook endpoints as the relay and the sender see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send and with what to sign. `old_secret` is None once it has run out."""

    id: UUID
    account_id: UUID
    url: str
    types: tuple[str, ...]
    place_key: str
    secret: str
    old_secret: str | None


_READ = """
SELECT id, account_id, url, types, place_key, secret,
       CASE WHEN old_until > app_now() THEN old_secret END AS old_secret
  FROM webhook_endpoint WHERE disabled_at IS NULL"""
_ENABLED = text(_READ)
_SOME = text(_READ + " AND id = ANY(:ids)")
_SLOW = text("""
UPDATE webhook_endpoint SET slow_until = clock_timestamp() + make_interval(secs => :secs)
 WHERE id = :id""")
_DISABLE = text("""
UPDATE webhook_endpoint SET disabled_at = app_now(), disabled_why = :why, version = version + 1
 WHERE id = :id AND disabled_at IS NULL""")
_TELL_OWNER = text("""
INSERT INTO inbox (id, account_id, ticket_id, event_seq, topic, at)
SELECT :id, e.account_id, o.ticket_id, o.event_seq, :topic, app_now()
  FROM webhook_endpoint e JOIN outbox o ON o.id = :outbox WHERE e.id = :endpoint
ON CONFLICT DO NOTHING""")


def enabled(tx: Tx) -> Sequence[Endpoint]:
    """Return every endpoint that is not disabled."""
    return _endpoints(rows.many(tx.conn.execute(_ENABLED)))


def some(tx: Tx, ids: Iterable[UUID]) -> Mapping[UUID, Endpoint]:
    """Return the enabled ones among these."""
    found = rows.many(tx.conn.execute(_SOME, {"ids": list(ids)}))
    return {endpoint.id: endpoint for endpoint in _endpoints(found)}


def slow_down(tx: Tx, endpoint_id: UUID, *, for_s: float) -> None:
    """Send nothing to the endpoint for so many seconds."""
    tx.conn.execute(_SLOW, {"id": endpoint_id, "secs": for_s})


def disable(tx: Tx, endpoint_id: UUID, *, why: str) -> bool:
    """Send nothing any more until somebody enables it; False when it was so already."""
    return tx.conn.execute(_DISABLE, {"id": endpoint_id, "why": why}).rowcount == 1


def tell_owner(tx: Tx, endpoint_id: UUID, outbox_id: int, *, entry: UUID, topic: str) -> None:
    """Put a word into the owner's inbox, beside the ticket whose delivery ended it."""
    params = {"id": entry, "endpoint": endpoint_id, "outbox": outbox_id, "topic": topic}
    tx.conn.execute(_TELL_OWNER, params)


def _endpoints(found: Iterable[Mapping[str, Any]]) -> list[Endpoint]:
    return [Endpoint(**{**row, "types": tuple(row["types"])}) for row in found]
