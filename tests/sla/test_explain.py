"""The proof of a clock, figure by figure (contract section 7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.errors import NotFound
from service.core.messages import clock_label, text
from service.sla.calendar import Calendars
from service.sla.clocks import Op
from service.sla.explain import Ask, explain
from tests.sla.tickets import (
    CALENDARS,
    MS,
    PROFILES,
    RICH,
    T0,
    Ticket,
    cure,
    hours,
    minutes,
    start,
    stop,
)

DAY = timedelta(days=1)


def proof(
    ticket: Ticket, clock: str, now: datetime, calendars: Calendars = CALENDARS, **ask: Any
) -> dict[str, Any]:
    return explain(ticket.marks, Ask(clock, now=now, **ask), ticket.versions, calendars)


def example() -> Ticket:
    """The order of the contract: reported 08:00, no access 08:45, resumed 10:00."""
    ticket = Ticket().event("submit", T0, start("ack"), to="submitted")
    ticket.event("accept", T0 + minutes(3), stop("ack"), start("handle", since=T0), to="accepted")
    ticket.event("assign", T0 + minutes(4), to="assigned")
    ticket.event("arrive", T0 + minutes(22), to="on_site")
    ticket.event("no_access", T0 + minutes(45), to="awaiting_resident")
    ticket.event("resume", T0 + hours(2), to="assigned")
    return ticket.event("start_work", T0 + hours(3), to="in_progress")


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        pytest.param(
            "zh-Hans",
            "扣除{weather} 1 小时；扣除待住户配合 1 小时；应于 11-22 16:00 前办结「{cure}」。",
            id="zh-Hans",
        ),
        pytest.param(
            "zh-Hant",
            "扣除{weather} 1 小時；扣除待住戶配合 1 小時；應於 11-22 16:00 前辦結「{cure}」。",
            id="zh-Hant",
        ),
        pytest.param(
            "en",
            "less 1 h of {weather}; less 1 h of waiting for the resident; "
            "to finish “{cure}” by 11-22 16:00.",
            id="en",
        ),
    ],
)
def test_the_sentence_names_a_numbered_clock_and_what_held_it(lang: str, says: str) -> None:
    ticket = Ticket(profile=RICH).event("issue", T0, start("cure-2"), to="issued")
    ticket.event("storm", T0 + hours(1), Op("pause", "cure-2", cause="weather"))
    ticket.event("calm", T0 + hours(2), Op("resume", "cure-2"), to="awaiting_resident")
    ticket.event("go_on", T0 + hours(3), to="issued")

    told = proof(ticket, "cure-2", T0 + hours(4), lang=lang, kind="repair_order")["text"]

    words = {"weather": text("pause.weather", lang), "cure": clock_label("cure-2", lang)}
    assert told.endswith(says.format_map(words))


def test_a_state_without_a_word_of_its_own_is_named_as_in_its_kind() -> None:
    pausing = replace(cure(), pauses=frozenset({"on_site"}))
    ticket = Ticket(profile=replace(RICH, clocks={"cure": pausing}))
    ticket.event("issue", T0, start("cure-1"), to="assigned")
    ticket.event("arrive", T0 + hours(1), to="on_site")

    told = proof(ticket, "cure-1", T0 + hours(2), lang="en", kind="repair_order")["text"]

    assert "less 1 h of On site;" in told


def test_the_example_of_the_contract() -> None:
    found = proof(example(), "handle", T0 + hours(6.5))

    assert found["policy"] == {"profile": "REP-DEFAULT", "version": 0, "rule": "R-REP-02"}
    assert found["calendar"] == {"id": "all-hours", "version": 1}
    assert (found["as_of"], found["target_s"]) == ("2026-11-21T06:30:00.000Z", 86400)
    assert found["intervals"] == [
        {
            "from": "2026-11-21T00:00:00.000Z",
            "to": "2026-11-21T00:45:00.000Z",
            "counted": True,
            "seconds": 2700,
            "state": "submitted…on_site",
        },
        {
            "from": "2026-11-21T00:45:00.000Z",
            "to": "2026-11-21T02:00:00.000Z",
            "counted": False,
            "seconds": 4500,
            "reason": "awaiting_resident",
            "paused_by": {"event": "no_access", "seq": 5},
            "resumed_by": {"event": "resume", "seq": 6},
        },
        {
            "from": "2026-11-21T02:00:00.000Z",
            "to": "2026-11-21T06:30:00.000Z",
            "counted": True,
            "seconds": 16200,
            "state": "assigned…in_progress",
        },
    ]
    assert found["arithmetic"] == {
        "counted_s": 18900,
        "excluded_s": 4500,
        "elapsed_s": 23400,
        "remaining_s": 67500,
        "due_at": "2026-11-22T01:15:00.000Z",
        "formula": "due_at = as_of + (target_s - counted_s), walked through the calendar",
    }
    assert found["verdict"] is None
    assert "forecast" not in found
    assert found["text"] == (
        "08:00 报修起计 24 小时；扣除待住户配合 1 小时 15 分；应于 11-22 09:15 前完工。"
    )


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        (
            "zh-Hant",
            "08:00 報修起計 24 小時；扣除待住戶配合 1 小時 15 分；應於 11-22 09:15 前完工。",
        ),
        (
            "en",
            "24 h from the report at 08:00; less 1 h 15 min of waiting for the resident; "
            "to finish by 11-22 09:15.",
        ),
        (
            "fr",
            "24 h from the report at 08:00; less 1 h 15 min of waiting for the resident; "
            "to finish by 11-22 09:15.",
        ),
    ],
)
def test_the_sentence_in_other_languages(lang: str, text: str) -> None:
    assert proof(example(), "handle", T0 + hours(6.5), lang=lang)["text"] == text


def late_arrival() -> Ticket:
    """Arrived 08:22, known 08:41 (contract 19, example 3)."""
    ticket = Ticket().event("submit", T0, to="submitted")
    ticket.event("accept", T0 + minutes(3), start("arrive", since=T0), to="assigned")
    ticket.sweep(T0 + minutes(31))
    return ticket.event(
        "arrive", T0 + minutes(22), stop("arrive"), to="on_site", received=T0 + minutes(41)
    )


@pytest.mark.parametrize(
    ("basis", "verdict", "counted"), [("occurred", "met", 1320), ("received", "breached", 2460)]
)
def test_by_occurrence_and_by_receipt_verdicts_may_differ(
    basis: str, verdict: str, counted: int
) -> None:
    found = proof(late_arrival(), "arrive", T0 + hours(1), basis=basis)

    assert (found["basis"], found["verdict"]) == (basis, verdict)
    assert found["arithmetic"]["counted_s"] == counted
    assert found["arithmetic"]["due_at"] == "2026-11-21T00:30:00.000Z"


def test_an_epoch_made_by_a_late_report_is_one_clock_by_receipt() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site").sweep(T0 + hours(25))
    ticket.event("no_access", T0 + hours(22), to="awaiting_resident", received=T0 + hours(25))

    occurred = proof(ticket, "handle", T0 + hours(26), epoch=2)
    received = proof(ticket, "handle", T0 + hours(26), epoch=2, basis="received")

    assert (occurred["arithmetic"]["counted_s"], occurred["verdict"]) == (22 * 3600, None)
    assert (received["arithmetic"]["counted_s"], received["verdict"]) == (25 * 3600, "breached")
    assert occurred["epoch"] == received["epoch"] == 2


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param({"clock": "promise"}, id="unknown-clock"),
        pytest.param({"clock": "handle", "epoch": 2}, id="unknown-epoch"),
        pytest.param({"clock": "handle", "epoch": 2, "basis": "received"}, id="unknown-by-receipt"),
        pytest.param({"clock": "handle", "at": T0 + minutes(1)}, id="before-it-started"),
        pytest.param({"clock": "handle", "at": T0 - DAY}, id="before-the-ticket"),
    ],
)
def test_a_clock_that_was_not_there_is_not_found(ask: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        explain(
            example().marks,
            Ask(**{"now": T0 + DAY, **ask}),
            {("REP-DEFAULT", 0): PROFILES["REP-DEFAULT"]},
            CALENDARS,
        )


def test_a_look_back_sees_only_what_had_happened() -> None:
    found = proof(example(), "handle", T0 + DAY, at=T0 + hours(1))

    assert found["intervals"][-1]["resumed_by"] is None
    assert found["arithmetic"]["due_at"] is None
    assert found["arithmetic"]["formula"].startswith("due_at = resumed_at")
    assert found["text"].endswith("现已暂停，恢复后还剩 23 小时 15 分。")


def test_a_look_ahead_is_a_forecast() -> None:
    found = proof(example(), "handle", T0 + hours(6), at=T0 + 2 * DAY)

    assert found["forecast"] is True
    assert found["verdict"] == "breached"
    assert found["arithmetic"]["due_at"] == "2026-11-22T01:15:00.000Z"
    assert "已超时 22 小时 45 分" in found["text"]


def test_a_pause_ends_at_the_cap_though_the_state_stays() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")

    found = proof(ticket, "handle", T0 + 15 * DAY + hours(2))

    assert [i["counted"] for i in found["intervals"]] == [True, False, True]
    assert found["intervals"][1]["resumed_by"] == {"event": "max_pause", "seq": None}
    assert found["intervals"][2]["state"] == "awaiting_resident"
    assert found["arithmetic"]["due_at"] == "2026-12-07T00:00:00.000Z"


def test_after_the_cap_a_second_wait_counts() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")
    ticket.event("resume", T0 + 15 * DAY + hours(1), to="assigned")
    ticket.event("no_access", T0 + 15 * DAY + hours(2), to="awaiting_resident")

    found = proof(ticket, "handle", T0 + 15 * DAY + hours(3))

    assert [i["counted"] for i in found["intervals"]] == [True, False, True]
    assert found["intervals"][2]["state"] == "assigned…awaiting_resident"


def test_resuming_with_nothing_left_is_due_at_that_moment() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.event("no_access", T0 + DAY, to="awaiting_resident")
    ticket.event("resume", T0 + DAY + hours(1), to="assigned")

    there = proof(ticket, "handle", T0 + DAY + hours(1))
    later = proof(ticket, "handle", T0 + DAY + hours(1) + MS)

    for found in (there, later):
        assert found["arithmetic"]["due_at"] == "2026-11-22T01:00:00.000Z"
    assert (there["verdict"], later["verdict"]) == (None, "breached")


def test_a_history_without_terms_cannot_be_explained() -> None:
    ticket = Ticket().event("submit", T0, start("ack"))
    ticket.marks[0] = replace(ticket.marks[0], terms=None)

    with pytest.raises(LookupError, match="terms"):
        proof(ticket, "ack", T0)


def test_closed_hours_are_told_apart_from_pauses() -> None:
    profile = PROFILES["REP-DEFAULT"]
    rule = replace(profile.clocks["handle"], calendar="cn-workdays")
    ticket = Ticket(profile=replace(profile, clocks={"handle": rule}))
    friday = datetime(2026, 11, 20, 4, tzinfo=UTC)  # noon in Shanghai
    ticket.event("accept", friday, start("handle"), to="assigned")

    found = proof(ticket, "handle", friday + 3 * DAY)

    assert [(i["counted"], i.get("reason"), i["seconds"]) for i in found["intervals"]] == [
        (True, None, 43200),
        (False, "outside_calendar", 172800),
        (True, None, 43200),
    ]
    assert found["arithmetic"]["due_at"] == "2026-11-23T04:00:00.000Z"
    assert "扣除非工作时间 2 天" in found["text"]


def test_a_limit_used_up_at_closing_time_was_due_then() -> None:
    profile = PROFILES["REP-DEFAULT"]
    rule = replace(profile.clocks["handle"], calendar="cn-workdays")
    ticket = Ticket(profile=replace(profile, clocks={"handle": rule}))
    friday = datetime(2026, 11, 19, 16, tzinfo=UTC)  # midnight in Shanghai
    ticket.event("accept", friday, start("handle"), to="assigned").sweep(friday + 2 * DAY)

    found = proof(ticket, "handle", friday + 2 * DAY)

    assert found["verdict"] == "breached"
    assert found["arithmetic"]["due_at"] == "2026-11-20T16:00:00.000Z"


@pytest.mark.parametrize(
    ("ops", "at", "verdict", "text"),
    [
        pytest.param((stop("handle"),), T0 + hours(9), "met", "实际 17:00，按时。", id="met"),
        pytest.param((stop("handle"),), T0 + hours(25), "breached", "超时 1 小时。", id="breached"),
        pytest.param(
            (Op("end", "*"),), T0 + hours(9), "not_applicable", "17:00 终止，不作评定。", id="ended"
        ),
    ],
)
def test_a_stopped_clock_tells_its_verdict(
    ops: tuple[Op, ...], at: datetime, verdict: str, text: str
) -> None:
    ticket = Ticket().event("accept", T0, start("handle", since=T0), to="assigned")
    ticket.event("done", at, *ops)

    found = proof(ticket, "handle", at + minutes(1))

    assert found["verdict"] == verdict
    assert found["intervals"][-1]["to"] == found["stopped_at"]
    assert found["text"].endswith(text)


def test_an_excused_clock_ends_with_its_first_commitment() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="in_progress")
    ticket.event("report_cannot_finish", T0 + hours(20), Op("excuse", "handle"), to="postponed")

    for basis in ("occurred", "received"):  # no sweep ran: the proof does not need one
        found = proof(ticket, "handle", T0 + 3 * DAY, basis=basis)
        assert found["verdict"] == "breached_excused"
        assert found["arithmetic"]["elapsed_s"] == 86400
        assert "原时限" in found["text"]


def test_an_earlier_opening_is_explained_from_there() -> None:
    ticket = example()
    ticket.event("absorb", T0 + hours(4), Op("rebase", "*", since=T0 - hours(3)))

    found = proof(ticket, "handle", T0 + hours(5))

    assert found["epoch"] == 2
    assert found["intervals"][0]["from"] == "2026-11-20T21:00:00.000Z"
    assert found["arithmetic"]["due_at"] == "2026-11-21T22:15:00.000Z"
    assert proof(ticket, "handle", T0 + hours(5), epoch=2, basis="received")["epoch"] == 2


def test_at_its_very_start_a_clock_has_no_intervals() -> None:
    ticket = Ticket().event("submit", T0, start("ack"))

    found = proof(ticket, "ack", T0)

    assert found["intervals"] == []
    assert found["arithmetic"]["due_at"] == "2026-11-21T00:15:00.000Z"


def test_milliseconds_are_not_lost() -> None:
    found = proof(Ticket().event("submit", T0, start("ack")), "ack", T0 + 1500 * MS)

    assert found["intervals"][0]["seconds"] == 1.5
    assert found["arithmetic"]["remaining_s"] == 898.5
