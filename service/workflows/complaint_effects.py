"""What the events of a complaint change, as values."""

from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import approvals, complaint_facts
from service.workflows.complaint_facts import BIRTH_FACTS, HOTLINE, VIOLATION
from service.workflows.complaint_guards import NOT_STAFF
from service.workflows.entries import appended
from service.workflows.holder import held_by
from service.workflows.table import own_stake, ticket_of

RECEIVER_TOLD = "complaint.receiver_told"
AUTHORITY_TOLD = "complaint.authority_told"


def _told(account: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Tell the first receiver."""
    return ((RECEIVER_TOLD, {"told": [{"role": "first_receiver", "account": account}]}),)


def _received(s: Situation, account: str) -> dict[str, Any]:
    """Make an account the first receiver; who was before stays on the list."""
    listed = appended(s, "receivers", {"account": account})
    return {"first_receiver": account, "receivers": listed}


def _named_receiver(s: Situation) -> dict[str, Any]:
    """Return the facts of a first receiver where there is none yet: who is named, or who acts."""
    if complaint_facts.of(s).first_receiver is not None:
        return {}
    return _received(s, s.data.get("receiver") or str(s.actor.id))


def receive(s: Situation) -> Change:
    """Keep the facts of the create body; whoever of the staff took it follows it up."""
    given = s.data["facts"]
    staff = s.actor.role not in NOT_STAFF
    vendor = s.refs.get("vendor") if given.get("vendor") is not None else None
    facts: dict[str, Any] = {
        **BIRTH_FACTS,
        **{name: given[name] for name in ("votes", "petition") if name in given},
        "hotline": s.data["channel"] == HOTLINE or given.get("hotline_no") is not None,
        "by_authority": given["type"] == VIOLATION,
        **(_received(s, str(s.actor.id)) if staff else {}),
    }
    return Change(
        facts=facts,
        assigns=vendor is not None,
        assignee=None if vendor is None else held_by(vendor),
        stakes=own_stake(s),
    )


def accept(s: Situation) -> Change:
    """Keep the promise, the first receiver and the company that handles it."""
    promise = {"promise_at": stamp(s.data["promise_at"])}
    vendor = s.refs.get("vendor") if s.data.get("vendor") is not None else None
    facts = {"promises": appended(s, "promises", promise), **_named_receiver(s)}
    assignee = None if vendor is None else held_by(vendor)
    kept = Change(facts=facts, assigns=vendor is not None, assignee=assignee)
    return approvals.forget(kept)


def survey(_s: Situation) -> Change:
    """Keep that the site was seen."""
    return Change(facts={"surveyed": True})


def start_handling(s: Situation) -> Change:
    """Keep who solves it."""
    return Change(facts={"handler": s.data.get("handler") or str(s.actor.id)})


def postpone(s: Situation) -> Change:
    """Count the postponement and keep the new promise beside the old one."""
    count = complaint_facts.of(s).postpone_count + 1
    promise = {"promise_at": stamp(s.data["new_promise_at"]), "postponed": True}
    return Change(facts={"postpone_count": count, "promises": appended(s, "promises", promise)})


def _handlers(s: Situation) -> dict[str, list[str]]:
    """Add who acts to those of this attempt and to those of all."""
    facts, mine = complaint_facts.of(s), str(s.actor.id)
    known = {"handled_by": facts.handled_by, "answered_by": facts.answered_by}
    return {name: list(dict.fromkeys((*who, mine))) for name, who in known.items()}


def resolve(s: Situation) -> Change:
    """Tell the first receiver that it is done (R-CMP-08)."""
    receiver = complaint_facts.of(s).first_receiver
    facts = {"resolved_at": stamp(s.at), **_handlers(s)}
    return Change(facts=facts, notices=_told(receiver) if receiver else ())


def resolve_on_spot(s: Situation) -> Change:
    """Solve at once (R-CMP-18); who did so is the first receiver when there is none."""
    done = resolve(s)
    return Change(facts={**done.facts, **_named_receiver(s)}, notices=done.notices)


def reply(s: Situation) -> Change:
    """Keep that an answer was given, and how; its words stay in the history."""
    answer = {"means": s.data["means"], "signed": s.data.get("signature") is not None}
    answers = appended(s, "answers", answer)
    return Change(facts={"answers": answers, **_handlers(s), "calls": 0})


def _judged(s: Situation, *, satisfied: bool) -> list[dict[str, Any]]:
    """Return the answers, the last with what the person thinks of it."""
    *earlier, last = s.facts["answers"]
    return [*earlier, {**last, "satisfied": satisfied}]


def satisfied(s: Situation) -> Change:
    """Keep that the person is satisfied."""
    return Change(facts={"satisfied": True, "answers": _judged(s, satisfied=True)})


def unsatisfied(s: Situation) -> Change:
    """Begin again: whoever solves it now may be judged anew."""
    answers = _judged(s, satisfied=False)
    return Change(facts={"satisfied": False, "answers": answers, "handled_by": []})


def record_call(s: Situation) -> Change:
    """Count a call that reached nobody."""
    return Change(facts={"calls": int(s.facts.get("calls", 0)) + 1})


def refer_out(s: Situation) -> Change:
    """Keep to whom the person was sent."""
    given = {n: s.data[n] for n in ("to", "advice", "phone") if s.data.get(n) is not None}
    return Change(facts={"referral": given})


def turn_to_authority(s: Situation) -> Change:
    """Leave the answer to the authority, and tell the street."""
    return Change(facts={"by_authority": True}, notices=((AUTHORITY_TOLD, {}),))


def escalate_to_mediation(s: Situation) -> Change:
    """Ask for the dispute case it becomes."""
    request = {
        "kind": "dispute_case",
        "request": s.data["request"],
        "vendor": _vendor_of(s),
        "votes": complaint_facts.of(s).votes,
    }
    return Change(facts={"converted_to": "dispute_case"}, children=(("linked_request", request),))


def _vendor_of(s: Situation) -> str | None:
    assignee = ticket_of(s).assignee
    return None if assignee is None else assignee.vendor_id


def hand_over(s: Situation) -> Change:
    """Name another first receiver and tell that one."""
    return Change(facts=_received(s, s.data["receiver"]), notices=_told(s.data["receiver"]))


def join_cluster(s: Situation) -> Change:
    """Keep which cluster it counts for."""
    return Change(facts={"cluster": s.data["cluster"], "cluster_order": s.data.get("ticket")})
