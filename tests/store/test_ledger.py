"""The deposit ledger: whatever happens, in whatever order or at once, the money adds up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, Literal, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.commands.aside import Aside, Here
from service.commands.deposits import Receive, receive
from service.core.workflow import Change, Posting
from service.store import ledger
from service.store.unit_of_work import violates
from tests.support.live import Live, living
from tests.support.servers import Database

pytestmark = pytest.mark.db

AT_ONCE = 4
REQUIRED = 1_000
_TOO_LITTLE = ("deposit_balance_fen_check", "ledger_entry_vendor_id_compound_id_fkey")


class Move(NamedTuple):
    """Money comes in from the vendor, or is taken for a breach."""

    how: Literal["pay", "take"]
    compound: str
    fen: int


class Bank:
    """Vendors whose deposits are paid into and drawn on, each move in its own transaction."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.ticket = live.story.submit().ticket["id"]
        self.lines, self.names = count(1), count(1)

    def vendor(self) -> str:
        """Register a vendor without any deposit."""
        name = f"v-{next(self.names)}"
        self.live.do(
            "INSERT INTO vendor (id, name, place_id, place_key)"
            " VALUES (:id, :id, 'jinjiang', 'jinjiang/')", id=name,
        )  # fmt: skip
        return name

    def do(self, vendor: str, move: Move) -> bool:
        """Make a move; tell whether the money was there."""
        return (self.pay if move.how == "pay" else self.take)(vendor, move.compound, move.fen)

    def pay(self, vendor: str, compound: str, fen: int) -> bool:
        """Record a payment; the first one opens the deposit."""
        actor = self.live.story.actor("district_officer")
        opened = self.live.value(
            "SELECT true FROM deposit WHERE vendor_id = :v AND compound_id = :c",
            v=vendor, c=compound,
        )  # fmt: skip
        cmd = Receive(
            actor=actor, vendor=vendor, compound=compound, fen=fen, document="回单",
            required_fen=None if opened else REQUIRED,
        )  # fmt: skip
        receive(self.live.app.ports, cmd)
        return True

    def take(self, vendor: str, compound: str, fen: int) -> bool:
        """Take money by a posting, as an event does; False when there was too little."""
        posting = Posting(
            vendor, compound, f"deposit:{vendor}:{compound}", f"public:{compound}", fen, "breach"
        )
        try:
            self.write(posting, seq=next(self.lines))
        except IntegrityError as exc:
            if not any(violates(exc, name) for name in _TOO_LITTLE):
                raise
            return False
        return True

    def write(self, posting: Posting, *, seq: int) -> None:
        """Write a posting of the ticket's event `seq`."""
        story, aside = self.live.story, Aside()
        here = Here(self.ticket, seq, story.actor("committee").id, story.now)
        aside.take(Change(postings=(posting,)), here)
        with self.live.app.ports.uow() as tx, tx.together():
            ledger.post(tx, aside.postings)

    def balances(self, vendor: str) -> dict[Any, Any]:
        """Return the balance of each compound's deposit."""
        found = self.live.rows(
            "SELECT compound_id, balance_fen FROM deposit WHERE vendor_id = :v", v=vendor
        )
        return {compound: balance for compound, balance in found}  # noqa: C416 — typed pairs

    def require_sound(self, vendor: str) -> None:
        """Every balance is the sum of its entries and no money came from nowhere."""
        sums: Counter[Any] = Counter()
        for debit, credit, fen in self.live.rows(
            "SELECT debit, credit, fen FROM ledger_entry WHERE vendor_id = :v", v=vendor
        ):
            assert isinstance(fen, int)
            sums[debit] -= fen
            sums[credit] += fen
        assert sum(sums.values()) == 0
        for compound, balance in self.balances(vendor).items():
            assert balance == sums[f"deposit:{vendor}:{compound}"] >= 0


@pytest.fixture
def bank(clean_database: Database) -> Iterator[Bank]:
    """Committed books, empty."""
    with living(clean_database) as live:
        yield Bank(live)


moves = st.builds(
    Move,
    st.sampled_from(("pay", "take")),
    st.sampled_from(("lotus", "old")),
    st.integers(1, 2 * REQUIRED),
)
unhurried = settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def paid_up(bank: Bank) -> str:
    """Return a vendor whose two deposits are whole, so that no contract is blocked."""
    vendor = bank.vendor()
    for compound in ("lotus", "old"):
        bank.pay(vendor, compound, REQUIRED)
    return vendor


@unhurried
@given(story=st.lists(moves, max_size=12))
def test_one_after_another_exactly_what_is_not_there_is_refused(
    bank: Bank, story: Sequence[Move]
) -> None:
    vendor, expected = paid_up(bank), {"lotus": REQUIRED, "old": REQUIRED}

    for move in story:
        signed = move.fen if move.how == "pay" else -move.fen
        there = expected[move.compound] + signed >= 0
        assert bank.do(vendor, move) is there
        expected[move.compound] += signed if there else 0

    assert bank.balances(vendor) == expected
    bank.require_sound(vendor)


@unhurried
@given(crowd=st.lists(moves, min_size=2, max_size=8))
def test_all_at_once_no_fen_is_lost_and_none_made(bank: Bank, crowd: Sequence[Move]) -> None:
    vendor = paid_up(bank)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(lambda move: bank.do(vendor, move), crowd))

    expected = {"lotus": REQUIRED, "old": REQUIRED}
    for move, was_there in zip(crowd, done, strict=True):
        signed = move.fen if move.how == "pay" else -move.fen
        expected[move.compound] += signed if was_there else 0
    assert bank.balances(vendor) == expected
    bank.require_sound(vendor)


def test_of_many_deductions_at_once_only_what_is_covered_goes_through(bank: Bank) -> None:
    vendor = paid_up(bank)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(lambda _: bank.take(vendor, "lotus", 400), range(8)))

    assert done.count(True) == 2
    assert bank.balances(vendor)["lotus"] == 200


def test_first_payments_at_once_open_one_deposit_and_both_count(bank: Bank) -> None:
    for _ in range(5):
        vendor = bank.vendor()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda _: bank.pay(vendor, "lotus", 700), range(AT_ONCE)))  # noqa: B023

        assert bank.balances(vendor) == {"lotus": 700 * AT_ONCE}
        bank.require_sound(vendor)


def test_a_deduction_without_a_deposit_moves_nothing(bank: Bank) -> None:
    vendor = bank.vendor()

    assert bank.take(vendor, "lotus", 1) is False
    assert bank.balances(vendor) == {}


def test_an_event_takes_money_once(bank: Bank) -> None:
    vendor = paid_up(bank)
    posting = Posting(vendor, "lotus", f"deposit:{vendor}:lotus", "public:lotus", 10, "breach")
    bank.write(posting, seq=1)

    with pytest.raises(IntegrityError) as refused:
        bank.write(posting, seq=1)

    assert violates(refused.value, "ledger_once")
    assert bank.balances(vendor)["lotus"] == REQUIRED - 10


@pytest.mark.attack
@pytest.mark.parametrize(
    ("debit", "credit", "fen"),
    [
        ("deposit:v-other:lotus", "public:lotus", 1),
        ("deposit:{v}:lotus", "public:old", 1),
        ("deposit:{v}:lotus", "deposit:{v}:old", 1),
        ("deposit:{v}:lotus", "vendor:v-other", 1),
        ("deposit:{v}:lotus", "deposit:{v}:lotus", 1),
        ("deposit:{v}:lotus", "public:lotus", 0),
        ("deposit:{v}:lotus", "public:lotus", -1),
    ],
)
def test_an_entry_moves_money_between_the_contracts_own_accounts(
    bank: Bank, debit: str, credit: str, fen: int
) -> None:
    vendor = paid_up(bank)
    accounts = (debit.format(v=vendor), credit.format(v=vendor))

    with pytest.raises(IntegrityError):
        bank.write(Posting(vendor, "lotus", *accounts, fen, "breach"), seq=1)

    assert bank.balances(vendor) == {"lotus": REQUIRED, "old": REQUIRED}


@pytest.mark.attack
@pytest.mark.parametrize("who", ["app_url", "owner_url"])
@pytest.mark.parametrize("table", ["ledger_entry", "credit_event"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET reason = reason", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_nobody_changes_an_entry(database: Database, who: str, table: str, statement: str) -> None:
    url = getattr(database, who).replace("+psycopg", "")

    with psycopg.connect(url) as conn, pytest.raises(InsufficientPrivilege):
        conn.execute(statement.format(table))


@pytest.mark.attack
def test_a_balance_is_never_below_nothing(bank: Bank) -> None:
    vendor = paid_up(bank)

    with pytest.raises(IntegrityError), bank.live.app.ports.uow() as tx:
        tx.conn.execute(
            text("UPDATE deposit SET balance_fen = -1 WHERE vendor_id = :v"), {"v": vendor}
        )
