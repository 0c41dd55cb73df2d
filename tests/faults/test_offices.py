"""Disputes, cures, grades and lists under the faults that orders are tried with.

A commit whose connection is cut (F03), a sweep that dies with the event that follows a rung
(F04), a clock that cannot be reckoned (F35), a person and the sweep at the deadline (F26).
"""

import signal
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.commands.fire_event import Fire, fire
from service.commands.sweep import sweep
from service.core.ids import derived
from tests.faults.callers import Caller, Faulty
from tests.faults.conftest import Plant
from tests.faults.gates import overtaken
from tests.faults.killing import disputes, grievances, vendors
from tests.faults.killing.ways import Go, Way, go
from tests.faults.proxy import Proxy, proxying
from tests.faults.verdicts import assert_sound
from tests.support.http import http_on
from tests.support.live import Live
from tests.support.roads import made, road_of

pytestmark = [pytest.mark.fault, pytest.mark.db]

TICK = timedelta(milliseconds=1)
ENTRIES = "SELECT count(*) FROM ledger_entry"
SEALED = "SELECT count(*) FROM ticket_child WHERE noun = 'sealed'"
TIERS = "SELECT count(*) FROM ticket_stake WHERE holder LIKE 'tier:%'"


def happened(live: Live, event: str) -> object:
    return live.value("SELECT count(*) FROM event WHERE ticket_id = :id AND type = :event",
                      id=live.story.order, event=event)  # fmt: skip


# ── F03: the connection is cut at COMMIT ────────────────────────────────────


@dataclass(frozen=True)
class Cut:
    """Two events on a ticket of a kind, and what each writes beside it, counted after both."""

    kind: str
    way: Way
    first: Go
    second: Go
    beside: str
    count: int


CUTS = (
    Cut("dispute_case", Way("", "", at="in_session", then=(disputes.ADJOURNED,)), disputes.TO_T2,
        ("receive_escalation", "mediator_t2", disputes.by_t2), TIERS, 2),
    Cut("rectification_order",
        Way("", "", at="reinspecting", then=vendors.DEDUCTION, ready=vendors.paid),
        vendors.FINISH, ("record_top_up", "street_officer", vendors.TOP_UP), ENTRIES, 3),
    Cut("vendor_assessment", Way("", "", then=vendors.graded("satisfied")[:1]),
        ("grade", "resident", {"grade": "satisfied"}),
        ("grade", "resident", {"grade": "dissatisfied"}), SEALED, 2),
    Cut("complaint", Way("", "", at="accepted", category="cmp_fees"),
        ("survey_site", "dispatcher", {"finding": "属实"}),
        ("transfer_discipline", "street_officer", grievances.SECRET), SEALED, 1),
)  # fmt: skip


@pytest.fixture
def proxy(plant: Plant) -> Iterator[Proxy]:
    with (
        tempfile.TemporaryDirectory(prefix="anju-proxy-", dir="/tmp") as folder,
        proxying(plant.live.app.settings.database_url, Path(folder)) as made,
    ):
        yield made


@pytest.mark.parametrize("cut", CUTS, ids=[cut.kind for cut in CUTS])
def test_f03_whatever_a_commit_carries_is_there_once_after_the_retry(
    plant: Plant, processes: Faulty, proxy: Proxy, cut: Cut
) -> None:
    live = plant.live
    port = processes.web(database_url=proxy.through).port
    go(live.story, road_of(cut.kind), cut.way)
    home = f"/v1/{live.app.ports.registry[cut.kind].collection}/{live.story.order}/events"
    before = happened(live, cut.first[0])

    answers = []
    for drop, one in (("before", cut.first), ("after", cut.second)):
        event, by, *data = one
        caller = Caller(port, http_on(live.story).new_key(live.story.actor(by)))
        body = {"type": event, "id": str(derived("cut", drop)),
                "data": made(data[0], live.story) if data else {}}  # fmt: skip
        assert caller.call("GET", "/v1/me").status == 200
        proxy.drop = "before" if drop == "before" else "after"
        lost = caller.post(home, body)
        assert (lost.status, lost.code) == (503, "outcome-unknown")
        answers.append(caller.post(home, body).status)

    assert answers == [201, 200]
    twice = cut.first[0] == cut.second[0]
    assert happened(live, cut.first[0]) == int(str(before)) + 1 + twice
    assert live.value(cut.beside) == cut.count
    assert_sound(live)


# ── F04: the sweep dies ─────────────────────────────────────────────────────

DUE: Sequence[tuple[str, Way]] = (
    *(("dispute_case", way) for way in disputes.DUE if way.event == "escalate"),
    *(("rectification_order", way) for way in vendors.RECTIFICATION_DUE if way.event == "expire"),
    *(("vendor_assessment", way) for way in vendors.ASSESSMENT_DUE),
    *(("list_decision", way) for way in vendors.LIST_DUE),
    ("hazard", grievances.EXPIRED),
)


def overdue(live: Live, kind: str, way: Way) -> None:
    go(live.story, road_of(kind), way)
    live.story.advance(**way.later)


DEATHS = (
    *((kind, way, "before_commit") for kind, way in DUE),
    *((kind, way, "after_commit") for kind, way in DUE[:2]),
)


@pytest.mark.parametrize(
    ("kind", "way", "point"), DEATHS, ids=[f"{kind}-{way.event}-{at}" for kind, way, at in DEATHS]
)
def test_f04_what_follows_a_rung_follows_once_whenever_the_sweep_dies(
    plant: Plant, processes: Faulty, kind: str, way: Way, point: str
) -> None:
    live = plant.live
    overdue(live, kind, way)

    processes.fault(point, "SIGKILL")
    died = processes.start("sweep").wait(30)
    left = happened(live, way.event)
    assert_sound(live)
    lived = processes.start("sweep").wait(30)

    assert (died, lived) == (-signal.SIGKILL, 0)
    assert left == int(point == "after_commit")
    assert happened(live, way.event) == 1
    assert_sound(live)


# ── F35: what cannot be reckoned ────────────────────────────────────────────


def test_f35_a_poisoned_case_waits_and_its_neighbours_follow_their_clocks(plant: Plant) -> None:
    live = plant.live
    (_, escalating), (_, expiring) = DUE[:2]
    go(live.story, road_of("dispute_case"), escalating)
    culprit = live.story.order
    live.do("UPDATE clock SET calendar = 'lost' WHERE ticket_id = :id AND state = 'running'",
            id=culprit)  # fmt: skip
    go(live.story, road_of("rectification_order"), expiring)
    live.story.advance(days=8)

    live.story.sweep()

    assert happened(live, "expire") == 1
    live.story.order = culprit
    assert happened(live, "escalate") == 0
    backs_off = "SELECT max(attempts) FROM clock WHERE ticket_id = :id"
    assert live.value(backs_off, id=culprit) == 1


# ── F26: at the deadline ────────────────────────────────────────────────────


def _evidence(live: Live, data: Any) -> Fire:
    return Fire(ticket=live.story.order or "", event="submit_evidence", data=data,
                actor=live.story.actor("vendor_manager"))  # fmt: skip


@pytest.mark.parametrize("order", ["sweep first", "person first"])
@pytest.mark.parametrize(
    ("offset", "expired"), [(timedelta(), 0), (TICK, 1)], ids=["at", "after"]
)  # fmt: skip
def test_f26_evidence_at_the_deadline_is_in_time_or_late_never_both(
    plant: Plant, order: str, offset: timedelta, expired: int
) -> None:
    live, road = plant.live, road_of("rectification_order")
    go(live.story, road, Way("", "", at="in_rectification"))
    files = next(leg for leg in road.legs if leg.event == "submit_evidence")
    live.story.at(live.story.clock("cure").due_at + offset)
    command = _evidence(live, made(files.data, live.story))

    both = [lambda app: sweep(app.ports, by="sweeper"), lambda app: fire(app.ports, command)]
    overtaken(live.app, *(both if order == "sweep first" else reversed(both)))
    live.story.sweep()

    assert happened(live, "expire") == expired
    assert happened(live, "submit_evidence") == 1
    assert live.story.clock("cure").result == ("breached" if expired else "met")
    assert_sound(live)
