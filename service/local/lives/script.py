"""The words in which the demo world's stories are told: a life, its beats, a kind's script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from service.local.lives.stage import Stage

Data = Mapping[str, Any]
Maker = Callable[[Stage], Data]
"""Makes the data of an event from what the stage shows."""

HOME: Final = "home"
"""A home of a managed compound, each time of another one."""
COMPOUND: Final = "compound"
"""A managed compound, each time another one."""
OLD: Final = "old"
"""A compound that nobody manages."""
CONTRACT: Final = "contract"
"""The compound that has a cleaning contract beside the walk-through's."""
LOTUS: Final = "lotus"
"""The compound that the visitor's keys know."""
LOTUS_HOME: Final = "lotus_home"
"""The home that the visitor's resident lives in."""

PROPERTY: Final = "property"
"""The company that manages the street's compounds."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One event: so many hours after the birth, by whom (see `stage.who`).

    `data` goes over what the kind's own maker gives; values may be made from the stage.
    """

    after: float
    by: str
    event: str
    data: Data = field(default_factory=dict)


def beat(after: float, by: str, event: str, /, **data: Any) -> Beat:
    """Return a beat."""
    return Beat(after, by, event, data)


@dataclass(frozen=True, slots=True)
class Life:
    """One ticket of the past, born so many days `ago`, that stands in `state` today.

    `alone` leaves it to visitors. `vendor` is whom it is about: an id, or PROPERTY.
    """

    state: str
    ago: float
    title: str
    text: str
    category: str
    by: str
    place: str = HOME
    vendor: str | None = None
    facts: Data = field(default_factory=dict)
    beats: tuple[Beat, ...] = ()
    alone: bool = False
    channel: str = "desk"


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody may do of themselves in the present, and how readily."""

    by: str
    event: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Script:
    """Everything about one kind: its past, its data, and what moves it in the present.

    `facts` makes the facts of a birth from the stage and the life. `pace` is the hours
    between two moves of a ticket. `born` are lives that may begin anew in the present.
    """

    kind: str
    lives: tuple[Life, ...]
    facts: Callable[[Stage, Life], Data]
    data: Mapping[str, Maker]
    moves: tuple[Move, ...]
    pace: tuple[float, float] = (4, 40)
    born: tuple[Life, ...] = ()

    def data_of(self, stage: Stage, event: str, more: Data) -> Data:
        """Return the data of an event as they are to be sent."""
        maker = self.data.get(event)
        usual = maker(stage) if maker else {}
        return {**usual, **{n: v(stage) if callable(v) else v for n, v in more.items()}}
