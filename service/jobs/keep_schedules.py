"""Job: do what the calendar asks for."""

from service.jobs import rounds
from service.jobs.application import current


def run() -> None:
    """Run the schedules that are due."""
    rounds.schedules_round(current())
