"""What penalties, deposits and the hand-over to exit change (DOMAIN 3C.4, 3C.5; R-FIN-01…03)."""

from collections.abc import Mapping
from typing import Any

from service.core.refs import DepositRef
from service.core.shapes import stamp
from service.core.workflow import Change, Posting, Situation
from service.workflows import approvals, credit, penalties, rectification_facts
from service.workflows.penalty_guards import ended_cycle, proposed_fen
from service.workflows.rectification_effects import charged
from service.workflows.table import ticket_of

CIRCULAR = "rectification_order.circular"
DEDUCTION = "rectification_order.deduction"
DEPOSIT_LOW = "rectification_order.deposit_low"
BLACK_LIST_DUE = "rectification_order.black_list_due"
MARKET_EXIT = "rectification_order.market_exit"
TRANSFERRED = "rectification_order.transferred"
DECISION_REVOKED = "rectification_order.decision_revoked"

Notices = tuple[tuple[str, Mapping[str, Any]], ...]

_TOLD = {
    penalties.CIRCULAR: CIRCULAR,
    penalties.DEDUCTION: DEDUCTION,
    penalties.BLACK_LIST: BLACK_LIST_DUE,
    penalties.TENDER_BAR: BLACK_LIST_DUE,
    penalties.MARKET_EXIT: MARKET_EXIT,
    penalties.TRANSFER: TRANSFERRED,
}
_OUTCOMES = {
    "vendor": "exit_review",
    "developer": "reported_to_authority",
    "committee": "decision_revoked",
}


def propose_penalty(s: Situation) -> Change:
    """Put step and sum before those who approve; earlier approvals were for something else."""
    given = ("step", "violation", "amount_fen", "clause", "ground")
    proposal = {name: s.data[name] for name in given if name in s.data}
    proposal |= {
        "cycle": ended_cycle(s),
        "factor": penalties.factor(ended_cycle(s), s.policy),
        "deduction_fen": proposed_fen(s),
        "by": str(s.actor.id),
        "at": stamp(s.at),
    }
    return approvals.forget(Change(facts={"proposal": proposal}))


def penalize(s: Situation) -> Change:
    """Take the step: money, credit, market. A cycle that ended overdue is counted here."""
    facts = rectification_facts.of(s)
    proposal = facts.proposal or {}
    people = sorted({*approvals.of(s, "penalize"), str(s.actor.id)})
    penalty = {**proposal, "approved_by": people, "at": stamp(s.at)}
    kept = {
        "penalties": [*facts.penalties, penalty],
        "proposal": None,
        "serious": facts.serious or "ground" in proposal,
        "cycle_no": ended_cycle(s) + 1,
    }
    change = Change(
        facts=kept,
        credits=charged(s, "penalised"),
        postings=_deducted(s),
        vendors=_cleared(s, proposal["step"]),
        notices=_notices(s, proposal["step"]),
    )
    return approvals.forget(change)


def _deducted(s: Situation) -> tuple[Posting, ...]:
    """Move the sum into the compound's public money (R-FIN-03)."""
    deposit: DepositRef | None = s.refs.get("deposit")
    fen = proposed_fen(s)
    if not fen or deposit is None:
        return ()
    return (
        Posting(
            deposit.vendor,
            deposit.compound,
            debit=f"deposit:{deposit.vendor}:{deposit.compound}",
            credit=f"public:{deposit.compound}",
            fen=fen,
            reason="deduction",
        ),
    )


def _cleared(s: Situation, step: int) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Clear the vendor from the market (R-VEN-15). The black list has a workflow of its own."""
    assignee = ticket_of(s).assignee
    cleared = step == penalties.MARKET_EXIT and assignee is not None
    return ((assignee.id, {"market_exit": True}),) if assignee is not None and cleared else ()


def _notices(s: Situation, step: int) -> Notices:
    assignee = ticket_of(s).assignee
    about = {"step": step, "vendor": assignee.id if assignee is not None else None}
    told: Notices = ((_TOLD[step], about),)
    return (*told, (DEPOSIT_LOW, about)) if _falls_low(s) else told


def _falls_low(s: Situation) -> bool:
    deposit: DepositRef | None = s.refs.get("deposit")
    if deposit is None or not proposed_fen(s):
        return False
    left = deposit.balance_fen - proposed_fen(s)
    return credit.is_blocked(required_fen=deposit.required_fen, balance_fen=left)


def falls_short(s: Situation) -> bool:
    """Tell whether the deduction leaves a duty to top up."""
    deposit: DepositRef | None = s.refs.get("deposit")
    fen = proposed_fen(s)
    return bool(fen) and deposit is not None and deposit.balance_fen - fen < deposit.required_fen


def object_deduction(s: Situation) -> Change:
    """Keep the company's objection beside the deduction, which stands (R-FIN-02)."""
    facts = rectification_facts.of(s)
    objection = {
        "reason": s.data["reason"],
        "proof": [str(file) for file in s.data.get("proof", ())],
        "by": str(s.actor.id),
        "at": stamp(s.at),
    }
    kept = [
        {**penalty, "objection": objection} if penalty is facts.last_deduction else penalty
        for penalty in facts.penalties
    ]
    return Change(facts={"penalties": kept})


def record_top_up(s: Situation) -> Change:
    """Book the money into the deposit."""
    deposit: DepositRef = s.refs["deposit"]
    paid = Posting(
        deposit.vendor,
        deposit.compound,
        debit=f"vendor:{deposit.vendor}",
        credit=f"deposit:{deposit.vendor}:{deposit.compound}",
        fen=s.data["amount_fen"],
        reason="top_up",
    )
    return Change(postings=(paid,))


def is_whole_again(s: Situation) -> bool:
    """Tell whether the payment fills the deposit up."""
    deposit: DepositRef = s.refs["deposit"]
    whole: bool = deposit.balance_fen + s.data["amount_fen"] >= deposit.required_fen
    return whole


def to_exit(s: Situation) -> Change:
    """Hand over: a vendor to exit review; a committee's decision is revoked (R-VEN-24)."""
    outcome = _OUTCOMES[rectification_facts.of(s).subject]
    revoked: Notices = ((DECISION_REVOKED, {"outcome": outcome}),)
    return Change(
        facts={"outcome": outcome}, notices=revoked if outcome == "decision_revoked" else ()
    )
