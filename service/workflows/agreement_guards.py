"""Guards of a dispute case from its terms to its end: the name of each is its code."""

from datetime import datetime

from service.core.actors import Role
from service.core.workflow import Guard, Situation
from service.workflows import case_file, dispute_facts
from service.workflows.dispute_facts import PARTY_ROLES, Entry, concerned, own_party
from service.workflows.dispute_guards import not_a_mediator_of_case
from service.workflows.session_guards import reached
from service.workflows.table import newest_clock, ticket_of

# ── signing ──────────────────────────────────────────────────────────────────


def _draft(s: Situation) -> Entry:
    return dispute_facts.of(s).agreement or {}


def signed_by(s: Situation) -> Entry | None:
    """Return the party whose signature this is; None when the mediator acts for the body."""
    return None if _for_body(s) else concerned(s)


def _for_body(s: Situation) -> bool:
    return s.actor.role not in PARTY_ROLES and s.data.get("party") is None


def completes(s: Situation) -> bool:
    """Tell whether this is the last act of signing.

    A written agreement takes effect with the seal, an oral one with its record (R-DIS-33).
    """
    if s.actor.role in PARTY_ROLES or s.data.get("party") is not None:
        return False
    oral = _draft(s).get("form") == "oral"
    return s.data.get("record") is not None if oral else s.data.get("seal") is True


def body_not_of_case(s: Situation) -> str | None:
    """Let the case's own mediators sign, seal and record; others may enter a party's paper."""
    return not_a_mediator_of_case(s) if _for_body(s) else None


def unknown_party(s: Situation) -> str | None:
    """Require a party of this case; a party signs only for itself."""
    found, wanted = signed_by(s), s.data.get("party")
    known = wanted is None or (found is not None and found["n"] == wanted)
    return None if known else "unknown_party"


def nothing_signed(s: Situation) -> str | None:
    """Require a drawn signature or a scanned page; only the body seals and records."""
    signs = any(s.data.get(name) is not None for name in ("signature", "page"))
    return None if signs or completes(s) else "nothing_signed"


def already_signed(s: Situation) -> str | None:
    """Nobody signs the same version twice."""
    draft, found = _draft(s), signed_by(s)
    if _for_body(s):
        twice = draft.get("mediator_signed") is not None and not completes(s)
    else:
        signed = {one["party"] for one in draft.get("signatures", ())}
        twice = found is not None and found["n"] in signed
    return "already_signed" if twice else None


def signatures_missing(s: Situation) -> str | None:
    """Put the seal last: after every party and the mediator (R-DIS-33)."""
    draft = _draft(s)
    if not completes(s) or draft.get("form") == "oral":
        return None
    signed = {one["party"] for one in draft.get("signatures", ())}
    parties = {party["n"] for party in dispute_facts.of(s).parties}
    by_mediator = draft.get("mediator_signed") or s.data.get("signature") or s.data.get("page")
    return None if signed >= parties and by_mediator else "signatures_missing"


def wrong_form(s: Situation) -> str | None:
    """Record an oral agreement, seal a written one."""
    oral = _draft(s).get("form") == "oral"
    wrong = s.data.get("seal") is True if oral else s.data.get("record") is not None
    return "wrong_form" if wrong else None


def rejection_not_due(s: Situation) -> str | None:
    """Silence counts as rejection only after its days."""
    if s.actor.role is not Role.SYSTEM or reached(s, "sign", "reject_terms"):
        return None
    return "rejection_not_due"


# ── obligations ──────────────────────────────────────────────────────────────


def obligation_due_past(s: Situation) -> str | None:
    """Promise only what lies ahead."""
    past = any(one["due_at"] <= s.at for one in s.data["obligations"])
    return "obligation_due_past" if past else None


def unknown_obligation(s: Situation) -> str | None:
    """Require an obligation of the agreement."""
    known = dispute_facts.of(s).obligation(s.data["number"])
    return "unknown_obligation" if known is None else None


def obligation_settled(s: Situation) -> str | None:
    """Take no obligation up again that was met."""
    known = dispute_facts.of(s).obligation(s.data["number"])
    return "obligation_settled" if known is not None and known["state"] == "done" else None


def due_at(s: Situation, obligation: Entry) -> datetime | None:
    """Return when an obligation fell or falls due; None while its clock waits."""
    clock = newest_clock(s, f"obligation-{obligation['n']}")
    return None if clock is None or clock.state != "running" else clock.due_at


def late(s: Situation, obligation: Entry) -> bool:
    """Tell whether an obligation is open though its day has passed."""
    if obligation["state"] == "overdue":
        return True
    due = due_at(s, obligation)
    return obligation["state"] == "open" and due is not None and s.at >= due


def fallen_due(s: Situation) -> Entry | None:
    """Return the obligation that now becomes overdue: the one named, else the first."""
    wanted = s.data.get("number")
    found = (
        one
        for one in dispute_facts.of(s).obligations
        if one["state"] == "open" and wanted in (None, one["n"]) and late(s, one)
    )
    return next(found, None)


def obligation_not_due(s: Situation) -> str | None:
    """Require that the date of an open obligation has passed."""
    return "obligation_not_due" if fallen_due(s) is None else None


def another_overdue(s: Situation) -> bool:
    """Tell whether the case stays in default: another obligation is overdue (RULINGS 51)."""
    rest = (o for o in dispute_facts.of(s).obligations if o["n"] != s.data.get("number"))
    return any(late(s, one) for one in rest)


def agreement_one_sided(s: Situation) -> str | None:
    """Let an obligation wait only when both sides agree."""
    both = dispute_facts.of(s).covers_both_sides(tuple(s.data["agreed_by"]))
    return None if both else "consents_missing"


def obligation_suspended(s: Situation) -> str | None:
    """Let nothing wait twice."""
    known = dispute_facts.of(s).obligation(s.data["number"])
    return "obligation_suspended" if known is not None and known.get("suspended") else None


def obligation_not_suspended(s: Situation) -> str | None:
    """Only what waits goes on."""
    known = dispute_facts.of(s).obligation(s.data["number"])
    waits = known is not None and known.get("suspended")
    return None if waits else "obligation_not_suspended"


# ── court ────────────────────────────────────────────────────────────────────


def past_30_days(s: Situation) -> str | None:
    """End the right to confirmation with its clock (R-DIS-35)."""
    clock = newest_clock(s, "judicial_30d")
    running = clock is not None and clock.state == "running" and clock.due_at is not None
    due = clock.due_at if clock is not None and running else None
    return None if due is not None and s.at <= due else "past_30_days"


def not_joint(s: Situation) -> str | None:
    """Both sides apply together: the one has approved, the other applies (R-DIS-35)."""
    own = own_party(s)
    people = (*dispute_facts.of(s).joint, *((own["n"],) if own is not None else ()))
    return None if dispute_facts.of(s).covers_both_sides(people) else "not_joint"


def not_enforceable(s: Situation) -> str | None:
    """Only a confirmed agreement is enforced; a suit on it is always possible."""
    needed = s.data["way"] == "enforcement" and not _draft(s).get("enforceable")
    return "not_enforceable" if needed else None


def arbitration_clause_missing(s: Situation) -> str | None:
    """Arbitration needs the parties' clause."""
    needed = s.data["way"] == "arbitration" and not dispute_facts.of(s).arbitration_clause
    return "arbitration_clause_missing" if needed else None


# ── closing ──────────────────────────────────────────────────────────────────


def obligations_open(s: Situation) -> str | None:
    """Everything that was promised is done."""
    done = all(one["state"] == "done" for one in dispute_facts.of(s).obligations)
    return None if done else "obligations_open"


def follow_up_missing(s: Situation) -> str | None:
    """Require a follow-up call that reached somebody."""
    call = dispute_facts.of(s).follow_up
    reached_somebody = call is not None and call["outcome"] == "reached"
    return None if reached_somebody else "follow_up_missing"


def supervised_not_closed_out(s: Situation) -> str | None:
    """Keep a listed case open until its close-out (DOMAIN 3B.1)."""
    return "supervised_not_closed_out" if dispute_facts.of(s).supervised else None


def closing_not_due(s: Situation) -> str | None:
    """Leave the parties their days to choose a legal way."""
    if s.actor.role is not Role.SYSTEM or reached(s, "legal_choice", "close_failed"):
        return None
    return "closing_not_due"


def override_not_lead(s: Situation) -> str | None:
    """Only the lead of the tier closes an incomplete file (S-51)."""
    given = s.data.get("override_reason") is not None
    return "override_not_lead" if given and not s.actor.is_lead else None


def case_file_incomplete(s: Situation) -> str | None:
    """Require a whole file, unless the lead gives a reason (R-DIS-32, S-51)."""
    return "case_file_incomplete" if _lacking(s) else None


def _lacking(s: Situation) -> tuple[str, ...]:
    if s.data.get("override_reason") is not None:
        return ()
    return case_file.lacking(s.facts, ticket_of(s).state)


def lacks(item: str) -> Guard:
    """Return the guard that names one missing item of the file."""

    def guard(s: Situation) -> str | None:
        return guard.__name__ if item in _lacking(s) else None

    guard.__name__ = f"file_lacks_{item}"
    return guard
