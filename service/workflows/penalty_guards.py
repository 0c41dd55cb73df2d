"""Guards of penalties, of the deposit and of handing an order over to exit (DOMAIN 3C.4, 3C.5)."""

from service.core.refs import DepositRef
from service.core.workflow import Situation
from service.workflows import approvals, penalties, rectification_facts
from service.workflows.rectification_guards import committee_decides
from service.workflows.table import K, S, X, roles, ticket_of


def ended_cycle(s: Situation) -> int:
    """Return the cycle that is penalised: a failed one has already been counted."""
    cycle = rectification_facts.of(s).cycle_no
    return cycle if ticket_of(s).state == "overdue" else cycle - 1


def proposed_fen(s: Situation) -> int:
    """Return the deduction that the data, or else the waiting proposal, amounts to."""
    if s.data.get("amount_fen") is not None:
        return penalties.deduction(s.data["amount_fen"], ended_cycle(s), s.policy)
    fen: int = (rectification_facts.of(s).proposal or {}).get("deduction_fen", 0)
    return fen


def no_such_step(s: Situation) -> str | None:
    """Committees and developers have neither deposit nor list."""
    return "no_such_step" if _ladder(s) == "no_such_step" else None


def step_skipped(s: Situation) -> str | None:
    """No step is skipped, except for a veto or a serious violation (3C.5)."""
    return "step_skipped" if _ladder(s) == "step_skipped" else None


def _ladder(s: Situation) -> str | None:
    facts = rectification_facts.of(s)
    return penalties.refusal(
        s.data["step"],
        facts.steps_taken,
        facts.subject,
        exempt=facts.serious or "ground" in s.data,
    )


def deduction_exceeds_deposit(s: Situation) -> str | None:
    """Nothing is taken that is not there."""
    deposit: DepositRef | None = s.refs.get("deposit")
    balance = deposit.balance_fen if deposit is not None else 0
    return "deduction_exceeds_deposit" if proposed_fen(s) > balance else None


def no_proposal(s: Situation) -> str | None:
    """Require a proposed penalty: approvals are given to a step and a sum."""
    return None if rectification_facts.of(s).proposal is not None else "no_proposal"


_SOURCE = "R-FIN-02"
_PAIRS = {
    (True, False): approvals.missing("penalize", (roles(K), roles(S)), _SOURCE),
    (True, True): approvals.missing("penalize", (roles(K), roles(S), roles(X)), _SOURCE),
    (False, False): approvals.missing("penalize", (roles(S), roles(X)), _SOURCE),
    (False, True): approvals.missing("penalize", (roles(S), roles(X)), _SOURCE),
}


def approval_missing(s: Situation) -> str | None:
    """Require committee and street, and the bureau from a deduction on (R-FIN-02, 3C.5).

    Where the committee cannot decide, street and bureau do.
    """
    step = (rectification_facts.of(s).proposal or {}).get("step", 0)
    return _PAIRS[committee_decides(s), step >= penalties.BY_BUREAU].check(s)


def no_deduction(s: Situation) -> str | None:
    """Object only to a deduction that was made."""
    made = rectification_facts.of(s).last_deduction
    return None if made is not None else "no_deduction"


def already_objected(s: Situation) -> str | None:
    """Object to a deduction once."""
    made = rectification_facts.of(s).last_deduction or {}
    return "already_objected" if "objection" in made else None


def objection_too_late(s: Situation) -> str | None:
    """Object within a few days (R-FIN-02)."""
    made = rectification_facts.of(s).last_deduction
    if made is None:
        return None
    until = rectification_facts.at(made) + s.policy.objection_within
    return "objection_too_late" if s.at > until else None


def nothing_to_top_up(s: Situation) -> str | None:
    """Require a deposit that is not whole."""
    deposit: DepositRef | None = s.refs.get("deposit")
    short = deposit is not None and deposit.balance_fen < deposit.required_fen
    return None if short else "nothing_to_top_up"


def too_few_cycles(s: Situation) -> str | None:
    """Exit follows failed cures, or a serious violation."""
    facts = rectification_facts.of(s)
    enough = facts.cycle_no >= s.policy.exit_cycles or facts.serious
    return None if enough else "too_few_cycles"
