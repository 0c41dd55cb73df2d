"""Idempotency-Key: the first answer is kept with the change and given again."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from service.commands.ports import Key, Outcome, Ports
from service.core.actors import Actor
from service.core.errors import KeyReused
from service.store import idempotency
from service.store.idempotency import Kept
from service.store.unit_of_work import Tx


def claim(
    tx: Tx, actor: Actor, key: Key, seen: tuple[str, Mapping[str, Any]] | None = None
) -> Outcome | None:
    """Take the key, or return the first answer.

    `seen` selects the ticket the call is about: a replay goes only to somebody who may
    still see it. Raises NotFound, KeyInProgress, KeyReused.
    """
    kept = idempotency.claim(
        tx,
        actor=actor.id,
        route=key.route,
        key=key.key,
        fingerprint=key.fingerprint,
        seen=seen,
    )
    if kept is None:
        return None
    answer = (kept.status, kept.headers, kept.body)
    return Outcome(how="replayed", ticket={"id": kept.ticket_id}, event={}, answer=answer)


def refuse_other_content(ports: Ports, actor: Actor, key: Key) -> None:
    """Raise KeyReused when the key was used with other content; nothing is written."""
    with ports.uow() as tx:
        known = idempotency.kept_for(tx, actor=actor.id, route=key.route, key=key.key)
    if known not in (None, key.fingerprint):
        raise KeyReused


def keep(
    tx: Tx, actor: Actor, key: Key, outcome: Outcome, *, ticket_id: UUID | None = None
) -> None:
    """Keep the answer that the edge renders for this outcome, and which ticket it is about."""
    status, headers, body = key.render(outcome)
    kept = Kept(ticket_id, status, headers, body)
    idempotency.keep(tx, actor=actor.id, route=key.route, key=key.key, kept=kept)


def once_only(
    tx: Tx,
    actor: Actor,
    key: Key | None,
    act: Callable[[], Outcome],
    seen: tuple[str, Mapping[str, Any]] | None = None,
) -> Outcome:
    """Run `act`, or return the first answer given under the key.

    `seen` is that of `claim`. Raises NotFound, KeyInProgress, KeyReused.
    """
    if key is None:
        return act()
    first = claim(tx, actor, key, seen)
    if first is not None:
        return first
    outcome = act()
    keep(tx, actor, key, outcome)
    return outcome
