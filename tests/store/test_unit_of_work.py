"""Statements sent together: refused, cut off, and rolled back as if sent one by one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.core.errors import NotFound, StorageUnavailable
from service.store.unit_of_work import UnitOfWork, make_engine, violates
from tests.support.servers import Database

pytestmark = pytest.mark.db

BEAT = text("INSERT INTO heartbeat (name, wall_at, app_at) VALUES (:name, now(), now())")
BEATS = text("SELECT name FROM heartbeat ORDER BY name")


@pytest.fixture
def uow(clean_database: Database) -> Iterator[UnitOfWork]:
    """Transactions that commit, on one connection."""
    engine = make_engine(clean_database.app_url, name="anju-test", pool=1)
    yield UnitOfWork(engine)
    engine.dispose()


END_SESSION = text("SELECT pg_terminate_backend(pg_backend_pid())")


def beat(uow: UnitOfWork, *names: str, ended: bool = False) -> None:
    with uow() as tx, tx.together():
        for name in names:
            tx.conn.execute(BEAT, {"name": name})
        if ended:
            tx.conn.execute(END_SESSION)


def beats(uow: UnitOfWork) -> list[str]:
    with uow() as tx:
        return list(tx.conn.execute(BEATS).scalars())


def test_what_is_sent_together_is_all_written(uow: UnitOfWork) -> None:
    beat(uow, "one", "three", "two")

    assert beats(uow) == ["one", "three", "two"]


def test_a_refusal_names_its_constraint_and_nothing_is_written(uow: UnitOfWork) -> None:
    with pytest.raises(IntegrityError) as refused:
        beat(uow, "one", "one", "two")

    assert violates(refused.value, "heartbeat_pkey")
    assert beats(uow) == []


def test_a_savepoint_around_what_is_sent_together_undoes_it_alone(uow: UnitOfWork) -> None:
    with uow() as tx:
        tx.conn.execute(BEAT, {"name": "before"})
        with pytest.raises(IntegrityError), tx.savepoint(), tx.together():
            tx.conn.execute(BEAT, {"name": "before"})
        tx.conn.execute(BEAT, {"name": "behind"})

    assert beats(uow) == ["before", "behind"]


def test_a_session_that_ends_meanwhile_is_storage_unavailable_and_replaced(uow: UnitOfWork) -> None:
    with pytest.raises(StorageUnavailable):
        beat(uow, "lost", ended=True)

    assert beats(uow) == []


def refuse_after_the_session_ended(uow: UnitOfWork) -> None:
    with uow() as tx:
        session = tx.conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with uow() as other:
            other.conn.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": session})
        raise NotFound


def test_a_refusal_stays_one_when_the_session_ends_before_the_rollback(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        refuse_after_the_session_ended(uow)

    assert beats(uow) == []
