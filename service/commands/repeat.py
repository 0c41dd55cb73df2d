"""Idempotency-Key for writes beside the workflows: done once, answered again."""

from collections.abc import Callable

from service.commands import once
from service.commands.ports import Key, Outcome
from service.core.actors import Actor
from service.store import idempotency
from service.store.idempotency import Kept
from service.store.unit_of_work import Tx


def once_only(tx: Tx, actor: Actor, key: Key | None, act: Callable[[], Outcome]) -> Outcome:
    """Run `act`, or return the first answer given under the key.

    Raises KeyInProgress, KeyReused.
    """
    if key is None:
        return act()
    first = once.claim(tx, actor, key)
    if first is not None:
        return first
    outcome = act()
    status, headers, body = key.render(outcome)
    kept = Kept(None, status, headers, body)
    idempotency.keep(tx, actor=actor.id, route=key.route, key=key.key, kept=kept)
    return outcome
