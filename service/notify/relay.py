"""Fans letters out: who is told, by which channel; and numbers the change feed.

A batch is locked, resolved and written with a few statements, and marked as sent in the
same transaction. When a batch fails, its letters are taken one by one under savepoints, so
that only the culprit backs off; at its twelfth failure it is left for a person.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from service.core.ids import derived
from service.notify.channel import Channel
from service.notify.letter import Letter
from service.notify.recipients import recipients
from service.store import delivery, feed, outbox
from service.store.unit_of_work import Tx

log = structlog.get_logger()

REACTION = "reaction"
"""Channel of deliveries that are follow-up commands: they stay in the house."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one batch did. `parcels` wait for the sender, `more` for another batch."""

    letters: int = 0
    parcels: int = 0
    failed: int = 0
    more: bool = False


def _to_nothing(_: Letter) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Relay:
    """Fans out by `channels`; letters that are `reacting` get a follow-up too."""

    uow: Callable[[], AbstractContextManager[Tx]]
    channels: Sequence[Channel]
    reacting: Callable[[Letter], bool] = _to_nothing

    def run_once(self, *, batch: int = 200) -> Relayed:
        """Fan out the oldest letters, at most `batch` of them."""
        with self.uow() as tx:
            rows = outbox.claim(tx, batch=batch)
            letters = [Letter.of(row) for row in rows]
            parcels, failed = self._together(tx, letters)
        return Relayed(len(letters), parcels, failed, more=len(letters) == batch)

    def number_feed(self, *, batch: int = 1000) -> int:
        """Give settled lines their feed numbers, in a short transaction of its own."""
        with self.uow() as tx:
            return feed.number(tx, batch=batch)

    def _together(self, tx: Tx, letters: Sequence[Letter]) -> tuple[int, int]:
        """Return (parcels, failed)."""
        if not letters:
            return 0, 0
        try:
            with tx.savepoint():
                return self._fan_out(tx, letters), 0
        except Exception as exc:
            if _is_lost(exc):
                raise
            log.warning("relay_batch_failed", error=type(exc).__name__)
            return self._one_by_one(tx, letters)

    def _one_by_one(self, tx: Tx, letters: Sequence[Letter]) -> tuple[int, int]:
        parcels = failed = 0
        for letter in letters:
            try:
                with tx.savepoint():
                    parcels += self._fan_out(tx, [letter])
            except Exception as exc:
                if _is_lost(exc):
                    raise
                failed += 1
                _back_off(tx, letter, exc)
        return parcels, failed

    def _fan_out(self, tx: Tx, letters: Sequence[Letter]) -> int:
        people = recipients(tx, letters)
        parcels = sum(channel.take_over(tx, letters, people) for channel in self.channels)
        delivery.put(tx, (_reaction(one) for one in letters if self.reacting(one)))
        outbox.mark_sent(tx, [letter.id for letter in letters])
        return parcels


def _reaction(letter: Letter) -> dict[str, object]:
    return {
        "id": derived("delivery", letter.id, REACTION, letter.ticket_id),
        "outbox_id": letter.id,
        "channel": REACTION,
        "recipient": letter.ticket_id,
        "body": {
            "topic": letter.topic,
            "kind": letter.kind,
            "ticket": str(letter.ticket_id),
            "seq": letter.event_seq,
            "data": dict(letter.data),
            "payload": dict(letter.payload),
        },
        "created_at": letter.now,
    }


def _is_lost(exc: Exception) -> bool:
    """Tell whether the connection is gone, so that nothing more can be recorded on it."""
    return isinstance(exc, DBAPIError) and exc.connection_invalidated


def _back_off(tx: Tx, letter: Letter, exc: Exception) -> None:
    error = type(exc).__name__
    dead = outbox.back_off(tx, letter.id, error=error)
    note = log.error if dead else log.warning
    note("letter_dead" if dead else "letter_failed", outbox=letter.id, error=error)
