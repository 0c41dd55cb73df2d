"""An ordinary hazard: a blocked fire lane, found on patrol, the property company's to clear."""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Role
from service.core.workflow import BIRTH
from service.workflows.hazard import HAZARD
from tests.support.bench import PHOTO, SUBJECT, Bench, actor
from tests.support.samples import Cell

FOUND: Mapping[str, Any] = {"found_by": "patrol", "location": "2幢1单元"}
SIGN = {"at": "2026-11-21T00:05:00.000Z", "text": "禁止堆放"}
SAFE = {"at": "2026-11-21T00:05:00.000Z", "measures": "专人看守"}
BENCH = Bench(
    HAZARD,
    facts={**FOUND, "grade": "major", "sign": SIGN, "interim": SAFE, "evidence_by": [],
           "rounds": []},
    category="hazard_fire",
    urgency="urgent",
    assignee=SUBJECT,
)  # fmt: skip
DATA: Mapping[str, Mapping[str, Any]] = {
    "report": FOUND,
    "grade": {"grade": "ordinary", "vendor": "v1", "finding": "通道被杂物堵塞一半"},
    "dismiss": {"reason": "现场复核无隐患"},
    "warn": {"photos": [PHOTO], "text": "禁止堆放"},
    "take_interim": {"measures": "专人看守", "photos": [PHOTO]},
    "circulate": {"notice": "三日内清空通道"},
    "start_cure": {"plan": "清运并划线"},
    "submit_evidence": {"report": "已清运", "photos": [PHOTO]},
    "reinspect": {},
    "pass": {"finding": "通道畅通"},
    "fail": {"finding": "仍有两车杂物"},
    "hand_to_authority": {"authority": "区消防救援大队", "reason": "物业拒不整改"},
    "hand_over": {"leaving": "v1", "vendor": "v2"},
    "add_note": {"text": "已拍照"},
}


def cell(state: str, event: str, role: Role) -> Cell:
    """Return a hazard to which nothing stands in the way of the event."""
    on = BIRTH if state == BIRTH else BENCH.ticket(state)
    return on, DATA.get(event, {}), {}, actor(role)
