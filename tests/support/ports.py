"""Ports on one connection whose transaction the test rolls back."""

from contextlib import AbstractContextManager
from functools import partial

from sqlalchemy import Connection

from service import bootstrap
from service.commands.ports import Ports
from service.core.ids import TimeOrderedIds
from service.store.policy import StoredPolicies
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY, by_kind
from tests.support.story import rolled_back


def ports_on(conn: Connection) -> Ports:
    """Return ports that work inside the connection's open transaction."""
    uow: partial[AbstractContextManager[Tx]] = partial(rolled_back, conn)
    return Ports(
        ids=TimeOrderedIds(),
        uow=uow,
        policies=StoredPolicies(),
        calendars=bootstrap.load_calendars(),
        catalogue=bootstrap.load_catalogue(),
        registry=by_kind(REGISTRY),
        ring=lambda _bell: None,
    )
