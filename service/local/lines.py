"""What the cast says: the data of each event, plausible and within the rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from service.core.actors import Actor, Role
from service.core.refs import CategoryRef
from service.local import evidence, reports
from service.local.behaviour import Act, Row
from service.local.cast import Cast, Where
from service.local.fates import Fate, fate_of, mint
from service.store import reference
from service.store.unit_of_work import Tx
from service.workflows import pool_pick
from service.workflows.repair_words import CONFINED_SPACE_CHECKS

_MASTER = text("""
SELECT id FROM ticket WHERE kind = 'repair_order' AND place_id = :place AND category = :category
   AND id <> :id AND closed_at IS NULL AND state <> 'draft' AND opened_at > :since
 ORDER BY opened_at, id LIMIT 1""")
_ADVICE = "该设施由专业单位负责维护，请拨打所附电话，对方会安排抢修；如长时间未解决请再联系我们。"


class NobodyFits(Exception):
    """Nobody in the cast may do this now; try again later."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One act about to be played. `now` is simulated time."""

    tx: Tx
    cast: Cast
    row: Row
    act: Act
    actor: Actor
    where: Where
    category: CategoryRef
    now: datetime
    rng: Random

    @property
    def facts(self) -> Mapping[str, Any]:
        """The order's facts."""
        found: Mapping[str, Any] = self.row["facts"]
        return found


def master_of(scene: Scene) -> UUID | None:
    """Return the oldest open order of the same fault at the same place."""
    params = {
        "place": scene.row["place_id"],
        "category": scene.row["category"],
        "id": scene.row["id"],
        "since": scene.now - timedelta(days=7),
    }
    found: UUID | None = scene.tx.conn.execute(_MASTER, params).scalar()
    return found


def part_of(where: Where, category: str) -> str:
    """Return whether a fault concerns the home or the house."""
    home = where.level == "household" and category in reports.AT_HOME
    return "private" if home else "common"


def _accept(scene: Scene) -> Mapping[str, Any]:
    row, category = scene.row, scene.category
    part = scene.facts.get("part") or part_of(scene.where, category.code)
    major = fate_of(row["id"]) is Fate.FUND and part == "common" and row["urgency"] == "normal"
    responsible = _responsible(scene, part)
    data = {
        "category": category.code,
        "urgency": row["urgency"],
        "part": part,
        "responsible": "owners" if major else responsible,
        "class": "major" if major else "minor" if row["urgency"] == "normal" else "urgent",
    }
    named = category.code == "quality_defect" and responsible == "developer"
    return {**data, "named_person": "项目质量负责人 周立新"} if named else data


def _responsible(scene: Scene, part: str) -> str:
    """Return what the desk decides: mostly what the responsibility matrix says."""
    named, flags = scene.category.responsible, scene.where.flags
    if named == "utility":
        return "utility"
    if scene.category.code == "road_pavement" and flags.get("micro_circulation_open"):
        return "authority"
    day = scene.now.astimezone(ZoneInfo(scene.row["time_zone"])).date()
    if scene.where.warranty(day) and named not in ("authority", "title_unit"):
        return "developer"
    if named in ("title_unit", "developer"):
        return named
    if part == "private":
        return "household"
    return "emergency_station" if flags.get("no_manager") else "company"


def _assign(scene: Scene) -> Mapping[str, Any]:
    visit = scene.now + timedelta(minutes=5)
    agreed = scene.facts.get("appointment_from")
    if agreed and scene.row["urgency"] == "normal":
        visit = max(visit, datetime.fromisoformat(agreed))
    chosen = _holder(scene, visit)
    price = {"price_shown_fen": 100 * scene.rng.randrange(30, 260, 10)}
    return {
        **chosen,
        "visit_from": visit.isoformat(),
        "visit_to": (visit + timedelta(hours=1)).isoformat(),
        **(price if scene.facts.get("part") == "private" else {}),
    }


def _holder(scene: Scene, visit: datetime) -> Mapping[str, str]:
    path = scene.where.path
    body = {"developer": "developer", "title_unit": "title_unit"}.get(
        scene.facts.get("responsible", "")
    )
    outside = scene.cast.body(path, body) if body else None
    if outside is not None:
        return {"vendor": outside}
    crews = scene.cast.fit_crews(path, scene.category, visit)
    # The crew of the street is nearer than the one of the whole district.
    near = [c for c in crews if c.count("-") > 1] or crews
    if not near:
        raise NobodyFits
    return {"crew": scene.rng.choice(crews if scene.rng.random() < 0.2 else near)}


def _pick(scene: Scene) -> Mapping[str, Any]:
    pool = reference.pool(
        scene.tx,
        kind=scene.row["kind"],
        ticket_id=scene.row["id"],
        place_path=scene.where.path,
        now=scene.now,
    )
    day = scene.now.astimezone(ZoneInfo(scene.row["time_zone"])).date()
    ranked = pool_pick.ranked(pool, trade=scene.category.trade, day=day)
    if not ranked:
        raise NobodyFits
    return {"vendor": ranked[0].vendor.id, "reason": "按应急库轮选顺序，该单位排在首位"}


def _refer(scene: Scene) -> Mapping[str, Any]:
    entry = scene.cast.utility(scene.where.path, scene.category.utility)
    if entry is None:
        return {"reason": "不在服务范围内", "advice": _ADVICE, "phone": "028-12345"}
    return {
        "reason": "属于专业单位维护的管线设施",
        "advice": _ADVICE,
        "utility": entry["id"],
        "phone": entry["phone"],
    }


def _photo(scene: Scene, count: int) -> list[str]:
    """Upload pictures as the acting account; return their ids."""
    ids = [mint(scene.rng, scene.now) for _ in range(count)]
    evidence.upload(scene.tx, ((ident, scene.actor.id) for ident in ids), scene.now)
    return [str(ident) for ident in ids]


def _arrive(scene: Scene) -> Mapping[str, Any]:
    if scene.actor.role is Role.DISPATCHER:
        return {"by_phone": True}
    jitter = scene.rng.uniform
    return {
        "position": {
            "lat": round(30.6571 + jitter(-0.02, 0.02), 6),
            "lon": round(104.0817 + jitter(-0.02, 0.02), 6),
            "accuracy_m": round(jitter(4, 30), 1),
        }
    }


def _diagnose(scene: Scene) -> Mapping[str, Any]:
    facts = scene.facts
    return {
        "finding": scene.rng.choice(reports.FINDINGS),
        "class": facts.get("class", "minor"),
        "responsible": facts.get("responsible", "company"),
        "outcome": "needs_plan" if fate_of(scene.row["id"]) is Fate.PARTS else "fixed_on_spot",
    }


def _start_work(scene: Scene) -> Mapping[str, Any]:
    data: dict[str, Any] = {}
    if scene.facts.get("part") == "private":
        data["price_accepted"] = True
    if scene.category.certificate == "confined_space":
        data["confined_space_checks"] = dict.fromkeys(CONFINED_SPACE_CHECKS, True)
    return data


def _cannot_finish(scene: Scene) -> Mapping[str, Any]:
    promise = scene.now + timedelta(days=scene.rng.randint(2, 5))
    return {
        "reason": scene.rng.choice(reports.CANNOT_FINISH),
        "new_promise_at": promise.isoformat(),
        "reporter_notified_at": scene.now.isoformat(),
        "warning_photos": _photo(scene, 1),
    }


def _complete(scene: Scene) -> Mapping[str, Any]:
    before, after = _photo(scene, 2)
    lines = [
        {"name": name, "qty": scene.rng.randint(1, 3), "cost_fen": cost}
        for name, cost in scene.rng.sample(reports.MATERIALS, scene.rng.randint(1, 3))
    ]
    return {
        "report": scene.rng.choice(reports.REPORTS),
        "photos_before": [before],
        "photos_after": [after],
        "materials": lines,
        "labour_minutes": scene.rng.randrange(15, 150, 5),
        "site_clean": True,
        **({"warning_removed": True} if scene.facts.get("warning_up") else {}),
    }


def _confirm(scene: Scene) -> Mapping[str, Any]:
    ratings = ("satisfied", "basically_satisfied", "unsatisfied")
    (rating,) = scene.rng.choices(ratings, weights=(78, 17, 5))
    return {"rating": rating}


def _fund_decided(scene: Scene) -> Mapping[str, Any]:
    refused = scene.rng.random() < 0.3
    decision = "refused" if refused else "approved"
    return {"decision": decision, "document": _photo(scene, 1)[0]}


def _visit(scene: Scene) -> Mapping[str, Any]:
    start = scene.now + timedelta(hours=scene.rng.randint(1, 4))
    return {
        "visit_from": start.isoformat(),
        "visit_to": (start + timedelta(hours=1)).isoformat(),
    }


DATA: Final[Mapping[str, Callable[[Scene], Mapping[str, Any]]]] = {
    "accept": _accept,
    "arrive": _arrive,
    "assign": _assign,
    "cancel": lambda _s: {"reason": "问题已自行解决，不用来了"},
    "complete_work": _complete,
    "confirm": _confirm,
    "diagnose": _diagnose,
    "fund_decided": _fund_decided,
    "merge": lambda s: {"into": str(master_of(s))},
    "make_safe": lambda s: {"photos": _photo(s, 1), "note": "已关闭阀门并设置围挡"},
    "need_fund": lambda s: {
        "plan": "拆除旧防水层，整体重做并更换落水管",
        "estimate_fen": 100 * s.rng.randrange(20_000, 180_000, 500),
    },
    "no_access": lambda _s: {"call_log": "敲门无人应答，两次电话未接"},
    "pick_pool_contractor": _pick,
    "refer_out": _refer,
    "refuse_confirmation": lambda s: {"reason": s.rng.choice(reports.REFUSALS)},
    "reject_assignment": lambda _s: {"reason": "班组在另一处抢修，赶不过来"},
    "reopen": lambda s: {"reason": s.rng.choice(reports.REFUSALS)},
    "report_cannot_finish": _cannot_finish,
    "request_parts": lambda s: {
        "items": [{"name": s.rng.choice(reports.MATERIALS)[0], "qty": 1}],
        "eta": (s.now + timedelta(hours=6)).isoformat(),
    },
    "resume": _visit,
    "revisit_call": lambda s: {"outcome": s.rng.choice(("no_answer", "busy", "switched_off"))},
    "revisit_ok": lambda s: {"rating": "satisfied"},
    "start_work": _start_work,
    "take": lambda s: {"eta": (s.now + timedelta(minutes=10)).isoformat()},
}
