"""What is sent with each event of a replay: only what the record says, the rest said to be made up.

Pure. Photos are never invented: where a rule demands one, a generated note stands in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.core.ids import derived
from service.core.refs import CategoryRef
from service.core.shapes import stamp
from service.local.replay.places import Crew, Firm, member
from service.local.replay.report import Report

NOT_RECORDED = "(replay: the source does not say)"
_VISIT = timedelta(hours=2)
_CHECKS = (
    "risk_assessment", "ventilation_gas_test", "protective_gear", "guardian_outside",
    "electrical_equipment", "approval", "training_drill",
)  # fmt: skip
# Recorded events with a part that is not: a rating, an expected day.
_HALF_KNOWN = ("confirm", "request_parts")

BY = {
    "take": "crew",
    "no_access": "crew",
    "start_work": "crew",
    "request_parts": "crew",
    "complete_work": "crew",
    "confirm": "reporter",
    "refuse_confirmation": "reporter",
    "reopen": "reporter",
}
"""Who takes an event that a log tells of; the desk takes the others."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What an event's data may draw on. `crew` holds the order or is to; `said` is the status.

    `firm` is whom a case of another kind is about.
    """

    report: Report
    category: CategoryRef
    urgency: str
    responsible: str
    crew: Crew
    said: str = ""
    firm: Firm | None = None


def note_id(crew: Crew) -> UUID:
    """Return the attachment that stands where photos would: a picture of a plain note."""
    return derived("replay-note", member(crew).id)


def reporter(report: Report) -> Mapping[str, Any]:
    """Return who reported: a code at most, the sources name nobody."""
    return {"channel": report.channel, "name": report.reporter or NOT_RECORDED}


def data(
    event: str, scene: Scene, at: datetime, *, made: bool, into: str | None
) -> Mapping[str, Any]:
    """Return the data of an event. Raises KeyError for one that replays do not use."""
    mark = {"synthetic": True} if made or event in _HALF_KNOWN else {}
    if event == "merge":
        return {"into": into, **mark}
    return {**_SCRIPTS[event](scene, at), **mark}


def _accept(scene: Scene, _at: datetime) -> Mapping[str, Any]:
    person = {"named_person": NOT_RECORDED} if scene.responsible == "developer" else {}
    return {
        "category": scene.category.code,
        "urgency": scene.urgency,
        "part": scene.category.part,
        "responsible": scene.responsible,
        "class": "minor",
        **person,
    }


def _assign(scene: Scene, at: datetime) -> Mapping[str, Any]:
    return {"crew": scene.crew.id, **_visit(scene, at), "price_shown_fen": 0}


def _visit(_scene: Scene, at: datetime) -> Mapping[str, Any]:
    return {"visit_from": stamp(at), "visit_to": stamp(at + _VISIT)}


def _diagnose(scene: Scene, _at: datetime) -> Mapping[str, Any]:
    return {
        "finding": scene.report.title or NOT_RECORDED,
        "class": "minor",
        "responsible": scene.responsible,
        "outcome": "needs_plan",
    }


def _start_work(scene: Scene, _at: datetime) -> Mapping[str, Any]:
    wanted: dict[str, Any] = {"price_accepted": True}
    if scene.category.certificate == "confined_space":
        wanted["confined_space_checks"] = dict.fromkeys(_CHECKS, True)
    return wanted


def _complete_work(scene: Scene, _at: datetime) -> Mapping[str, Any]:
    note = [str(note_id(scene.crew))]
    return {
        "report": scene.report.outcome or NOT_RECORDED,
        "photos_before": note,
        "photos_after": note,
        "materials": [],
        "labour_minutes": 0,
        "site_clean": True,
    }


def _request_parts(scene: Scene, at: datetime) -> Mapping[str, Any]:
    missing = scene.said or NOT_RECORDED
    return {"items": [{"name": missing, "qty": 1}], "eta": stamp(at + _VISIT)}


def _reason(scene: Scene, _at: datetime) -> Mapping[str, Any]:
    return {"reason": _words(scene)}


def _words(scene: Scene) -> str:
    return scene.said or scene.report.outcome or NOT_RECORDED


_SCRIPTS: Mapping[str, Callable[[Scene, datetime], Mapping[str, Any]]] = {
    "accept": _accept,
    "assign": _assign,
    "take": lambda _scene, _at: {},
    "arrive": lambda _scene, _at: {"by_phone": True},
    "no_access": lambda scene, _at: {
        "call_log": scene.report.wait or scene.said or NOT_RECORDED,
    },
    "resume": _visit,
    "diagnose": _diagnose,
    "make_safe": lambda scene, _at: {
        "photos": [str(note_id(scene.crew))],
        "note": NOT_RECORDED,
    },
    "start_work": _start_work,
    "complete_work": _complete_work,
    "reassign": lambda scene, _at: {"crew": scene.crew.id, "reason": _words(scene)},
    "request_parts": _request_parts,
    "parts_ready": lambda _scene, _at: {},
    "confirm": lambda _scene, _at: {"rating": "basically_satisfied"},
    "refuse_confirmation": _reason,
    "reopen": _reason,
    "cancel": _reason,
    "refer_out": lambda scene, _at: {"reason": _words(scene), "advice": _words(scene)},
}
