"""The sentence that explains a clock, in three languages, times in the place's zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.core.messages import clock_label, text
from service.core.workflow import family_of
from service.sla.history import CAUSE
from service.sla.timer import BREACHED, EVENT, EXCUSED, MET, NOT_APPLICABLE, OPENED, PAUSED, Clock

_FALLBACK = "en"
_DAY_MS, _HOUR_MS, _MINUTE_MS = 86_400_000, 3_600_000, 60_000
_DAYS_FROM_MS = 2 * _DAY_MS  # "24 小时" is how people say it; "7 天" too

_UNITS: Final = {
    "zh-Hans": (" 天", " 小时", " 分", " 秒"),
    "zh-Hant": (" 天", " 小時", " 分", " 秒"),
    "en": (" d", " h", " min", " s"),
}
_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh-Hans": {
        "opened": "{start} 报修起计 {target}",
        "event": "{start} 起计 {target}",
        "wait": "扣除{cause} {span}",
        "running": "应于 {due} 前{act}。",
        "paused": "现已暂停，恢复后还剩 {left}。",
        "late": "应于 {due} 前{act}，已超时 {over}。",
        MET: "应于 {due} 前{act}，实际 {stopped}，按时。",
        BREACHED: "应于 {due} 前{act}，实际 {stopped}，超时 {over}。",
        EXCUSED: "已提前告知并延期，原时限 {due} 届满。",
        NOT_APPLICABLE: "{stopped} 终止，不作评定。",
        "end": "；",
        "other": "办结「{clock}」",
    },
    "zh-Hant": {
        "opened": "{start} 報修起計 {target}",
        "event": "{start} 起計 {target}",
        "wait": "扣除{cause} {span}",
        "running": "應於 {due} 前{act}。",
        "paused": "現已暫停，恢復後還剩 {left}。",
        "late": "應於 {due} 前{act}，已超時 {over}。",
        MET: "應於 {due} 前{act}，實際 {stopped}，按時。",
        BREACHED: "應於 {due} 前{act}，實際 {stopped}，超時 {over}。",
        EXCUSED: "已提前告知並延期，原時限 {due} 屆滿。",
        NOT_APPLICABLE: "{stopped} 終止，不作評定。",
        "end": "；",
        "other": "辦結「{clock}」",
    },
    "en": {
        "opened": "{target} from the report at {start}",
        "event": "{target} from {start}",
        "wait": "less {span} of {cause}",
        "running": "to {act} by {due}.",
        "paused": "paused now, {left} left after it resumes.",
        "late": "to {act} by {due}, overdue by {over}.",
        MET: "to {act} by {due}, done {stopped}: in time.",
        BREACHED: "to {act} by {due}, done {stopped}: late by {over}.",
        EXCUSED: "postponed with notice; the first commitment expired {due}.",
        NOT_APPLICABLE: "ended {stopped} without a verdict.",
        "end": "; ",
        "other": "finish “{clock}”",
    },
}
_ACTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "ack": ("受理", "受理", "accept"),
    "dispatch": ("派工", "派工", "assign"),
    "pool_answer": ("答复", "答覆", "answer"),
    "arrive": ("到场", "到場", "arrive"),
    "feedback": ("反馈", "反饋", "give notice"),
    "make_safe": ("排险", "排險", "make safe"),
    "handle": ("完工", "完工", "finish"),
    "water_same_day": ("完工", "完工", "finish"),
    "power_same_night": ("完工", "完工", "finish"),
    "promise": ("完工", "完工", "finish"),
    "confirm": ("确认", "確認", "confirm"),
    "revisit": ("回访", "回訪", "call back"),
}
_CAUSES: Final[Mapping[str, tuple[str, str, str]]] = {
    "awaiting_resident": ("待住户配合", "待住戶配合", "waiting for the resident"),
    "awaiting_fund": ("待维修资金决定", "待維修資金決定", "waiting for the fund decision"),
    "outside_calendar": ("非工作时间", "非工作時間", "closed hours"),
}
_COLUMN: Final = {"zh-Hans": 0, "zh-Hant": 1, "en": 2}


@dataclass(frozen=True, slots=True)
class Account:
    """What the sentence tells: a clock at a moment. `waits` are (reason, milliseconds).

    `kind` is that of the ticket, whose words its states have.
    """

    clock: Clock
    as_of: datetime
    due_at: datetime | None
    used_ms: int
    waits: tuple[tuple[str, int], ...]
    zone: str
    kind: str = ""


def sentence(account: Account, lang: str) -> str:
    """Return the explanation in one sentence; an unknown language reads English."""
    lang = lang if lang in _PARTS else _FALLBACK
    parts, clock = _PARTS[lang], account.clock
    left = clock.target_ms - account.used_ms
    start = _local(clock.started_at, account)
    origin = OPENED if clock.anchor == OPENED else EVENT
    said = [parts[origin].format(start=start, target=spell(clock.target_ms, lang))]
    for cause, span in _summed(account.waits).items():
        named = _cause(cause, account.kind, lang)
        said.append(parts["wait"].format(cause=named, span=spell(span, lang)))
    said.append(
        parts[_outcome(clock)].format(
            due=_local(account.due_at, account),
            stopped=_local(clock.stopped_at, account),
            act=_act(clock.name, lang),
            left=spell(left, lang),
            over=spell(-left, lang),
        )
    )
    return parts["end"].join(said)


def _outcome(clock: Clock) -> str:
    if clock.stopped_at is not None and clock.result is not None:
        return clock.result
    if clock.state == PAUSED:
        return "paused"
    return "late" if clock.breached_at is not None else "running"


def _summed(waits: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for cause, span in waits:
        found[cause] = found.get(cause, 0) + span
    return found


def _act(clock: str, lang: str) -> str:
    verb = _ACTS.get(family_of(clock))
    if verb is None:
        return _PARTS[lang]["other"].format(clock=clock_label(clock, lang))
    return verb[_COLUMN[lang]]


def _cause(cause: str, kind: str, lang: str) -> str:
    if cause in _CAUSES:
        return _CAUSES[cause][_COLUMN[lang]]
    word = cause.removeprefix(CAUSE)
    return text(f"state.{kind}.{cause}" if word == cause else f"pause.{word}", lang)


def _local(moment: datetime | None, account: Account) -> str:
    """Return `09:15`, with the date when it is not that of the moment asked about."""
    if moment is None:
        return "—"
    zone = ZoneInfo(account.zone)
    here = moment.astimezone(zone)
    same_day = here.date() == account.as_of.astimezone(zone).date()
    return f"{here:%H:%M}" if same_day else f"{here:%m-%d %H:%M}"


def spell(amount_ms: int, lang: str) -> str:
    """Return `1 小时 15 分`; whole days from two days on, seconds only under an hour."""
    units = _UNITS[lang]
    amount_ms = max(amount_ms, 0)
    days = amount_ms // _DAY_MS if amount_ms >= _DAYS_FROM_MS else 0
    hours, rest = divmod(amount_ms - days * _DAY_MS, _HOUR_MS)
    minutes, rest = divmod(rest, _MINUTE_MS)
    whole = 0 if days or hours else rest // 1000
    numbers = zip((days, hours, minutes, whole), units, strict=True)
    said = " ".join(f"{n}{unit}" for n, unit in numbers if n)
    return said or f"0{units[3]}"
