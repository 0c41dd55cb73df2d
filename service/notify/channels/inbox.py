"""The inbox inside Anju. Nothing leaves the house: the row is the message."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from service.core.ids import derived
from service.notify.letter import Letter
from service.store import inbox
from service.store.unit_of_work import Tx


class Inbox:
    """Tells accounts in their inbox."""

    name = "inbox"

    def take_over(
        self, tx: Tx, letters: Sequence[Letter], people: Mapping[int, Sequence[UUID]]
    ) -> int:
        """Insert an entry for each account; nothing is left to deliver."""
        inbox.put(tx, _entries(letters, people))
        return 0


def _entries(
    letters: Sequence[Letter], people: Mapping[int, Sequence[UUID]]
) -> Iterator[Mapping[str, Any]]:
    for letter in letters:
        for account in people[letter.id]:
            cause = (account, letter.ticket_id, letter.event_seq, letter.topic)
            yield {
                "id": derived("inbox", *cause),
                "account_id": account,
                "ticket_id": letter.ticket_id,
                "event_seq": letter.event_seq,
                "topic": letter.topic,
                "clock": letter.payload.get("clock") if letter.is_mark else None,
                "level": letter.payload.get("level") if letter.is_mark else None,
                "at": letter.now,
            }
