"""What the calendar opens: assessments, cures of what ended, clusters, the quarterly ranking."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from service.api.inbox import words
from service.core.messages import LANGUAGES
from service.jobs import contract_scan
from service.jobs.assessments import periods, plan
from service.jobs.clusters import detect
from service.jobs.contract_scan import scan
from service.jobs.planned import open_once
from service.jobs.ranking import propose
from tests.support.live import Live

FEN = 100


def contract(live: Live, vendor: str = "v-clean", compound: str = "lotus", **columns: Any) -> None:
    live.story.deposit(vendor, compound, required=1000 * FEN, paid=1000 * FEN)
    for name, value in columns.items():
        live.do(f"UPDATE deposit SET {name} = :value WHERE vendor_id = :v", value=value, v=vendor)


def opened(live: Live, kind: str) -> list[tuple[object, ...]]:
    return live.rows(
        "SELECT compound_id, category, vendor_id FROM ticket WHERE kind = :kind ORDER BY number",
        kind=kind,
    )


# ── assessments ──────────────────────────────────────────────────────────────


def test_periods_are_the_quarter_and_the_year_a_day_lies_in() -> None:
    found = {p.cycle: (str(p.first), str(p.last)) for p in periods(datetime(2026, 11, 21).date())}  # noqa: DTZ001 — a day

    assert found == {
        "quarterly": ("2026-10-01", "2026-12-31"),
        "annual": ("2026-01-01", "2026-12-31"),
    }


def test_each_contract_is_assessed_once_a_period(live: Live) -> None:
    contract(live)
    contract(live, "v-property", "old")

    first = plan(live.app.ports, live.story.now)
    again = plan(live.app.ports, live.story.now + timedelta(days=1))

    assert (first, again) == (4, 0)
    assert sorted(opened(live, "vendor_assessment"), key=str) == [
        ("lotus", "line_cleaning", "v-clean"),
        ("lotus", "line_cleaning", "v-clean"),
        ("old", "line_property_service", "v-property"),
        ("old", "line_property_service", "v-property"),
    ]


@pytest.mark.parametrize(
    ("at", "more"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, 999000, tzinfo=UTC), 0),  # one tick before midnight
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 2),  # a new quarter and a new year
    ],
)
def test_a_period_begins_at_midnight_of_the_place(live: Live, at: datetime, more: int) -> None:
    contract(live)
    plan(live.app.ports, live.story.now)

    live.story.at(at)

    assert plan(live.app.ports, at) == more


def test_a_vendor_without_an_assessed_line_is_left_alone(live: Live) -> None:
    contract(live, "v-dev")

    assert plan(live.app.ports, live.story.now) == 0


# ── contracts and certificates ───────────────────────────────────────────────


def told(live: Live, topic: str) -> list[tuple[object, ...]]:
    return live.rows("SELECT subject FROM inbox WHERE topic = :topic", topic=topic)


@pytest.mark.parametrize(
    ("ends", "notices", "orders"),
    [
        ("2026-12-22", 0, 0),  # 31 days ahead
        ("2026-12-21", 2, 0),  # 30 days ahead: manager and committee
        ("2026-11-21", 2, 0),  # its last day
        ("2026-11-20", 0, 1),  # it has ended
    ],
)
def test_a_contract_that_ends(live: Live, ends: str, notices: int, orders: int) -> None:
    contract(live, contract_until=ends)

    scan(live.app.ports, live.story.now)
    scan(live.app.ports, live.story.now)

    assert len(told(live, "vendor.contract_ends")) == notices
    assert opened(live, "rectification_order") == [("lotus", "rect_contract", "v-clean")] * orders


@pytest.mark.parametrize(
    ("ends", "notices", "orders"), [("2026-11-21", 2, 0), ("2026-11-20", 0, 1)]
)
def test_a_certificate_that_ends(live: Live, ends: str, notices: int, orders: int) -> None:
    contract(live, "v-lotus")
    papers = f'[{{"trade": "electrician", "valid_until": "{ends}"}}]'
    live.do("UPDATE crew SET certificates = '[]'")
    live.do("UPDATE crew SET certificates = cast(:p AS jsonb) WHERE id = 'c7'", p=papers)

    scan(live.app.ports, live.story.now)
    scan(live.app.ports, live.story.now)

    assert len(told(live, "vendor.certificate_ends")) == notices
    assert opened(live, "rectification_order") == [("lotus", "rect_contract", "v-lotus")] * orders


def test_a_vendor_out_of_the_market_is_asked_for_nothing(live: Live) -> None:
    contract(live, "v-lotus", contract_until="2026-11-20")
    papers = '[{"trade": "electrician", "valid_until": "2026-11-20"}]'
    live.do("UPDATE crew SET certificates = cast(:p AS jsonb) WHERE id = 'c7'", p=papers)
    live.do("UPDATE vendor SET market_exit = true WHERE id = 'v-lotus'")

    assert scan(live.app.ports, live.story.now) == 0
    assert opened(live, "rectification_order") == []


def test_what_has_its_order_costs_the_next_scan_no_attempt(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract(live, contract_until="2026-11-20")
    asked: list[object] = []

    def counted(*args: Any, **members: Any) -> bool:
        asked.append(args)
        return open_once(*args, **members)

    monkeypatch.setattr(contract_scan, "open_once", counted)

    assert [scan(live.app.ports, live.story.now + timedelta(days=d)) for d in range(3)] == [1, 0, 0]
    assert len(asked) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_scan_tells_has_words(live: Live, lang: str) -> None:
    contract(live, "v-lotus", contract_until="2026-12-01")
    papers = '[{"trade": "lift", "valid_until": "2026-12-01"}]'
    live.do("UPDATE crew SET certificates = cast(:p AS jsonb) WHERE id = 'c7'", p=papers)

    scan(live.app.ports, live.story.now)

    rows = live.rows("SELECT topic, subject FROM inbox")
    said = {words({"topic": topic, "subject": subject}, lang) for topic, subject in rows}
    assert len(said) == 2
    assert not [one for one in said if "notice." in one or "certificate." in one or "{" in one]


def test_the_order_for_a_certificate_names_it_in_words(live: Live) -> None:
    contract(live, "v-lotus")
    papers = '[{"trade": "electrician", "valid_until": "2026-11-20"}]'
    live.do("UPDATE crew SET certificates = cast(:p AS jsonb) WHERE id = 'c7'", p=papers)

    scan(live.app.ports, live.story.now)

    asked = "SELECT facts->'items'->0->>'what' FROM ticket WHERE kind = 'rectification_order'"
    assert "电工证已于 2026-11-20 到期" in str(live.value(asked))


# ── clusters ─────────────────────────────────────────────────────────────────


def complain(live: Live, times: int = 1, **wants: Any) -> list[UUID]:
    members: dict[str, Any] = {
        "category": "cmp_cleaning",
        "title": "楼道无人清扫",
        "facts": {"type": "complaint", "origin": "customer"},
    } | wants
    found = []
    for _ in range(times):
        live.story.open("complaint", "resident", **members)
        assert live.story.order
        found.append(live.story.order)
    return found


def test_five_complaints_on_one_topic_are_one_order(live: Live) -> None:
    about = {"type": "complaint", "origin": "customer", "vendor": "v-clean"}
    complain(live, 4, facts=about)
    before = detect(live.app.ports, live.story.now)
    complain(live, 1, facts=about)

    grouped = detect(live.app.ports, live.story.now)
    again = detect(live.app.ports, live.story.now)

    assert (before, grouped, again) == (0, 5, 0)
    assert opened(live, "rectification_order") == [("lotus", "rect_complaints", "v-clean")]
    order = live.value("SELECT id FROM ticket WHERE kind = 'rectification_order'")
    assert len(live.story.causes(str(order))) == 5
    assert live.story.effects()[0][:2] == ("cluster", "rectification_order")
    why = "SELECT DISTINCT data->>'why' FROM event WHERE type = 'join_cluster'"
    assert live.rows(why) == [("same_topic",)]


def test_a_cluster_about_nobody_is_proposed_for_supervision(live: Live) -> None:
    complain(live, 5, category="cmp_noise", title="半夜施工噪音")

    detect(live.app.ports, live.story.now)

    assert opened(live, "listed_supervision") == [("lotus", "sup_service", None)]


def test_a_second_cluster_joins_the_supervision_that_stands(live: Live) -> None:
    complain(live, 5, category="cmp_noise", title="半夜施工噪音")
    detect(live.app.ports, live.story.now)
    complain(live, 5, category="cmp_parking", title="消防车道停满私家车")

    assert detect(live.app.ports, live.story.now) == 5

    assert len(opened(live, "listed_supervision")) == 1
    joined = "SELECT DISTINCT data->>'ticket' FROM event WHERE type = 'join_cluster'"
    assert live.rows(joined) == live.rows(
        "SELECT cast(id AS text) FROM ticket WHERE kind = 'listed_supervision'"
    )


def test_a_complaint_that_was_taken_back_counts_for_no_cluster(live: Live) -> None:
    complain(live, 5)
    live.story.fire("withdraw", "resident", data={"reason": "已解决"})

    assert detect(live.app.ports, live.story.now) == 0


# ── the quarterly ranking ────────────────────────────────────────────────────


def test_the_last_quarters_ranking_is_proposed_once(live: Live) -> None:
    reporter = {"name": "张三", "phone": "13800000001", "channel": "12345"}
    complain(live, 2, reporter=reporter)
    live.story.at(datetime(2027, 1, 1, tzinfo=UTC))

    first = propose(live.app.ports, live.story.now)
    again = propose(live.app.ports, live.story.now + timedelta(days=40))

    assert (first, again) == (1, 0)
    proposal = str(live.value("SELECT id FROM ticket WHERE kind = 'listed_supervision'"))
    assert live.story.facts(proposal)["figures"] == {
        "quarter": "2026Q4", "petitions": 0, "hotline": 2, "rank": 1,
    }  # fmt: skip


def test_what_was_filed_in_the_running_quarter_is_not_ranked_yet(live: Live) -> None:
    complain(live, 2, reporter={"channel": "12345", "phone": "13800000001"})

    assert propose(live.app.ports, live.story.now) == 0


def test_a_cluster_about_a_developer_is_the_developers_to_cure(live: Live) -> None:
    about = {"type": "complaint", "origin": "customer", "vendor": "v-dev"}
    complain(live, 5, facts=about)

    assert detect(live.app.ports, live.story.now) == 5

    assert opened(live, "rectification_order") == [("lotus", "rect_complaints", "v-dev")]
    order = str(live.value("SELECT id FROM ticket WHERE kind = 'rectification_order'"))
    assert live.story.facts(order)["subject"] == "developer"


def test_complaints_join_nothing_that_was_refused(live: Live, monkeypatch: Any) -> None:
    monkeypatch.setattr("service.jobs.clusters.open_once", lambda *_a, **_k: False)
    complain(live, 5, category="cmp_noise", title="半夜施工噪音")

    assert detect(live.app.ports, live.story.now) == 0

    assert live.value("SELECT count(*) FROM event WHERE type = 'join_cluster'") == 0
