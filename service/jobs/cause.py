"""What happened, and what follows of it in other tickets: the words that reactions use."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from service.commands.fire_event import Fire
from service.commands.open_ticket import Open
from service.commands.score import Score
from service.core.actors import SYSTEM
from service.core.ids import derived
from service.notify.letter import Letter
from service.store.unit_of_work import Tx

Act = Fire | Open | Score
"""A command that follows. Its id comes from the cause: a second time changes nothing."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened: `data` as the event's line keeps it, `payload` as its notice says.

    `row` is the ticket it happened to, as it is now.
    """

    topic: str
    kind: str
    ticket: str
    seq: int
    data: Mapping[str, Any]
    payload: Mapping[str, Any]
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the ticket it happened to."""
        found: Mapping[str, Any] = self.row["facts"]
        return found

    @property
    def source(self) -> Mapping[str, str]:
        """What the effect's facts keep of the cause."""
        return {"ticket": self.ticket, "number": self.row["number"]}

    def ident(self, *parts: object) -> UUID:
        """Return the id of one act that follows; `parts` tell several apart."""
        return derived("reaction", self.topic, self.ticket, self.seq, *parts)

    def fire(self, ticket: str | UUID, event: str, **data: Any) -> Fire:
        """Return an event on another ticket."""
        ident = self.ident(ticket, event)
        return Fire(ticket=ticket, event=event, actor=SYSTEM, data=data, id=ident)

    def open(  # noqa: PLR0913 — a ticket's members
        self,
        kind: str,
        category: str,
        title: str,
        facts: Mapping[str, Any],
        *,
        event: str,
        part: object = "",
        sourced: bool = True,
        **members: Any,
    ) -> Open:
        """Return a ticket to open at the same place; `part` tells several of a kind apart.

        Its facts name the cause if the kind's may (`sourced`); the link is there either way.
        """
        ident = self.ident(kind, part)
        asked: dict[str, Any] = {
            "place": self.row["place_id"],
            "description": self.row["description"],
            "reporter": {"channel": "system"},
        } | members
        return Open(
            kind=kind,
            actor=SYSTEM,
            category=category,
            title=title,
            facts={**facts, **({"source": self.source} if sourced else {})},
            event=event,
            id=ident,
            fingerprint=ident.bytes,
            **asked,
        )


Follow = Callable[[Tx, Cause], Iterable[Act]]


def _always(_: Letter) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Reaction:
    """One row: when `topic` is relayed, `follow` says what to do; nothing is allowed.

    `relation` names the link between the two tickets. `when` looks at the letter before
    anything is written: most SLA marks have no follow-up. `quiet` says that the rules may
    well refuse, which is then no fault.
    """

    topic: str
    follow: Follow
    relation: str
    when: Callable[[Letter], bool] = _always
    quiet: bool = False
