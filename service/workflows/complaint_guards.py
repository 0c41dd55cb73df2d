"""Guards of a complaint: the name of each is the code it refuses with.

What concerns promises stands in `complaint_promises.py`.
"""

from service.core.actors import Role
from service.core.refs import AccountRef
from service.core.workflow import Situation
from service.workflows import complaint_facts
from service.workflows.complaint_facts import VIOLATION
from service.workflows.table import OFFICERS, newest_clock, ticket_of

NOT_STAFF = frozenset({Role.RESIDENT, Role.SYSTEM})
SUPERVISORS = frozenset({Role.MANAGER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER})


# ── intake ───────────────────────────────────────────────────────────────────


def violation_type_mismatch(s: Situation) -> str | None:
    """Require that a category which only an authority can settle is a violation report."""
    violation = s.facts["type"] == VIOLATION
    for_authority = s.refs["category"].responsible == "authority"
    return None if violation == for_authority else "violation_type_mismatch"


def _company_reports(s: Situation) -> bool:
    return s.facts["type"] == VIOLATION and s.actor.role not in NOT_STAFF | OFFICERS


def dissuasion_missing(s: Situation) -> str | None:
    """Require of everybody but residents and the authority itself to have stepped in first."""
    missing = _company_reports(s) and s.facts.get("dissuaded_at") is None
    return "dissuasion_missing" if missing else None


def authority_not_named(s: Situation) -> str | None:
    """Require to which authority the violation was reported."""
    missing = _company_reports(s) and not s.facts.get("reported_to")
    return "authority_not_named" if missing else None


def dissuaded_in_future(s: Situation) -> str | None:
    """Require that the offender has been dissuaded, not will be."""
    when = s.facts.get("dissuaded_at")
    return "dissuaded_in_future" if when is not None and when > s.now else None


def not_own_vendor(s: Situation) -> str | None:
    """Require that a company which receives a complaint receives it as its own."""
    other = s.facts.get("vendor") is None or s.facts["vendor"] != s.actor.vendor_id
    return "not_own_vendor" if s.actor.role is Role.VENDOR_MANAGER and other else None


# ── who ──────────────────────────────────────────────────────────────────────


def authority_handles(s: Situation) -> str | None:
    """Where an authority must answer, only an authority acts (R-CMP-09, R-CMP-24)."""
    theirs = complaint_facts.of(s).by_authority
    return "authority_handles" if theirs and s.actor.role not in OFFICERS else None


def receiver_fixed(s: Situation) -> str | None:
    """Change the first receiver by hand-over only (R-CMP-03)."""
    fixed = complaint_facts.of(s).first_receiver
    named = s.data.get("receiver")
    return "receiver_fixed" if fixed is not None and named not in (None, fixed) else None


def _account(s: Situation, member: str) -> AccountRef | None:
    found: AccountRef | None = s.refs["accounts"].get(s.data.get(member))
    return found


def _serves(found: AccountRef | None, path: str) -> bool:
    """Tell whether an account is at work on a place or above it."""
    if found is None or not found.active or found.role in NOT_STAFF:
        return False
    return path == found.place_path or path.startswith(found.place_path + "/")


def unknown_receiver(s: Situation) -> str | None:
    """Require that who follows up is at work at this place."""
    if s.data.get("receiver") is None:
        return None
    known = _serves(_account(s, "receiver"), ticket_of(s).place_path)
    return None if known else "unknown_receiver"


def unknown_handler(s: Situation) -> str | None:
    """Require that who solves it is at work at this place."""
    if s.data.get("handler") is None:
        return None
    known = _serves(_account(s, "handler"), ticket_of(s).place_path)
    return None if known else "unknown_handler"


def not_first_receiver(s: Situation) -> str | None:
    """Require the first receiver, or a superior, to hand the matter over."""
    mine = complaint_facts.of(s).first_receiver == str(s.actor.id)
    return None if mine or s.actor.role in SUPERVISORS else "not_first_receiver"


def already_receiver(s: Situation) -> str | None:
    """Hand over to somebody else."""
    same = complaint_facts.of(s).first_receiver == s.data["receiver"]
    return "already_receiver" if same else None


def own_resolution(s: Situation) -> str | None:
    """Let nobody judge the own answer: who resolved or replied does not close it."""
    own = str(s.actor.id) in complaint_facts.of(s).handled_by
    return "own_resolution" if own else None


def own_answer(s: Situation) -> str | None:
    """Let nobody override a refusal of the own work, however long ago it was (R-CMP-03)."""
    facts = complaint_facts.of(s)
    own = str(s.actor.id) in {*facts.handled_by, *facts.answered_by}
    return "own_answer" if own else None


# ── handling and answer ──────────────────────────────────────────────────────


def survey_missing(s: Situation) -> str | None:
    """Require that staff saw the site before they handle a complaint or a violation."""
    facts = complaint_facts.of(s)
    needed = facts.type in ("complaint", VIOLATION) and not facts.surveyed
    return "survey_missing" if needed and not s.data.get("no_survey_reason") else None


def signature_missing(s: Situation) -> str | None:
    """Require the signature where one was asked for (R-CMP-08)."""
    required = complaint_facts.of(s).signature_required
    return "signature_missing" if required and s.data.get("signature") is None else None


def opinion_missing(s: Situation) -> str | None:
    """Require of whoever records for the person what the person said."""
    recorded = s.actor.role is not Role.RESIDENT
    return "opinion_missing" if recorded and not s.data.get("opinion") else None


def answer_missing(s: Situation) -> str | None:
    """Require an answer before a supervisor closes against the person's wish (R-CMP-03)."""
    return None if complaint_facts.of(s).answered else "answer_missing"


# ── ways on ──────────────────────────────────────────────────────────────────


def already_with_authority(s: Situation) -> str | None:
    """Require that no authority has to answer already."""
    return "already_with_authority" if complaint_facts.of(s).by_authority else None


def company_has_time(s: Situation) -> str | None:
    """Require that the company's time is over, or its answer was refused (R-SLA-12)."""
    clock = newest_clock(s, "reply")
    overdue = clock is not None and clock.due_at is not None and clock.due_at <= s.at
    refused = complaint_facts.of(s).answered > 0
    return None if overdue or refused else "company_has_time"


def mediation_not_available(s: Situation) -> str | None:
    """Require that dispute cases exist here; nothing is faked."""
    return None if "dispute_case" in s.refs["kinds"] else "mediation_not_available"


def not_transferable(s: Situation) -> str | None:
    """Only illegal building and unpaid fees are passed to discipline inspection (R-CMP-25)."""
    fees = ticket_of(s).category == "cmp_fees"
    ground = complaint_facts.of(s).type == VIOLATION or fees
    return None if ground else "not_transferable"


def already_clustered(s: Situation) -> str | None:
    """Count a complaint for one cluster."""
    return "already_clustered" if s.facts.get("cluster") else None
