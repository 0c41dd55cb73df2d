"""What is sent with each event of a replay: only what the record says, the rest said to be made up.

Pure. Photos are never invented: where a rule demands one, a generated note stands in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.core.actors import Role
from service.core.ids import derived
from service.core.refs import CategoryRef
from service.core.shapes import stamp
from service.local.replay.places import Node, actor, crew_id
from service.local.replay.reader import Report

NOT_RECORDED = "(replay: the source does not say)"
_VISIT = timedelta(hours=2)
_CHECKS = (
    "risk_assessment", "ventilation_gas_test", "protective_gear", "guardian_outside",
    "electrical_equipment", "approval", "training_drill",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """What an event's data may draw on."""

    report: Report
    category: CategoryRef
    urgency: str
    responsible: str
    street: Node


def note_id(street: Node) -> UUID:
    """Return the attachment that stands where photos would: a picture of a plain note."""
    return derived("replay-note", actor(Role.CREW, street).id)


def reporter(report: Report) -> Mapping[str, Any]:
    """Return who reported: the sources name nobody."""
    return {"channel": report.channel, "name": NOT_RECORDED}


def data(
    event: str, scene: Scene, at: datetime, *, made: bool, into: str | None
) -> Mapping[str, Any]:
    """Return the data of an event. Raises KeyError for one that replays do not use."""
    mark = {"synthetic": True} if made else {}
    if event == "merge":
        return {"into": into, **mark}
    return {**_SCRIPTS[event](scene, at), **mark}


def _accept(scene: Scene, _at: datetime) -> Mapping[str, Any]:
    return {
        "category": scene.category.code,
        "urgency": scene.urgency,
        "part": scene.category.part,
        "responsible": scene.responsible,
        "class": "minor",
    }


def _assign(scene: Scene, at: datetime) -> Mapping[str, Any]:
    return {"crew": crew_id(scene.street), **_visit(scene, at), "price_shown_fen": 0}


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
    note = [str(note_id(scene.street))]
    return {
        "report": scene.report.outcome or NOT_RECORDED,
        "photos_before": note,
        "photos_after": note,
        "materials": [],
        "labour_minutes": 0,
        "site_clean": True,
    }


_SCRIPTS = {
    "accept": _accept,
    "assign": _assign,
    "take": lambda _scene, _at: {},
    "arrive": lambda _scene, _at: {"by_phone": True},
    "no_access": lambda scene, _at: {"call_log": scene.report.wait or NOT_RECORDED},
    "resume": _visit,
    "diagnose": _diagnose,
    "make_safe": lambda scene, _at: {
        "photos": [str(note_id(scene.street))],
        "note": NOT_RECORDED,
    },
    "start_work": _start_work,
    "complete_work": _complete_work,
}
