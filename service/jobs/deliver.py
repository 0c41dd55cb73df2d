"""Job: send what waits for the outside."""

from service.jobs import rounds
from service.jobs.application import current


def run() -> None:
    """Deliver."""
    rounds.deliver_round(current())
