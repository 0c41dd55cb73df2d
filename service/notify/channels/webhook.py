"""Signed webhooks after the Standard Webhooks specification (API 15)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook as Signer

from service.core.errors import ValidationFailed
from service.core.ids import derived
from service.core.shapes import instant, stamp
from service.notify.channel import PermanentError, TransientError
from service.notify.http_post import Answer, Request, post
from service.notify.letter import Letter
from service.notify.url_policy import check_url
from service.store import delivery, endpoint
from service.store.delivery import Leased
from service.store.endpoint import Endpoint
from service.store.unit_of_work import Tx

TIMEOUT_S = 15.0
MOST_BYTES = 20_000
_GONE = 410
_OVERBURDENED = (429, 502, 504)


class Webhook:
    """Makes a delivery for each enabled endpoint that wants the type and has the place."""

    name = "webhook"

    def take_over(
        self, tx: Tx, letters: Sequence[Letter], people: Mapping[int, Sequence[UUID]]
    ) -> int:
        """Insert deliveries; return how many."""
        spoken = [letter for letter in letters if letter.types]
        endpoints = endpoint.enabled(tx) if spoken else ()
        parcels = [p for letter in spoken for p in _parcels(letter, endpoints)]
        delivery.put(tx, parcels)
        return len(parcels)


def _parcels(letter: Letter, endpoints: Sequence[Endpoint]) -> Iterator[Mapping[str, Any]]:
    for one in endpoints:
        name = wanted(one.types, letter.types)
        if name is None or not letter.place_key.startswith(one.place_key):
            continue
        yield {
            "id": derived("delivery", letter.id, Webhook.name, one.id),
            "outbox_id": letter.id,
            "channel": Webhook.name,
            "recipient": one.id,
            "body": body_of(letter, name),
            "created_at": letter.now,
        }


def wanted(patterns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the first name that a pattern covers; `sla.*` covers all that begin with `sla.`."""
    for name in names:
        for pattern in patterns:
            if pattern == name or (pattern.endswith(".*") and name.startswith(pattern[:-1])):
                return name
    return None


def body_of(letter: Letter, name: str) -> Mapping[str, Any]:
    """Return the body: ids and state as of the event, never a name or a phone number.

    `data.ticket.version` and `data.seq` let the receiver put bodies in order.
    """
    ticket = {
        "id": str(letter.ticket_id),
        "kind": letter.kind,
        "number": letter.number,
        "state": letter.to_state,
        "version": letter.version,
    }
    about = _of_clock(letter) if letter.is_mark else {"event": _of_event(letter)}
    return {
        "type": name,
        "timestamp": stamp(letter.at),
        "data": {"ticket": ticket, "seq": letter.event_seq, **about},
    }


def _of_clock(letter: Letter) -> Mapping[str, Any]:
    names = ("clock", "epoch", "level", "levels", "due_at", "noticed_at", "action")
    found = {name: letter.payload[name] for name in names if name in letter.payload}
    times = {name: stamp(instant(found[name])) for name in found if name.endswith("_at")}
    return found | times


def _of_event(letter: Letter) -> Mapping[str, Any]:
    return {
        "id": str(letter.event_id),
        "type": letter.event_type,
        "from": letter.from_state or None,
        "to": letter.to_state,
        "actor_role": letter.actor_role,
        "occurred_at": stamp(letter.occurred_at),
        "received_at": stamp(letter.received_at),
    }


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one delivery. `allow` are networks reachable besides public ones."""

    allow: tuple[str, ...]
    post: Callable[[Request], Answer] = post

    def send(self, leased: Leased, to: Endpoint) -> int:
        """Post it and return the status, stamped with real time: receivers compare theirs.

        Raises TransientError, PermanentError.
        """
        try:
            addresses = check_url(to.url, self.allow)
        except ValidationFailed as exc:
            raise TransientError("url_not_allowed") from exc
        body = orjson.dumps(leased.body)
        if len(body) >= MOST_BYTES:
            raise TransientError("body_too_large")
        request = Request(
            url=to.url,
            addresses=addresses,
            headers=signed_headers(webhook_id(leased.id), leased.leased_at, body, to),
            body=body,
            timeout_s=TIMEOUT_S,
        )
        return _judged(self.post(request))


def webhook_id(ident: UUID) -> str:
    """Return the id by which receivers know a delivery, the same on every try."""
    return f"msg_{ident.hex}"


def signed_headers(ident: str, at: datetime, body: bytes, to: Endpoint) -> Mapping[str, str]:
    """Return the three headers; while a secret is being replaced both sign."""
    secrets = [to.secret, *([to.old_secret] if to.old_secret else [])]
    text = body.decode()
    signatures = [Signer(secret).sign(ident, at.astimezone(UTC), text) for secret in secrets]
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _judged(answer: Answer) -> int:
    status = answer.status
    if 200 <= status < 300:
        return status
    if status == _GONE:
        raise PermanentError("gone", status)
    raise TransientError(
        f"answered_{status}",
        status,
        retry_after_s=answer.retry_after_s,
        slow=status in _OVERBURDENED,
    )
