"""Job: fan out what commands wrote."""

from service.jobs import rounds
from service.jobs.application import current


def run() -> None:
    """Relay."""
    rounds.relay_round(current())
