"""An ordinary case of each kind, one module a kind; tests of every workflow start from it.

A module holds `BENCH` (the workflow with an ordinary ticket), `DATA` (what each event
accepts) and `cell(state, event, role)`: what makes a declared cell of the table pass.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from service.core.actors import Actor, Role
from service.core.workflow import TicketView
from tests.support.bench import Bench

Cell = tuple[TicketView | str, Mapping[str, Any], Mapping[str, Any], Actor]
"""Ticket (BIRTH: none yet), data, refs, actor."""


class Samples(Protocol):
    """What a module of samples holds."""

    BENCH: Bench
    DATA: Mapping[str, Mapping[str, Any]]

    def cell(self, state: str, event: str, role: Role) -> Cell:
        """Return a case in which the event passes."""


def samples_of(kind: str) -> Samples:
    """Return the samples of a kind; a kind without any fails the test that asks."""
    where = f"tests.support.samples.{kind}"
    if find_spec(where) is None:
        raise AssertionError(f"{kind} has no samples: write {where.replace('.', '/')}.py")
    found: Samples = import_module(where)
    return found
