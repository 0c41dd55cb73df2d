"""Who holds an order after an event."""

from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Assignee, Change, Situation
from service.workflows import pool_pick, repair_facts
from service.workflows.assignment_guards import local, next_candidates
from service.workflows.holder import held_by
from service.workflows.table import ticket_of

BUREAU_COPY = "repair_order.bureau_copy"
DESK_ALERT = "repair_order.desk_alert"


def _named(s: Situation) -> Assignee:
    crew = s.refs.get("crew") if s.data.get("crew") is not None else None
    if crew is None:
        return held_by(s.refs["vendor"])
    return Assignee("crew", crew.id, crew.name, crew.id, crew.vendor_id)


def _copies(s: Situation) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Copy the bureau when the developer must repair (DOMAIN 3A.7)."""
    vendor = s.refs.get("vendor") if s.data.get("vendor") is not None else None
    developer = vendor is not None and vendor.body == "developer"
    return ((BUREAU_COPY, {"vendor": vendor.id}),) if vendor is not None and developer else ()


def assign(s: Situation) -> Change:
    """Name crew or vendor, with the planned visit and the price that was shown."""
    facts: dict[str, Any] = {
        "visit_from": stamp(s.data["visit_from"]),
        "visit_to": stamp(s.data["visit_to"]),
        "eta": None,
        "pick": None,
    }
    if s.data.get("price_shown_fen") is not None:
        facts["price_shown_fen"] = s.data["price_shown_fen"]
    return Change(facts=facts, assigns=True, assignee=_named(s), notices=_copies(s))


def reassign(s: Situation) -> Change:
    """Name another crew or vendor."""
    facts = {"eta": None, "pick": None}
    return Change(facts=facts, assigns=True, assignee=_named(s), notices=_copies(s))


def pick(s: Situation) -> Change:
    """Name the street's choice and keep the order it was chosen from (DOMAIN 3A.6)."""
    order = [
        candidate.vendor.id
        for candidate in pool_pick.ranked(
            s.refs["pool"],
            trade=s.refs["category"].trade,
            day=local(s, s.at).date(),
            without=repair_facts.of(s).passed,
        )
    ]
    chosen = s.data["vendor"]
    record = {"order": order, "chosen": chosen, "deviates": order[:1] != [chosen]}
    facts = {"pick": record, "eta": None}
    return Change(facts=facts, assigns=True, assignee=held_by(s.refs["vendor"]))


def pass_over(s: Situation) -> Change:
    """Ask the next contractor."""
    following = next_candidates(s)[0].vendor
    record = {**(s.facts.get("pick") or {}), "chosen": following.id}
    facts = {"pick": record, "passed": _passed(s)}
    return Change(facts=facts, assigns=True, assignee=held_by(following))


def reject(s: Situation) -> Change:
    """Nobody holds the order; whoever declined is not asked again in this cycle."""
    alert = ((DESK_ALERT, {"cause": "assignment_rejected"}),)
    facts = {"pick": None, "eta": None, "passed": _passed(s)}
    return Change(facts=facts, assigns=True, assignee=None, notices=alert)


def _passed(s: Situation) -> list[str]:
    assignee = ticket_of(s).assignee
    held = assignee.vendor_id if assignee is not None else None
    return [*repair_facts.of(s).passed, *([held] if held is not None else [])]
