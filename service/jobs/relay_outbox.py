"""Job: fan out what commands wrote."""

from service.jobs import rounds
from service.jobs.application import current


def run() -> None:
    """Relay."""
    app = current()
    rounds.relay_round(app)
    rounds.beat(app, "worker", job="relay")
