"""What completion, confirmation, rework and revisit change."""

from datetime import datetime
from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import repair_facts
from service.workflows.assignment_guards import local
from service.workflows.table import ticket_of

REWORK_NOTICE = "repair_order.rework_notice"
RECTIFICATION_REQUEST = "repair_order.rectification_request"
REVISIT_SUBSTITUTE = "repair_order.revisit_substitute"
CALLS_UNTIL_UNREACHABLE = 3  # DOMAIN 3A.5
DAYS_UNTIL_UNREACHABLE = 2


def complete(s: Situation) -> Change:
    """Write the work log and the sums (R-REP-20)."""
    materials = s.data["materials"]
    lines: list[tuple[str, dict[str, Any]]] = [
        ("work_log", {"line": "material", **material}) for material in materials
    ]
    lines.append(("work_log", {"line": "labour", "minutes": s.data["labour_minutes"]}))
    facts = {
        "completed_at": stamp(s.at),
        "material_fen": sum(material["cost_fen"] for material in materials),
        "labour_minutes": s.data["labour_minutes"],
        "warning_up": False,
    }
    return Change(facts=facts, children=tuple(lines))


def confirm(s: Situation) -> Change:
    """Keep the rating; it counts for the crew."""
    return Change(facts={"rating": s.data["rating"], "unconfirmed": False})


def auto_confirm(_s: Situation) -> Change:
    """Flag that nobody answered: such orders weigh double in the revisit sample."""
    return Change(facts={"unconfirmed": True})


def rework(s: Situation) -> Change:
    """Begin a new cycle: count it, forget what belonged to the last one."""
    count = repair_facts.of(s).rework_count + 1
    facts: dict[str, Any] = {
        "rework_count": count,
        "safe": False,
        "arrived_at": None,
        "arrival_waived": False,
        "eta": None,
        "pick": None,
        "passed": [],
        "rating": None,
        "unconfirmed": False,
        "revisit": None,
        "revisit_calls": [],
    }
    return Change(facts=facts, children=_rectification(s, count), notices=_notices(s, count))


def revisit_failed(s: Situation) -> Change:
    """Rework, with the result of the call."""
    change = rework(s)
    result = ("revisit", {"status": "revisited_fail"})
    return Change(facts=change.facts, children=(result, *change.children), notices=change.notices)


def _notices(s: Situation, count: int) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Tell manager and committee, and ask for a quality inspection (3A.2)."""
    notices: list[tuple[str, dict[str, Any]]] = []
    if count >= s.policy.rework_notice:
        told = {"count": count, "roles": ["manager", "committee"], "inspect": True}
        notices.append((REWORK_NOTICE, told))
    if count >= s.policy.rework_rectify:
        notices.append((RECTIFICATION_REQUEST, {"count": count}))
    return tuple(notices)


def _rectification(s: Situation, count: int) -> tuple[tuple[str, dict[str, Any]], ...]:
    if count < s.policy.rework_rectify:
        return ()
    assignee = ticket_of(s).assignee
    vendor = assignee.vendor_id if assignee is not None else None
    request = {"kind": "rectification_order", "vendor": vendor, "rework_count": count}
    return (("linked_request", request),)


def revisit_draw(s: Situation) -> Change:
    """Open a revisit and keep why it was drawn."""
    proof = {n: s.data[n] for n in ("month", "seed", "instead_of") if s.data.get(n) is not None}
    weight = 2 if repair_facts.of(s).unconfirmed else 1
    row = {"status": "revisit_due", "draw": s.data.get("draw", "always"), "weight": weight}
    return Change(
        facts={"revisit": "revisit_due", "revisit_calls": []},
        children=(("revisit", {**row, **proof}),),
    )


def revisit_called(s: Situation) -> Change:
    """Count a call that reached nobody; after the last one another order is drawn."""
    calls = _calls(s)
    given_up = unreachable(s)
    status = "unreachable" if given_up else "revisit_due"
    return Change(
        facts={"revisit": status, "revisit_calls": [stamp(at) for at in calls]},
        children=(("revisit", {"status": status, "outcome": s.data["outcome"]}),),
        notices=((REVISIT_SUBSTITUTE, {"instead_of": str(ticket_of(s).id)}),) if given_up else (),
    )


def unreachable(s: Situation) -> bool:
    """Tell whether this call makes the resident unreachable: three on two days."""
    calls = _calls(s)
    days = {local(s, at).date() for at in calls}
    return len(calls) >= CALLS_UNTIL_UNREACHABLE and len(days) >= DAYS_UNTIL_UNREACHABLE


def _calls(s: Situation) -> list[datetime]:
    return [*repair_facts.of(s).revisit_calls, s.at]


def revisit_ok(s: Situation) -> Change:
    """Keep that the resident was reached."""
    row: dict[str, Any] = {"status": "revisited_ok"}
    if s.data.get("rating") is not None:
        row["rating"] = s.data["rating"]
    return Change(facts={"revisit": "revisited_ok"}, children=(("revisit", row),))
