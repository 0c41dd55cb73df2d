"""The red and the black list: who is heard, who decides, how long it lasts (DOMAIN 3C.4)."""

from dataclasses import replace

import pytest
from marshmallow import ValidationError

from service.core.errors import ForbiddenEvent
from service.core.shapes import stamp
from service.core.workflow import BIRTH, Credit
from service.workflows.table import K, S, V, W, X
from tests.support.bench import DAY, NOW, OPENED, PHOTO, SUBJECT, TICK, VENDOR, actor, after
from tests.support.samples.list_decision import BENCH, BLACK, DATA, RED, SOURCE

MANAGER = replace(BENCH, category="list_manager")
UNHEARD = {"hearing": []}


# ── proposal ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [X, S, W])
def test_a_proposal_is_shown_to_the_vendor(role):
    played = BENCH.play("propose", role, BIRTH, BLACK | {"source": SOURCE})

    assert (played.state, played.clocks) == ("proposed", ())
    assert played.change.assignee == SUBJECT


def test_a_committee_proposes_nobody():
    with pytest.raises(ForbiddenEvent):
        BENCH.play("propose", K, BIRTH, BLACK)


def test_the_vendor_must_be_known():
    assert BENCH.refusals("propose", X, BIRTH, RED, refs={"vendor": None}) == {"unknown_vendor"}


def test_a_listed_manager_is_named():
    assert MANAGER.refusals("propose", X, BIRTH, RED) == {"manager_missing"}
    assert not MANAGER.refusals("propose", X, BIRTH, RED | {"manager": "m7"})


def test_there_are_two_lists():
    with pytest.raises(ValidationError):
        BENCH.play("propose", X, BIRTH, RED | {"list": "grey"})


def test_the_vendor_is_heard():
    played = BENCH.play("hear", V, "proposed", {"statement": "另有补充", "evidence": [PHOTO]})

    assert played.state == "proposed"
    assert played.facts["hearing"] == [
        {"statement": "已整改"},
        {"at": stamp(NOW), "statement": "另有补充", "evidence": [PHOTO]},
    ]


def test_another_vendor_is_not():
    other = actor(V, vendor_id="v2")

    assert BENCH.refusals("hear", other, "proposed", DATA["hear"]) == {"other_vendor"}


# ── decision ─────────────────────────────────────────────────────────────────


def test_a_black_listing_is_published_for_a_year():
    played = BENCH.play("decide", X, "proposed", DATA["decide"])

    assert (played.state, played.clocks) == ("published", ("start validity",))
    assert played.change.vendors == (("v1", {"listed": "black"}),)
    assert played.change.credits == ()
    assert played.facts["valid_until"] == after(360 * DAY)
    assert played.facts["decision"] == {
        "decided_at": stamp(NOW), "reason": "事实清楚", "document": PHOTO,
    }  # fmt: skip
    assert played.topics == ("list_decision.listed",)


def test_a_red_listing_gives_points_and_needs_neither_steps_nor_hearing():
    proposed = BENCH.ticket("proposed", facts={**RED, "steps": [], **UNHEARD})

    played = BENCH.play("decide", X, proposed, DATA["decide"])

    assert played.change.vendors == (("v1", {"listed": "red"}),)
    assert played.change.credits == (Credit("v1", "company", 5, "red_listed"),)


def test_a_managers_listing_leaves_the_company_alone():
    proposed = MANAGER.ticket("proposed", facts={**RED, "manager": "m7"})

    played = MANAGER.play("decide", X, proposed, DATA["decide"])

    assert played.change.vendors == ()
    assert played.change.credits == (Credit("v1", "manager", 5, "red_listed", "m7"),)


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"steps": []}, {"penalty_step_skipped"}),
        ({"steps": [{"step": "circular", "ticket": "RC-1"}]}, {"penalty_step_skipped"}),
        ({"steps": [], "serious": "伪造整改材料"}, set()),
        ({"steps": [{"step": "deduction", "ticket": "RC-1"}]}, set()),
    ],
)
def test_the_black_list_follows_a_deduction_or_a_serious_violation(facts, refused):
    proposed = BENCH.ticket("proposed", facts=facts)

    assert BENCH.refusals("decide", X, proposed, DATA["decide"]) == refused


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (OPENED + 5 * DAY - TICK, {"hearing_time_running"}),
        (OPENED + 5 * DAY, {"hearing_time_running"}),
        (OPENED + 5 * DAY + TICK, set()),
    ],
)
def test_who_does_not_speak_within_five_days_is_black_listed_unheard(at, refused):
    proposed = BENCH.ticket("proposed", facts=UNHEARD)

    assert BENCH.refusals("decide", X, proposed, DATA["decide"], at=at, now=at) == refused


@pytest.mark.parametrize("listed", ["red", "black"])
def test_a_company_stands_on_one_list_at_a_time(listed):
    refs = {"subject": replace(VENDOR, listed=listed)}

    assert BENCH.refusals("decide", X, "proposed", DATA["decide"], refs=refs) == {"already_listed"}
    of_manager = MANAGER.ticket("proposed", facts={"manager": "m7"})
    assert not MANAGER.refusals("decide", X, of_manager, DATA["decide"], refs=refs)


def test_a_rejected_proposal_changes_nothing_but_is_kept():
    played = BENCH.play("reject", X, "proposed", DATA["reject"])

    assert (played.state, played.change.vendors) == ("rejected", ())
    assert played.facts["decision"]["reason"] == "已整改到位"


# ── end ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [X, S])
def test_a_proposal_may_be_withdrawn_by_those_who_propose(role):
    played = BENCH.play("withdraw", role, "proposed", DATA["withdraw"])

    assert (played.state, played.change.vendors, played.clocks) == ("withdrawn", (), ())


@pytest.mark.parametrize("state", ["published", "appealed"])
def test_the_bureau_alone_withdraws_a_listing(state):
    played = BENCH.play("withdraw", X, state, DATA["withdraw"])

    assert (played.state, played.clocks) == ("withdrawn", ("end validity",))
    assert played.change.vendors == (("v1", {"listed": "none"}),)
    with pytest.raises(ForbiddenEvent):
        BENCH.play("withdraw", S, state, DATA["withdraw"])


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (OPENED + 15 * DAY - TICK, set()),
        (OPENED + 15 * DAY, set()),
        (OPENED + 15 * DAY + TICK, {"listing_appeal_late"}),
    ],
)
def test_the_vendor_appeals_while_the_result_is_posted(at, refused):
    assert BENCH.refusals("appeal", V, "published", DATA["appeal"], at=at, now=at) == refused


def test_the_listing_stands_during_an_appeal_and_there_is_one():
    played = BENCH.play("appeal", V, "published", DATA["appeal"])

    assert (played.state, played.clocks, played.change.vendors) == ("appealed", (), ())
    kept = BENCH.ticket("published", facts=played.facts)
    assert BENCH.refusals("appeal", V, kept, DATA["appeal"]) == {"listing_appealed"}


def test_a_dismissed_appeal_keeps_the_listing():
    appealed = BENCH.ticket("appealed", facts={"appeal": {"reason": "处罚过重"}})

    played = BENCH.play("appeal_decided", X, appealed, DATA["appeal_decided"])

    assert (played.state, played.clocks, played.change.vendors) == ("published", (), ())
    assert played.facts["appeal"]["decision"] == "kept"


def test_an_upheld_appeal_strikes_the_vendor_off():
    appealed = BENCH.ticket("appealed", facts={"appeal": {"reason": "处罚过重"}})
    data = DATA["appeal_decided"] | {"decision": "withdrawn"}

    played = BENCH.play("appeal_decided", X, appealed, data)

    assert (played.state, played.clocks) == ("withdrawn", ("end validity",))
    assert played.change.vendors == (("v1", {"listed": "none"}),)
    assert played.topics == ("list_decision.delisted",)


@pytest.mark.parametrize("state", ["published", "appealed"])
def test_a_listing_ends_by_itself(state):
    played = BENCH.play("expire_listing", W, state)

    assert (played.state, played.clocks) == ("expired", ("stop validity",))
    assert played.change.vendors == (("v1", {"listed": "none"}),)


def test_a_managers_listing_ends_without_touching_the_company():
    assert MANAGER.play("expire_listing", W, "published").change.vendors == ()


@pytest.mark.parametrize(
    ("at", "refused"), [(NOW - TICK, {"still_valid"}), (NOW, set()), (NOW + TICK, set())]
)
def test_it_does_not_end_before_its_time(at, refused):
    assert BENCH.refusals("expire_listing", W, "published", at=at, now=at) == refused
