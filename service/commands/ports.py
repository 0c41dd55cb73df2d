"""What every command receives: the outside world as plain values and callables."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from service.core.catalogue import Catalogue
from service.core.ids import Ids
from service.core.workflow import Workflow
from service.sla.calendar import Calendar
from service.sla.policy import Profile
from service.store.unit_of_work import Tx


class Policies(Protocol):
    """Versioned SLA profiles. A version never changes, so it may be kept for ever."""

    def get(self, tx: Tx, profile: str, version: int) -> Profile:
        """Return one version."""

    def newest(self, tx: Tx, profile: str) -> Profile:
        """Return the version in force. Raises TemplateProfile when it has blanks."""


@dataclass(frozen=True, slots=True)
class Ports:
    """`ring(bell)` is best effort and never raises; bells are "relay" and "sweep"."""

    ids: Ids
    uow: Callable[[], AbstractContextManager[Tx]]
    policies: Policies
    calendars: Mapping[str, Calendar]
    catalogue: Catalogue
    registry: Mapping[str, Workflow]
    ring: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key as the edge read it.

    `route` is method and path; `fingerprint` the digest of the parsed body; `render`
    makes the answer that is kept for a replay: (status, headers, body).
    """

    route: str
    key: str
    fingerprint: bytes
    render: Callable[["Outcome"], tuple[int, Mapping[str, str], Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did. `how` is created, duplicate, replayed or dry_run.

    `event` and `ticket` are rows as stored; `clocks` every clock the ticket has had.
    `answer` is the kept (status, headers, body) of a replay.
    """

    how: str
    ticket: Mapping[str, Any]
    event: Mapping[str, Any]
    clocks: tuple[Any, ...] = ()
    answer: tuple[int, Mapping[str, str], Any] | None = None
