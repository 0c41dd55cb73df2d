"""What evidence, re-inspection and its verdict change, item by item (R-VEN-05)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import approvals, penalties, rectification_facts
from service.workflows.rectification_effects import charged, credits_of, ids, signed
from service.workflows.rectification_facts import Item
from service.workflows.table import due_of

Facts = Mapping[str, Any]


def submit_evidence(s: Situation) -> Change:
    """Open a round of every item with its evidence; count the days it came late."""
    facts = rectification_facts.of(s)
    filed = {row["n"]: row for row in s.data["items"]}
    items = [
        _filed(s, item, filed[item["n"]]) if item["n"] in filed else item for item in facts.items
    ]
    due = due_of(s, "cure")
    late = penalties.days_late(s.at - due) if due is not None else 0
    kept = {
        "items": items,
        "evidence_by": sorted(s.actor.hands.union(facts.evidence_by)),
        "late_days": facts.late_days + late,
        "suspended": False,
        "proposal": None,
    }
    return approvals.forget(Change(facts=kept))


def _filed(s: Situation, item: Item, row: Item) -> Item:
    opened = {
        "cycle": rectification_facts.of(s).cycle_no,
        "evidence": ids(row["files"]),
        "note": row.get("note"),
        **signed(s),
        "result": None,
        "finding": None,
    }
    return {**item, "state": "submitted", "rounds": [*item["rounds"], opened]}


def reinspect(s: Situation) -> Change:
    """Keep who re-inspects."""
    return approvals.forget(Change(facts={"reinspector": str(s.actor.id)}))


def check_items(s: Situation) -> Change:
    """Keep results of single items; what was approved before was another result."""
    return approvals.forget(Change(facts={"items": _checked(s)}))


def flag_false_evidence(s: Situation) -> Change:
    """Fail the items whose evidence is false, and charge it."""
    named = {*s.data["items"]}
    proof = {"by": str(s.actor.id), "reason": s.data["reason"], "proof": ids(_proof(s))}
    seen = {"result": "failed", "finding": s.data["reason"], "false": proof}
    items = _last_round(s, lambda item: seen if item["n"] in named else {})
    return approvals.forget(Change(facts={"items": items}, credits=charged(s, "false_evidence")))


def strike_off(s: Situation) -> Change:
    """Pass every item of the round; a late cure costs its days (3C.2 `pass`)."""
    items = [{**item, "state": "passed"} for item in _checked(s)]
    days = rectification_facts.of(s).late_days
    lost = penalties.late_points(days, s.policy)
    return approvals.forget(
        Change(facts={"items": items}, credits=credits_of(s, lost, "cure_late") if lost else ())
    )


def fail(s: Situation) -> Change:
    """Keep what passed, return the rest, count the cycle."""
    found = rectification_facts.results(s)
    items = [{**item, "state": found.get(item["n"], item["state"])} for item in _checked(s)]
    cycle = rectification_facts.of(s).cycle_no + 1
    return approvals.forget(
        Change(facts={"items": items, "cycle_no": cycle}, credits=charged(s, "cure_failed"))
    )


def _checked(s: Situation) -> list[Item]:
    """Return the items with the results that the data adds to their last round."""
    rows = {check["n"]: check for check in s.data.get("items", ())}

    def seen(item: Item) -> Facts:
        row = rows.get(item["n"])
        if row is None or rectification_facts.last(item).get("false"):
            return {}
        checked = {"by": str(s.actor.id), "at": stamp(s.at), "photos": ids(row.get("photos", ()))}
        return {"result": row["result"], "finding": row.get("finding"), "checked": checked}

    return _last_round(s, seen)


def _last_round(s: Situation, seen: Callable[[Item], Facts]) -> list[Item]:
    """Return every item, those of this round with what was seen of their evidence."""
    return [
        item
        if item["state"] == "passed"
        else {
            **item,
            "rounds": [*item["rounds"][:-1], {**rectification_facts.last(item), **seen(item)}],
        }
        for item in rectification_facts.of(s).items
    ]


def _proof(s: Situation) -> Iterable[Any]:
    given: Iterable[Any] = s.data.get("proof", ())
    return given
