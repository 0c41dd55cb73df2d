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
)
TOPICS = frozenset(reaction.topic for reaction in REACTIONS)


def wanted(letter: Letter) -> bool:
    """Tell whether something may follow from a letter."""
    return letter.topic in TOPICS and any(
        reaction.when(letter) for reaction in REACTIONS if reaction.topic == letter.topic
    )
