"""Job: fire what is due, and tell at once whom it concerns."""

from service.jobs import rounds
from service.jobs.application import current


def run() -> None:
    """Sweep; relay what the sweep wrote, rather than ring for another job.

    Only this job notes that workers live: other jobs may be done one after another while the
    sweep waits behind them, and the ticker must see that.
    """
    app = current()
    swept = rounds.sweep_round(app, by=rounds.who("worker"))
    if swept.fired:
        rounds.relay_round(app)
    rounds.beat(app, "worker", job="sweep")
