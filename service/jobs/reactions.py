"""What follows in other tickets when something happened in one: a table.

A follow-up is one row here and its function in `follow_ups.py`. It happens at least once,
under an id derived from its cause, and is linked to the cause: every ticket shows what it
caused and what caused it.
"""

from service.jobs import follow_ups as then
from service.jobs.cause import Reaction
from service.notify.letter import Letter

REACTIONS: tuple[Reaction, ...] = (
    Reaction("repair_order.merge", then.absorb, "merged"),
    Reaction("sla.breached", then.breach_costs_points, "score", when=then.costs_points),
    Reaction("sla.corrected", then.points_come_back, "score"),
    Reaction("repair_order.rectification_request", then.rework_is_rectified, "rework"),
    Reaction(
        "repair_order.fund_decided", then.danger_is_a_hazard, "danger", when=then.refused_by_fund
    ),
    Reaction("repair_order.convert", then.convert, "converted"),
    Reaction("complaint.escalate_to_mediation", then.to_mediation, "converted"),
    Reaction("dispute_case.repair_request", then.obligation_is_repaired, "obligation"),
    Reaction("dispute_case.rectification_request", then.obligation_is_rectified, "obligation"),
    Reaction("vendor_assessment.order_rectification", then.findings_are_rectified, "cure"),
    Reaction("rectification_order.pass", then.cure_retains, "cured", quiet=True),
    Reaction("rectification_order.withdraw_notice", then.cure_retains, "cured", quiet=True),
    Reaction("rectification_order.fail", then.cure_fails, "cure_failed", quiet=True),
    Reaction("rectification_order.to_exit", then.exit_is_reviewed, "exit", quiet=True),
    Reaction("rectification_order.black_list_due", then.black_list_is_proposed, "penalty"),
    Reaction("vendor_assessment.name_successor", then.orders_are_handed_over, "hand_over"),
    Reaction("listed_supervision.case_listed", then.supervise, "supervision"),
    Reaction("listed_supervision.case_delisted", then.supervise_no_longer, "supervision"),
)
TOPICS = frozenset(reaction.topic for reaction in REACTIONS)


def wanted(letter: Letter) -> bool:
    """Tell whether something may follow from a letter."""
    return letter.topic in TOPICS and any(
        reaction.when(letter) for reaction in REACTIONS if reaction.topic == letter.topic
    )
