"""Guards of a repair order: the name of each is the code it refuses with.

What is refused is a fact about the world; the shape of the data is settled before.
Who may be assigned stands in `assignment_guards.py`.
"""

from datetime import timedelta

from service.core.actors import Role
from service.core.refs import TicketRef
from service.core.workflow import Assignee, Situation
from service.workflows import repair_facts
from service.workflows.repair_words import CONFINED_SPACE_CHECKS, OWN_FINDINGS
from service.workflows.table import due_of, ticket_of

VISITS_BEFORE_CANCEL = 3  # DOMAIN 3A.2, no_access
VISITS_WITHIN = timedelta(days=7)


def in_danger(s: Situation) -> bool:
    """Tell whether an emergency's danger is still there."""
    return ticket_of(s).urgency == "emergency" and not repair_facts.of(s).safe


# ── who ──────────────────────────────────────────────────────────────────────


def not_assigned(s: Situation) -> str | None:
    """Crew events belong to the assigned crew or vendor; other roles have their own right."""
    actor, assignee = s.actor, ticket_of(s).assignee
    if actor.role not in (Role.CREW, Role.VENDOR_MANAGER):
        return None
    return None if assignee is not None and _holds(s, assignee) else "not_assigned"


def _holds(s: Situation, assignee: Assignee) -> bool:
    actor = s.actor
    same_vendor = actor.vendor_id is not None and actor.vendor_id == assignee.vendor_id
    if actor.role is Role.VENDOR_MANAGER:
        return same_vendor
    same_crew = actor.crew_id is not None and actor.crew_id == assignee.crew_id
    return same_crew or (assignee.type == "vendor" and same_vendor)


def common_part_only(s: Situation) -> str | None:
    """Committee and manager confirm for common parts only; a household speaks for itself."""
    if s.actor.role is Role.RESIDENT or repair_facts.of(s).part == "common":
        return None
    return "common_part_only"


def arrival_proof_missing(s: Situation) -> str | None:
    """Require position or code from a crew; only the desk records a phone call."""
    if s.actor.role is Role.DISPATCHER:
        return None if s.data.get("by_phone") else "arrival_proof_missing"
    proven = s.data.get("position") is not None or s.data.get("qr") is not None
    return None if proven else "arrival_proof_missing"


# ── intake ───────────────────────────────────────────────────────────────────


def contact_missing(s: Situation) -> str | None:
    """Require a contact unless the report is the service's own finding (R-REP-17)."""
    own = repair_facts.of(s).origin in OWN_FINDINGS
    return None if own or ticket_of(s).reporter_id is not None else "contact_missing"


def unknown_category(s: Situation) -> str | None:
    """Triage must name a category of the catalogue."""
    return "unknown_category" if s.refs.get("category") is None else None


def named_person_missing(s: Situation) -> str | None:
    """Require that a quality defect is assigned to the unit and to a person (R-REP-54)."""
    needed = s.data["category"] == "quality_defect" and s.data["responsible"] == "developer"
    return "named_person_missing" if needed and not s.data.get("named_person") else None


def unknown_utility(s: Situation) -> str | None:
    """Require that a named utility stands in the directory of the place."""
    named = s.data.get("utility") is not None
    return "unknown_utility" if named and s.refs.get("utility") is None else None


def utility_phone_required(s: Situation) -> str | None:
    """Whoever is referred to a utility gets its number (R-REP-11)."""
    responsible = repair_facts.of(s).responsible
    if responsible is None and s.refs.get("category") is not None:
        responsible = s.refs["category"].responsible
    concerned = s.data.get("utility") is not None or responsible == "utility"
    return "utility_phone_required" if concerned and not s.data.get("phone") else None


def kind_not_available(s: Situation) -> str | None:
    """Require that the other workflow exists; nothing is faked."""
    return None if s.data["to_kind"] in s.refs["kinds"] else "kind_not_available"


# ── merge ────────────────────────────────────────────────────────────────────


def _master(s: Situation) -> TicketRef | None:
    master: TicketRef | None = s.refs.get("master")
    return master if master is not None and master.kind == ticket_of(s).kind else None


def unknown_ticket(s: Situation) -> str | None:
    """Require that the other order exists and the caller may see it."""
    return None if _master(s) is not None else "unknown_ticket"


def itself(s: Situation) -> str | None:
    """Require another order than this one."""
    master = _master(s)
    return "itself" if master is not None and master.id == ticket_of(s).id else None


def master_closed(s: Situation) -> str | None:
    """Require that the master is open and reported."""
    master = _master(s)
    shut = master is not None and (not master.is_open or master.state == "draft")
    return "master_closed" if shut else None


def different_place(s: Situation) -> str | None:
    """Duplicates lie at one place."""
    master = _master(s)
    other = master is not None and master.place_id != ticket_of(s).place_id
    return "different_place" if other else None


def different_category(s: Situation) -> str | None:
    """Duplicates are of one category."""
    master = _master(s)
    other = master is not None and master.category != ticket_of(s).category
    return "different_category" if other else None


def merge_too_old(s: Situation) -> str | None:
    """Duplicates were reported within a few days of each other."""
    master = _master(s)
    if master is None:
        return None
    apart = abs(ticket_of(s).opened_at - master.opened_at)
    return "merge_too_old" if apart > timedelta(days=s.policy.merge_days) else None


# ── arrival and access ───────────────────────────────────────────────────────


def already_waived(s: Situation) -> str | None:
    """Arrival is put off once."""
    return "already_waived" if repair_facts.of(s).arrival_waived else None


def arrival_overdue(s: Situation) -> str | None:
    """Arrival is put off before it is due, while its clock runs."""
    due = due_of(s, "arrive")
    return None if due is not None and s.at < due else "arrival_overdue"


def consent_in_future(s: Situation) -> str | None:
    """Require that a consent was given before it is recorded."""
    return "consent_in_future" if s.data["consented_at"] > s.now else None


def new_time_past(s: Situation) -> str | None:
    """Require that a new arrival time lies ahead."""
    return "new_time_past" if s.data["new_arrive_at"] <= s.at else None


def visit_past(s: Situation) -> str | None:
    """Require that a new appointment lies ahead."""
    return "visit_past" if s.data["visit_to"] <= s.at else None


# ── danger and work ──────────────────────────────────────────────────────────


def danger_not_removed(s: Situation) -> str | None:
    """Nothing comes before making an emergency safe (ruling 12)."""
    return "danger_not_removed" if in_danger(s) else None


def danger_on_site(s: Situation) -> str | None:
    """After arrival a dangerous order is not withdrawn; the hazard stays."""
    arrived = repair_facts.of(s).arrived_at is not None
    return "danger_on_site" if arrived and in_danger(s) else None


def too_few_visits(s: Situation) -> str | None:
    """Require three failed visits in a week before the desk gives up on a resident."""
    waiting = ticket_of(s).state == "awaiting_resident"
    if s.actor.role is not Role.DISPATCHER or not waiting:
        return None
    recent = [at for at in s.refs["no_access_times"] if s.at - at <= VISITS_WITHIN]
    return None if len(recent) >= VISITS_BEFORE_CANCEL else "too_few_visits"


def price_not_accepted(s: Situation) -> str | None:
    """Work on a private part begins with the accepted price (R-REP-13)."""
    private = repair_facts.of(s).part == "private"
    return "price_not_accepted" if private and s.data.get("price_accepted") is not True else None


def confined_space_checks_missing(s: Situation) -> str | None:
    """Nobody enters a confined space before all seven checks (ruling 41)."""
    category = s.refs.get("category")
    if category is None or category.certificate != "confined_space":
        return None
    checks = s.data.get("confined_space_checks") or {}
    passed = all(checks.get(name) is True for name in CONFINED_SPACE_CHECKS)
    return None if passed else "confined_space_checks_missing"


def fund_decision_missing(s: Situation) -> str | None:
    """Require the owners' decision for what they pay from the fund (R-REP-34)."""
    facts = repair_facts.of(s)
    owners = facts.responsible == "owners" and facts.repair_class == "major"
    free = facts.fund_decision == "approved" or ticket_of(s).urgency == "emergency"
    return "fund_decision_missing" if owners and not free else None


def site_not_clean(s: Situation) -> str | None:
    """Work done, material cleared, site clean (R-REP-45)."""
    return None if s.data["site_clean"] else "site_not_clean"


def warning_not_removed(s: Situation) -> str | None:
    """Require that a warning sign that was put up is taken down."""
    up = repair_facts.of(s).warning_up
    return "warning_not_removed" if up and s.data.get("warning_removed") is not True else None


# ── fund ─────────────────────────────────────────────────────────────────────


def not_common_part(s: Situation) -> str | None:
    """Require a common part: the maintenance fund is for nothing else."""
    return None if repair_facts.of(s).part == "common" else "not_common_part"


def not_major(s: Situation) -> str | None:
    """Require a medium or major repair."""
    return None if repair_facts.of(s).repair_class == "major" else "not_major"


def fund_application_decides(s: Situation) -> str | None:
    """Where fund applications are a workflow, its outcome decides, not a person."""
    if s.actor.role is Role.SYSTEM or "fund_application" not in s.refs["kinds"]:
        return None
    return "fund_application_decides"


def document_missing(s: Situation) -> str | None:
    """Require that a person records a decision with its document (ruling 14)."""
    missing = s.actor.role is not Role.SYSTEM and s.data.get("document") is None
    return "document_missing" if missing else None
