"""What a channel is: how it takes a letter over, and how it says that sending failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from service.notify.letter import Letter
from service.store.unit_of_work import Tx


class Channel(Protocol):
    """One way to tell somebody. What must leave the house becomes a delivery row."""

    name: str

    def take_over(
        self, tx: Tx, letters: Sequence[Letter], people: Mapping[int, Sequence[UUID]]
    ) -> int:
        """Write, inside the relay's transaction, what this channel owes for the letters.

        `people` are the accounts to tell, by letter. Return how many deliveries wait now.
        """


@dataclass
class TransientError(Exception):
    """Not sent, may work later. `retry_after_s` is what the receiver asked for.

    `slow` says that the receiver is overburdened and nothing else should be sent either.
    """

    why: str
    status: int | None = None
    retry_after_s: float = 0.0
    slow: bool = False


@dataclass
class PermanentError(Exception):
    """The receiver will never take anything again."""

    why: str
    status: int | None = None
