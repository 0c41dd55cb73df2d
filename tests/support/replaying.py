"""Replays a few recorded requests into a database of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service import bootstrap
from service.commands.ports import Ports
from service.core.ids import TimeOrderedIds
from service.local.replay.run import EXCERPT
from service.store.policy import StoredPolicies
from service.store.unit_of_work import UnitOfWork, make_engine
from service.workflows import REGISTRY

REGISTERED = {workflow.kind: workflow for workflow in REGISTRY}


@contextmanager
def committing_ports(url: str) -> Iterator[Ports]:
    """Make ports whose commands commit."""
    engine = make_engine(url, name="test-replay")
    yield Ports(
        ids=TimeOrderedIds(),
        uow=UnitOfWork(engine),
        policies=StoredPolicies(),
        calendars=bootstrap.load_calendars(),
        catalogue=bootstrap.load_catalogue(),
        registry=REGISTERED,
        ring=lambda _bell: None,
    )
    engine.dispose()


def rows_of_excerpt(folder: Path, first: int, last: int) -> Path:
    """Write the header and rows `first` to `last` of the excerpt, counted like its reader does."""
    lines = EXCERPT.read_text(encoding="utf-8").splitlines(keepends=True)
    file = folder / f"rows-{first}-{last}.csv"
    file.write_text("".join([lines[0], *lines[first - 1 : last]]), encoding="utf-8")
    return file
