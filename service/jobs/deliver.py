"""Job: send what waits for the outside."""

from service.jobs import rounds
from service.jobs.application import current


def run() -> None:
    """Deliver."""
    app = current()
    rounds.deliver_round(app)
    rounds.beat(app, "worker", job="deliver")
