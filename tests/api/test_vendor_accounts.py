"""A vendor's deposits, entries and scores; money received (R-FIN-01, 02, R-VEN-09)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.store import ledger
from service.store.unit_of_work import Tx
from tests.support.http import Http
from tests.support.statements import counted

LEDGER, CREDIT, DEPOSITS = (
    f"/v1/vendors/v-lotus/{name}" for name in ("ledger", "credit", "deposits")
)
READERS = (
    "committee", "community_officer", "street_officer", "district_officer", "manager", "auditor",
    "admin", "vendor_manager",
)  # fmt: skip
PAYMENT = {"compound": "lotus", "fen": 60_000, "document": "回单 1187", "required_fen": 100_000}


def pay(http: Http, who: str = "street_officer", **members: Any) -> Any:
    """Record a payment; a member None is left out."""
    body = {name: v for name, v in (PAYMENT | members).items() if v is not None}
    return http.post(DEPOSITS, body, who)


def deduct(http: Http, ticket: Any, fen: int, **members: Any) -> None:
    """Take money out, as the event of a ticket does."""
    row = {
        "vendor_id": "v-lotus", "compound_id": "lotus", "debit": "deposit:v-lotus:lotus",
        "credit": "public:lotus", "fen": fen, "reason": "penalty", "ticket_id": ticket["id"],
        "event_seq": 1, "actor_id": http.story.actor("committee").id, "document": None,
        "at": http.story.now,
    } | members  # fmt: skip
    ledger.post(Tx(http.story.conn), [row])


def score(http: Http, ticket: Any, *rows: tuple[str, str | None, int], **members: Any) -> None:
    """Note points, as the event of a ticket does."""
    common = {
        "ticket_id": ticket["id"], "seq": 1, "vendor_id": "v-lotus", "reason": "penalized",
        "at": http.story.now,
    }  # fmt: skip
    ledger.credit(
        Tx(http.story.conn),
        [
            {**common, "n": n, "subject": subject, "manager": manager, "points": points, **members}
            for n, (subject, manager, points) in enumerate(rows)
        ],
    )


def codes(answer: Any) -> list[tuple[str, str]]:
    """Return pointer and code of each field error."""
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.get_json()["errors"]]


def refusals(answer: Any) -> list[str]:
    """Return the reasons of a 409."""
    assert answer.status_code == 409, answer.text
    return [reason["code"] for reason in answer.get_json()["reasons"]]


def pages(http: Http, path: str, who: str) -> Iterator[Any]:
    """Walk a list two rows at a time."""
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        answer = http.get(f"{path}?limit=2{more}", who)
        assert answer.status_code == 200, answer.text
        yield answer.get_json()
        cursor = answer.get_json()["next_cursor"]


def test_the_first_payment_opens_the_contracts_deposit(http: Http) -> None:
    made = pay(http)

    assert made.status_code == 201, made.text
    assert made.headers["Location"] == LEDGER
    assert made.get_json() == {
        "entry": {
            "at": "2026-11-21T00:00:00.000Z", "debit": "vendor:v-lotus",
            "credit": "deposit:v-lotus:lotus", "fen": 60_000, "reason": "received",
            "document": "回单 1187",
        },
        "deposit": {
            "compound": {"id": "lotus", "name": "lotus号"}, "required_fen": 100_000,
            "balance_fen": 60_000, "blocked": False, "top_up_due": "2026-12-21T00:00:00.000Z",
            "contract_until": None,
        },
    }  # fmt: skip


def test_a_payment_tells_the_contracts_last_day_and_a_later_one_renews_it(http: Http) -> None:
    first = pay(http, contract_until="2026-12-31")
    silent, same = pay(http, fen=1), pay(http, fen=1, contract_until="2026-12-31")
    renewed = pay(http, fen=1, required_fen=None, contract_until="2028-12-31")
    sooner = pay(http, fen=1, contract_until="2028-12-30")

    days = [made.get_json()["deposit"]["contract_until"] for made in (first, silent, same, renewed)]
    assert days == ["2026-12-31", "2026-12-31", "2026-12-31", "2028-12-31"]
    assert codes(sooner) == [("/contract_until", "read_only")]
    for wrong in ("2026-13-01", "31.12.2026", 20261231, "2026-12-31T00:00:00Z"):
        assert codes(pay(http, contract_until=wrong))[0][0] == "/contract_until"
    (deposit,) = http.get(LEDGER, "manager").get_json()["deposits"]
    assert (deposit["contract_until"], deposit["balance_fen"]) == ("2028-12-31", 60_003)


def test_the_ledger_shows_who_paid_what_and_which_ticket_took_what(http: Http) -> None:
    ticket = http.open()
    pay(http, fen=100_000)
    http.story.advance(days=2)
    deduct(http, ticket, 70_000)

    body = http.get(LEDGER, "committee").get_json()

    (deposit,) = body["deposits"]
    assert (deposit["balance_fen"], deposit["blocked"]) == (30_000, True)
    assert deposit["top_up_due"] == "2026-12-23T00:00:00.000Z"
    paid, taken = body["data"]
    assert paid["ticket"] is None
    assert paid["document"] == "回单 1187"
    assert paid["actor"] == {"role": "street_officer", "name": "street_officer"}
    assert taken["ticket"] == {
        "number": ticket["number"],
        "href": f"/v1/repair-orders/{ticket['id']}",
    }
    assert (taken["debit"], taken["credit"]) == ("deposit:v-lotus:lotus", "public:lotus")
    assert http.get(taken["ticket"]["href"], "committee").status_code == 200


def test_a_top_up_makes_a_deposit_whole_and_the_next_deduction_sets_a_new_day(http: Http) -> None:
    ticket = http.open()
    pay(http, fen=100_000)
    deduct(http, ticket, 10_000)
    pay(http, fen=10_000, required_fen=None)
    whole = http.get(LEDGER, "manager").get_json()["deposits"][0]
    http.story.advance(days=1)
    deduct(http, http.open(), 1)

    again = http.get(LEDGER, "manager").get_json()["deposits"][0]

    assert (whole["balance_fen"], whole["top_up_due"]) == (100_000, None)
    assert again["top_up_due"] == "2026-12-22T00:00:00.000Z"


def test_entries_come_oldest_first_in_pages(http: Http) -> None:
    for fen in (1, 2, 3, 4, 5):
        assert pay(http, fen=fen).status_code == 201

    found = [row["fen"] for page in pages(http, LEDGER, "auditor") for row in page["data"]]

    assert found == [1, 2, 3, 4, 5]


@pytest.mark.attack
@pytest.mark.parametrize("path", [LEDGER, CREDIT])
def test_who_sees_money_and_points(http: Http, path: str) -> None:
    assert {http.get(path, who).status_code for who in READERS} == {200}
    assert http.get(path, "pool_manager").status_code == 404
    assert http.get(path, "other_dispatcher").status_code == 404
    for who in ("dispatcher", "crew", "resident", "mediator"):
        assert http.get(path, who).status_code == 403, who


@pytest.mark.attack
def test_a_desk_sees_its_own_compounds_and_the_vendor_all_of_its_own(http: Http) -> None:
    for compound in ("lotus", "old"):
        assert pay(http, compound=compound).status_code == 201

    def compounds(who: str) -> set[str]:
        body = http.get(LEDGER, who).get_json()
        rows = [*body["deposits"], *body["data"]]
        return {row["compound"]["id"] for row in rows}

    assert compounds("committee") == compounds("manager") == {"lotus"}
    assert compounds("street_officer") == compounds("vendor_manager") == {"lotus", "old"}


def test_a_key_records_a_payment_once(http: Http) -> None:
    headers = {"Idempotency-Key": "bank-1187"}
    first = http.post(DEPOSITS, PAYMENT, "street_officer", headers=headers)
    again = http.post(DEPOSITS, PAYMENT, "street_officer", headers=headers)
    other = http.post(DEPOSITS, PAYMENT | {"fen": 1}, "street_officer", headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.get_json()["code"] == "idempotency-key-reused"
    assert http.get(LEDGER, "auditor").get_json()["deposits"][0]["balance_fen"] == 60_000


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"required_fen": None}, [("/required_fen", "required")]),
        ({"fen": 0}, [("/fen", "out_of_range")]),
        ({"fen": 1.5}, [("/fen", "wrong_type")]),
        ({"fen": 100_000_000_001}, [("/fen", "out_of_range")]),
        ({"required_fen": 0}, [("/required_fen", "out_of_range")]),
        ({"document": " "}, [("/document", "too_short")]),
        ({"document": None, "fen": None}, [("/fen", "required"), ("/document", "required")]),
        ({"compound": "nowhere"}, [("/compound", "unknown_place")]),
        ({"compound": "pine"}, [("/compound", "unknown_place")]),
        ({"compound": "b2"}, [("/compound", "not_allowed")]),
        ({"account": "x"}, [("/account", "unknown_field")]),
    ],
)
def test_a_payment_says_what_is_wrong_with_it(
    http: Http, members: Any, expected: list[tuple[str, str]]
) -> None:
    assert sorted(codes(pay(http, **members))) == sorted(expected)


def test_a_payment_does_not_change_what_the_contract_asks(http: Http) -> None:
    pay(http)

    assert codes(pay(http, required_fen=1)) == [("/required_fen", "read_only")]
    assert pay(http, required_fen=100_000).status_code == 201
    assert pay(http, required_fen=None).status_code == 201


@pytest.mark.attack
def test_only_the_offices_that_control_the_account_record_payments(http: Http) -> None:
    assert pay(http, "district_officer").status_code == 201
    for who in ("vendor_manager", "committee", "manager", "admin", "dispatcher"):
        assert pay(http, who).status_code == 403, who
    assert pay(http, "other_dispatcher").status_code == 404


def test_a_low_deposit_blocks_new_contracts_and_never_its_own_top_up(http: Http) -> None:
    pay(http, fen=49_999)

    assert http.get("/v1/vendors/v-lotus").get_json()["blocked"] is True
    assert refusals(pay(http, compound="old")) == ["deposit_too_low"]
    assert pay(http, fen=1).status_code == 201
    assert http.get("/v1/vendors/v-lotus").get_json()["blocked"] is False
    assert pay(http, compound="old").status_code == 201


def test_who_is_on_the_black_list_or_leaves_the_market_makes_no_new_contract(http: Http) -> None:
    http.patch("/v1/vendors/v-lotus", {"listed": "black", "market_exit": True}, "admin", version=1)

    assert refusals(pay(http)) == ["vendor_black_listed", "market_exit"]


def test_a_vendor_of_another_branch_has_no_contract_here(http: Http) -> None:
    http.story.conn.execute(
        text("UPDATE vendor SET place_id = 'old', place_key = p.key FROM place p"
             " WHERE p.id = 'old' AND vendor.id = 'v-lotus'")
    )  # fmt: skip

    assert codes(pay(http)) == [("/compound", "not_allowed")]


def test_scores_are_of_the_local_year_and_each_change_opens_its_ticket(http: Http) -> None:
    ticket = http.open()
    score(http, ticket, ("company", None, -5), ("manager", "m1", -45))
    new_year = datetime.fromisoformat("2026-12-31T16:00:00Z")
    score(http, ticket, ("company", None, -20), at=new_year - timedelta(milliseconds=1), seq=2)
    score(http, ticket, ("company", None, -1), at=new_year, seq=3)

    body = http.get(CREDIT, "committee").get_json()

    assert (body["year"], body["listed"], body["market_exit"]) == (2026, "none", False)
    assert body["scores"] == [
        {"subject": "company", "manager": None, "score": 75, "level": "normal"},
        {"subject": "manager", "manager": "m1", "score": 55, "level": "black_candidate"},
    ]
    assert [row["points"] for row in body["data"]] == [-5, -45, -20]
    assert body["data"][0]["ticket"]["href"] == f"/v1/repair-orders/{ticket['id']}"
    following = http.get(f"{CREDIT}?year=2027", "committee").get_json()
    assert following["scores"][0]["score"] == 99
    assert http.get(f"{CREDIT}?year=1999", "committee").status_code == 422


def test_changes_of_a_score_come_in_pages(http: Http) -> None:
    score(http, http.open(), *(("company", None, -n) for n in range(1, 6)))

    found = [row["points"] for page in pages(http, CREDIT, "auditor") for row in page["data"]]

    assert found == [-1, -2, -3, -4, -5]


@pytest.mark.attack
def test_a_ticket_of_another_place_is_not_named(http: Http) -> None:
    pay(http, compound="old")
    elsewhere = http.open(place="b9")
    score(http, elsewhere, ("company", None, -5))

    near, far = (http.get(CREDIT, who).get_json() for who in ("street_officer", "committee"))

    assert near["data"][0]["ticket"]["number"] == elsewhere["number"]
    assert far["data"][0]["ticket"] is None
    assert far["scores"] == near["scores"]


def test_reading_costs_few_statements_however_long(http: Http) -> None:
    for fen in range(1, 4):
        pay(http, fen=fen)
    for path in (LEDGER, CREDIT):
        http.key("auditor")
        with counted(http.story.conn) as statements:
            assert http.get(path, "auditor").status_code == 200
        assert len(statements) <= 4, "\n\n".join(statements)
