"""Guards of what follows a fixed grade: cure, exit review, vote, hand-over."""

from datetime import timedelta

from service.core.refs import RelatedRef
from service.core.workflow import Situation
from service.workflows import assessment_facts, grading
from service.workflows.table import ticket_of

_CURED = frozenset({"closed_passed", "closed_withdrawn"})
_GIVEN_UP = "closed_exit"


# ── cure ─────────────────────────────────────────────────────────────────────


def grade_not_basic(s: Situation) -> str | None:
    """Only a basically satisfied grade leads to rectification (R-VEN-03)."""
    basic = assessment_facts.of(s).grade == "basically_satisfied"
    return None if basic else "grade_not_basic"


def cure_pending(s: Situation) -> str | None:
    """Every rectification order of the assessment must be closed as cured or withdrawn."""
    found = _orders(s)
    cured = found and all(order.ticket.state in _CURED for order in found)
    return None if cured else "cure_pending"


def cure_not_failed(s: Situation) -> str | None:
    """Require that an order was given up, or that the vendor failed too often in a year."""
    given_up = any(order.ticket.state == _GIVEN_UP for order in _orders(s))
    failed = len(s.refs["cycles"]) >= s.policy.exit_cycles
    return None if given_up or failed else "cure_not_failed"


def _orders(s: Situation) -> list[RelatedRef]:
    return [one for one in s.refs["caused"] if one.ticket.kind == "rectification_order"]


# ── exit review ──────────────────────────────────────────────────────────────


def exit_not_justified(s: Situation) -> str | None:
    """Only a dissatisfied grade or a veto leads to the exit review (R-VEN-04, R-VEN-23)."""
    facts = assessment_facts.of(s)
    bad = facts.grade == "dissatisfied" or facts.veto is not None
    return None if bad else "exit_not_justified"


def owners_ballot_required(s: Situation) -> str | None:
    """Only the owners dismiss the company that manages the compound (R-GOV-13, R-GOV-16)."""
    wrong = assessment_facts.of(s).company and "owners" not in s.data
    return "owners_ballot_required" if wrong else None


def committee_resolution_required(s: Situation) -> str | None:
    """Let a vendor of the committee be voted on by the committee."""
    wrong = not assessment_facts.of(s).company and "committee" not in s.data
    return "committee_resolution_required" if wrong else None


def seats_wrong(s: Situation) -> str | None:
    """Require the number of seats that the charter gives a committee (R-GOV-01)."""
    vote = s.data.get("committee")
    wrong = vote is not None and vote["seats"] != s.policy.committee_seats
    return "seats_wrong" if wrong else None


def quorum_missed(s: Situation) -> str | None:
    """Enough must take part, else there was no vote (R-GOV-02, R-GOV-14)."""
    if "owners" in s.data:
        valid = grading.owners_quorate(_owners(s))
    else:
        vote = s.data["committee"]
        valid = grading.committee_quorate(vote["seats"], vote["present"])
    return None if valid else "quorum_missed"


def exit_passes(s: Situation) -> bool:
    """Tell whether the vote is for the exit."""
    if "owners" in s.data:
        return grading.owners_pass(_owners(s))
    vote = s.data["committee"]
    return grading.committee_passes(vote["present"], vote["in_favour"])


def _owners(s: Situation) -> grading.OwnersVote:
    return grading.OwnersVote(**s.data["owners"])


def exit_appealed(s: Situation) -> str | None:
    """Nobody votes while an appeal is being decided."""
    return "exit_appealed" if _appeal_open(s) else None


def exit_already_appealed(s: Situation) -> str | None:
    """One appeal a review."""
    known = "appeal" in assessment_facts.of(s).review
    return "exit_already_appealed" if known else None


def no_exit_appeal(s: Situation) -> str | None:
    """Require an appeal that waits for a decision."""
    return None if _appeal_open(s) else "no_exit_appeal"


def _appeal_open(s: Situation) -> bool:
    appeal = assessment_facts.of(s).review.get("appeal")
    return appeal is not None and "decision" not in appeal


# ── notice and hand-over ─────────────────────────────────────────────────────


def contract_term_missing(s: Situation) -> str | None:
    """Require the contract's term of notice for a service vendor."""
    missing = not assessment_facts.of(s).company and s.data.get("contract_days") is None
    return "contract_term_missing" if missing else None


def notice_too_short(s: Situation) -> str | None:
    """Require the legal span before a company leaves, the contract's before a vendor does."""
    company = assessment_facts.of(s).company
    span = s.policy.notice if company else timedelta(days=s.data.get("contract_days") or 0)
    return "notice_too_short" if s.data["leaves_at"] - s.at < span else None


def itself_successor(s: Situation) -> str | None:
    """Nobody succeeds itself."""
    assignee, vendor = ticket_of(s).assignee, s.refs.get("vendor")
    same = vendor is not None and assignee is not None and vendor.id == assignee.vendor_id
    return "itself_successor" if same else None


def handover_incomplete(s: Situation) -> str | None:
    """Rooms, files, assets and keys must all be handed over (Civil Code 949)."""
    parts = (s.data[name] for name in ("rooms", "files", "assets", "keys"))
    return None if all(parts) else "handover_incomplete"


def deposit_unsettled(s: Situation) -> str | None:
    """Require that the quality deposit is settled."""
    return None if s.data["deposit_settled"] else "deposit_unsettled"


def handover_open_tickets(s: Situation) -> str | None:
    """No open ticket may be left behind with the vendor: each is re-assigned first."""
    return "handover_open_tickets" if s.refs["open_tickets"] else None


def already_left(s: Situation) -> str | None:
    """Let a withdrawal be recorded once."""
    return "already_left" if assessment_facts.of(s).left else None


def market_exit_undecided(s: Situation) -> str | None:
    """After a serious violation it must be said whether the vendor is cleared from the market."""
    undecided = assessment_facts.of(s).serious and s.data.get("market_exit") is None
    return "market_exit_undecided" if undecided else None


def not_serious(s: Situation) -> str | None:
    """Only a serious violator is cleared from the market (R-VEN-15)."""
    return None if assessment_facts.of(s).serious else "not_serious"
