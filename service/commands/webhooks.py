"""Webhook endpoints: made, changed, rotated, tried, enabled again (API 15).

Whether a URL may be sent to is asked before a command, at the edge: looking names up takes
time that no transaction should wait for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from service.commands.once import once_only
from service.commands.ports import Key, Outcome, Ports
from service.commands.register import place_of
from service.core import webhook_secret
from service.core.actors import Actor
from service.core.errors import NotFound, VersionMismatch
from service.core.shapes import stamp
from service.store import delivery, webhook
from service.store.unit_of_work import Tx

OLD_SECRET_SIGNS = timedelta(hours=24)
TEST_TYPE = "webhook.test"
_TEST_BITS = (1 << 62) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEndpoint:
    """Where to send which types of which place (the actor's own unless named)."""

    actor: Actor
    url: str
    types: tuple[str, ...]
    place: str | None = None
    description: str = ""
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEndpoint:
    """One endpoint, as an actor names it. `version` None stands for whatever it is."""

    actor: Actor
    id: UUID
    version: int | None = None
    key: Key | None = None


def create_endpoint(ports: Ports, cmd: CreateEndpoint) -> Outcome:
    """Make an endpoint; the outcome's row has `secret`, which is never shown again.

    Raises ValidationFailed.
    """
    secret = webhook_secret.mint()

    def act() -> Outcome:
        now = tx.now()
        place = place_of(tx, cmd.actor, cmd.place or cmd.actor.place_id)
        ident = ports.ids.new(now)
        row = {
            "id": ident, "account_id": cmd.actor.id, "url": cmd.url, "types": list(cmd.types),
            "place_id": place["id"], "place_key": place["key"], "description": cmd.description,
            "secret": secret, "created_at": now, "version": 1,
        }  # fmt: skip
        webhook.insert(tx, row)
        return Outcome("created", {**_item(tx, cmd.actor, ident), "secret": secret}, {})

    with ports.uow() as tx:
        return once_only(tx, cmd.actor, cmd.key, act)


def amend_endpoint(ports: Ports, cmd: OnEndpoint, patch: Mapping[str, Any]) -> Outcome:
    """Change URL, types or description. Raises NotFound, VersionMismatch."""

    def act(tx: Tx, row: Mapping[str, Any]) -> None:
        if cmd.version is not None and cmd.version != row["version"]:
            raise VersionMismatch(row["version"])
        wanted = {**row, **patch}
        if any(wanted[name] != row[name] for name in patch):
            webhook.update(tx, wanted)

    return _on(ports, cmd, act)


def rotate_secret(ports: Ports, cmd: OnEndpoint) -> Outcome:
    """Replace the secret; for a day both sign. The outcome's row has the new `secret`."""
    secret = webhook_secret.mint()

    def act(tx: Tx, row: Mapping[str, Any]) -> None:
        webhook.rotate(tx, row["id"], secret=secret, until=tx.now() + OLD_SECRET_SIGNS)

    return _on(ports, cmd, act, {"secret": secret})


def enable_endpoint(ports: Ports, cmd: OnEndpoint) -> Outcome:
    """Send again to an endpoint that was disabled; what it missed can be replayed."""
    return _on(ports, cmd, lambda tx, row: webhook.enable(tx, row["id"]))


def send_test(ports: Ports, cmd: OnEndpoint) -> Outcome:
    """Put a test message on its way; the outcome's row has its `delivery`."""
    with ports.uow() as tx:
        now = tx.now()
        ident = ports.ids.new(now)

        def act() -> Outcome:
            row = _item(tx, cmd.actor, cmd.id)
            parcel = {
                "id": ident,
                "outbox_id": -(ident.int & _TEST_BITS),  # no letter stands behind it
                "channel": webhook.CHANNEL,
                "recipient": row["id"],
                "body": {
                    "type": TEST_TYPE,
                    "timestamp": stamp(now),
                    "data": {"endpoint": str(row["id"])},
                },
                "created_at": now,
            }
            delivery.put(tx, [parcel])
            return Outcome("created", {**row, "delivery": ident}, {})

        outcome = once_only(tx, cmd.actor, cmd.key, act)
    ports.ring("deliver")
    return outcome


def replay_delivery(ports: Ports, cmd: OnEndpoint, delivery_id: UUID) -> Outcome:
    """Send a delivery again under its old webhook-id. Raises NotFound."""

    def act(tx: Tx, row: Mapping[str, Any]) -> None:
        if not delivery.replay(tx, webhook.CHANNEL, delivery_id, row["id"]):
            raise NotFound

    outcome = _on(ports, cmd, act, {"delivery": delivery_id})
    ports.ring("deliver")
    return outcome


def delete_endpoint(ports: Ports, cmd: OnEndpoint) -> None:
    """Remove an endpoint. Raises NotFound."""
    with ports.uow() as tx:
        _item(tx, cmd.actor, cmd.id)
        webhook.delete(tx, cmd.id)


def _on(
    ports: Ports,
    cmd: OnEndpoint,
    change: Callable[[Tx, Mapping[str, Any]], None],
    beside: Mapping[str, Any] | None = None,
) -> Outcome:
    """Change one locked endpoint and return it anew, with `beside` added to its row."""

    def act() -> Outcome:
        change(tx, _item(tx, cmd.actor, cmd.id, lock=True))
        return Outcome("changed", {**_item(tx, cmd.actor, cmd.id), **(beside or {})}, {})

    with ports.uow() as tx:
        _item(tx, cmd.actor, cmd.id)
        return once_only(tx, cmd.actor, cmd.key, act)


def _item(tx: Tx, actor: Actor, ident: UUID, *, lock: bool = False) -> Mapping[str, Any]:
    row = webhook.item(tx, actor, ident, lock=lock)
    if row is None:
        raise NotFound
    return row
