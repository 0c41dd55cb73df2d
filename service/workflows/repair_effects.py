"""What the events of a repair order change, as values.

Assignments stand in `assignment_effects.py`, what follows completion in `closing_effects.py`.
"""

from typing import Any

from service.core.refs import PlaceRef
from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import repair_facts, responsibility
from service.workflows.assignment_guards import local
from service.workflows.table import ticket_of

BROADCAST = "repair_order.broadcast"
APPOINTMENT_REQUEST = "repair_order.appointment_request"


def _given(s: Situation, *names: str) -> dict[str, Any]:
    return {name: s.data[name] for name in names if s.data.get(name) is not None}


def _times(s: Situation, *names: str) -> dict[str, str]:
    return {name: stamp(s.data[name]) for name in names if s.data.get(name) is not None}


def open_order(s: Situation) -> Change:
    """Keep the facts of the create body and the counters at zero."""
    facts = {**repair_facts.BIRTH_FACTS, **s.data.get("facts", {})}
    return Change(facts={**facts, **_times(s, "appointment_from", "appointment_to")})


def submit_draft(s: Situation) -> Change:
    """Correct the draft. It counts as reported now: a draft nobody has seen is no report."""
    columns = _given(s, "category", "title", "description", "urgency")
    return Change(
        columns={**columns, "opened_at": s.at},
        facts=_times(s, "appointment_from", "appointment_to"),
    )


def follow_master(s: Situation) -> Change:
    """Remember the master order."""
    master = s.refs["master"]
    return Change(facts={"merged_into": {"id": str(master.id), "number": master.number}})


def absorb(s: Situation) -> Change:
    """Take a follower in, with those it had taken in before; the earliest report counts."""
    follower = s.refs["master"]
    rows = ({"ticket": str(follower.id), "number": follower.number}, *s.refs["followers"])
    earlier = {"opened_at": follower.opened_at} if came_earlier(s) else {}
    return Change(columns=earlier, children=tuple(("follower", row) for row in rows))


def came_earlier(s: Situation) -> bool:
    """Tell whether the follower was reported before its master."""
    earlier: bool = s.refs["master"].opened_at < ticket_of(s).opened_at
    return earlier


def triage(s: Situation) -> Change:
    """Set category, urgency, part, responsible and class; look at the warranty (R-REP-53)."""
    ticket, place, data = ticket_of(s), s.refs["place"], s.data
    facts = {
        **_given(s, "part", "responsible", "class", "named_person"),
        **_times(s, "appointment_from", "appointment_to"),
        "route": responsibility.route(
            data["responsible"], part=data["part"], urgency=data["urgency"]
        ),
        "suggested_responsible": responsibility.responsible(_case(s)),
        "warranty": responsibility.in_warranty(place, local(s, s.at).date()),
    }
    danger = data["urgency"] == "emergency"
    return Change(
        columns={"category": data["category"], "urgency": data["urgency"]},
        facts=facts,
        # An order moves only inside its compound, whose profile is one.
        repin=data["category"] != ticket.category,
        notices=(_broadcast(data["part"], place),) if danger else (),
    )


def _case(s: Situation) -> responsibility.Case:
    return responsibility.Case(
        category=s.refs["category"],
        place=s.refs["place"],
        part=s.data["part"],
        repair_class=s.data["class"],
        urgency=s.data["urgency"],
        day=local(s, s.at).date(),
    )


def _broadcast(part: str | None, place: PlaceRef) -> tuple[str, dict[str, str]]:
    """Tell everybody concerned: a compound for common parts, else the building (R-REP-51)."""
    scope = "compound" if part == "common" else "building"
    return BROADCAST, {"scope": scope, "place": place.id, "compound": place.compound_id}


def refer_out(s: Situation) -> Change:
    """Keep whom the reporter was referred to."""
    referral = {**_given(s, "utility", "phone"), "advice": s.data["advice"]}
    return Change(facts={"referral": referral})


def take(s: Situation) -> Change:
    """Tell when the crew is expected."""
    return Change(facts=_times(s, "eta"))


def waive_arrival(s: Situation) -> Change:
    """Remember that arrival was put off."""
    return Change(facts={"arrival_waived": True, "eta": stamp(s.data["new_arrive_at"])})


def arrive(s: Situation) -> Change:
    """Keep the first arrival of this cycle."""
    first = repair_facts.of(s).arrived_at
    return Change(facts={"arrived_at": stamp(first or s.at), "eta": None})


def no_access(s: Situation) -> Change:
    """Ask the resident for an appointment."""
    failed = 1 + int(s.facts.get("no_access_count", 0))
    asked = ((APPOINTMENT_REQUEST, {"failed_visits": failed}),)
    return Change(facts={"no_access_count": failed}, notices=asked)


def resume(s: Situation) -> Change:
    """Keep the new appointment."""
    return Change(facts=_times(s, "visit_from", "visit_to"))


def diagnose(s: Situation) -> Change:
    """Class and responsible are now known from the site (R-REP-49)."""
    part = repair_facts.of(s).part
    route = responsibility.route(s.data["responsible"], part=part, urgency=ticket_of(s).urgency)
    return Change(facts={**_given(s, "class", "responsible", "outcome"), "route": route})


def make_safe(s: Situation) -> Change:
    """Keep that the danger is gone; tell everybody concerned when it was public."""
    public = ticket_of(s).urgency == "emergency" and repair_facts.of(s).part == "common"
    notices = (_broadcast("common", s.refs["place"]),) if public else ()
    return Change(facts={"safe": True, "safe_at": stamp(s.at)}, notices=notices)


def start_work(s: Situation) -> Change:
    """Keep that the price was accepted."""
    return Change(facts=_given(s, "price_accepted"))


def request_parts(s: Situation) -> Change:
    """Note every missing part and when they are expected."""
    lines = tuple(("work_log", {"line": "part", **item}) for item in s.data["items"])
    return Change(facts={"parts_eta": stamp(s.data["eta"])}, children=lines)


def need_fund(s: Situation) -> Change:
    """Ask for the maintenance fund; without a committee the plan goes to the developer."""
    recipient = "committee" if s.refs["place"].committee else "developer"
    request = {
        "kind": "fund_application",
        "plan": s.data["plan"],
        "estimate_fen": s.data["estimate_fen"],
        "recipient": recipient,
    }
    fund = {"estimate_fen": s.data["estimate_fen"], "recipient": recipient}
    return Change(facts={"fund": fund}, children=(("linked_request", request),))


def fund_approved(s: Situation) -> Change:
    """Keep the decision."""
    return Change(facts={"fund": {**s.facts.get("fund", {}), "decision": "approved"}})


def fund_refused(s: Situation) -> Change:
    """Keep the decision; a danger that remains becomes a hazard."""
    dangerous = ticket_of(s).urgency == "emergency"
    request = {"kind": "hazard", "reason": "fund_refused"}
    return Change(
        facts={"fund": {**s.facts.get("fund", {}), "decision": "refused"}},
        children=(("linked_request", request),) if dangerous else (),
    )


def postpone(s: Situation) -> Change:
    """Count the postponement; a sign that was put up must come down again."""
    facts: dict[str, Any] = {
        "postpone_count": repair_facts.of(s).postpone_count + 1,
        "postponed_until": stamp(s.data["new_promise_at"]),
    }
    if s.data.get("warning_photos"):
        facts["warning_up"] = True
    return Change(facts=facts)


def convert(s: Situation) -> Change:
    """Ask for the ticket this order becomes."""
    request = {"kind": s.data["to_kind"], "reason": s.data["reason"]}
    return Change(
        facts={"converted_to": s.data["to_kind"]}, children=(("linked_request", request),)
    )
