"""What a client sends with each event of a repair order: mostly sound, sometimes not quite."""

from collections.abc import Mapping
from random import Random
from typing import Any

from service.workflows.repair_words import CONFINED_SPACE_CHECKS
from tests.faults.checker import canary
from tests.faults.soak import office_data
from tests.faults.soak.moment import Data, Moment, Sent
from tests.faults.soak.world import phone

CATEGORIES = ("water_leak", "water_leak", "burst_pipe", "circuit", "drain", "roof", "toilet")
REPAIR = "repair_order"


def data_for(event: str, moment: Moment) -> Data:
    """Return data for an event of a ticket; {} for one that needs none or is not known here."""
    kind = moment.ticket.get("kind", REPAIR)
    if kind != REPAIR:
        return office_data.data_for(kind, event, moment)
    made = _DATA.get(event)
    return made(moment) if made else {}


def order(rng: Random, place: str, path: str, turn: int) -> dict[str, Any]:
    """Return the body that opens an order at a place."""
    body: dict[str, Any] = {
        "place": place,
        "category": rng.choice(CATEGORIES),
        "title": f"{canary(path)} {turn}",
        "description": f"水槽下滴水 {canary(path)}",
        "reporter": {"name": f"张三{turn}", "phone": phone(turn), "channel": "phone"},
        "facts": {"origin": "customer"},
    }
    if rng.random() < 0.5:
        body["urgency"] = rng.choice(("emergency", "urgent", "normal"))
    return body


def _accept(m: Moment) -> Data:
    return {
        "category": m.ticket["category"],
        "urgency": m.ticket["urgency"],
        "part": m.rng.choice(("private", "common")),
        "responsible": "company",
        "class": m.rng.choice(("minor", "urgent", "major")),
    }


def _assign(m: Moment) -> Data:
    crew = "c-north" if m.person.place_path.startswith("north") else m.rng.choice(("c7", "c9"))
    holder = {"vendor": "v-lotus"} if m.rng.random() < 0.2 else {"crew": crew}
    visit = {"visit_from": m.later(0.5), "visit_to": m.later(2)}
    return {**holder, **visit, "price_shown_fen": m.rng.randrange(100, 90_000)}


def _reassign(m: Moment) -> Data:
    crew = "c-north" if m.person.place_path.startswith("north") else m.rng.choice(("c7", "c9"))
    return {"crew": crew, "reason": m.words}


def _diagnose(m: Moment) -> Data:
    return {
        "finding": m.words,
        "class": m.rng.choice(("minor", "urgent")),
        "responsible": "company",
        "outcome": "needs_plan",
    }


def _complete(m: Moment) -> Data:
    return {
        "report": m.words, "photos_before": m.photos, "photos_after": m.photos,
        "materials": [{"name": "接头", "qty": 1, "cost_fen": m.rng.randrange(9000)}],
        "labour_minutes": 40, "site_clean": True, "warning_removed": True,
    }  # fmt: skip


def _cannot_finish(m: Moment) -> Data:
    return {
        "reason": m.words,
        "new_promise_at": m.later(m.rng.uniform(30, 60)),
        "reporter_notified_at": m.ticket["opened_at"],
        "warning_waiver": "户内维修,无须警示",
    }


def _waive(m: Moment) -> Data:
    return {
        "consented_at": m.ticket["opened_at"],
        "consented_by": "张三",
        "new_arrive_at": m.later(20),
    }


def _start(m: Moment) -> Data:
    return {
        "price_accepted": True,
        "confined_space_checks": dict.fromkeys(CONFINED_SPACE_CHECKS, True),
    }


def _decided(m: Moment) -> Data:
    decision = m.rng.choice(("approved", "approved", "refused"))
    return {"decision": decision, "document": str(m.person.photo)}


def _reason(m: Moment) -> Data:
    return {"reason": m.words}


_DATA: Mapping[str, Sent] = {
    "accept": _accept,
    "assign": _assign,
    "reassign": _reassign,
    "pick_pool_contractor": lambda m: {
        "vendor": m.rng.choice(("v-pool1", "v-pool2")),
        "reason": m.words,
    },
    "reject_assignment": _reason,
    "take": lambda m: {"eta": m.later(1)},
    "waive_arrival": _waive,
    "arrive": lambda m: {"position": {"lat": 30.65, "lon": 104.08}, "by_phone": True},
    "no_access": lambda m: {"photos": m.photos},
    "resume": lambda m: {"visit_from": m.later(14), "visit_to": m.later(20)},
    "diagnose": _diagnose,
    "make_safe": lambda m: {"photos": m.photos, "note": m.words},
    "start_work": _start,
    "request_parts": lambda m: {"items": [{"name": "阀门", "qty": 1}], "eta": m.later(4)},
    "need_fund": lambda m: {"plan": m.words, "estimate_fen": 1_200_000},
    "fund_decided": _decided,
    "report_cannot_finish": _cannot_finish,
    "complete_work": _complete,
    "confirm": lambda m: {"rating": m.rng.choice(("satisfied", "unsatisfied"))},
    "refuse_confirmation": _reason,
    "revisit_call": lambda m: {"outcome": "no_answer"},
    "revisit_ok": lambda m: {"rating": "satisfied"},
    "revisit_fail": lambda m: {"finding": m.words},
    "reopen": _reason,
    "cancel": _reason,
    "refer_out": lambda m: {"reason": m.words, "advice": m.words, "phone": "96655"},
    "merge": lambda m: {"into": m.ticket.get("like", m.ticket["id"])},
    "convert": lambda m: {
        "to_kind": m.rng.choice(("complaint", "dispute_case")),
        "reason": m.words,
    },
}
