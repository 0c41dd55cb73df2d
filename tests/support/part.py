"""A worker or a ticker as a process of its own: `python -m tests.support.part worker|ticker`."""

import sys

from config.settings import load_settings
from service import bootstrap
from service.jobs import ticker, worker


def main(part: str) -> None:
    """Be that part until it is asked to end."""
    settings = load_settings()
    if part == "worker":
        worker.run(
            lambda ring: bootstrap.build(settings, name="anju-worker", ring=ring),
            settings.redis_url,
        )
    else:
        ticker.run(bootstrap.build(settings, name="anju-ticker"))


if __name__ == "__main__":
    main(sys.argv[1])
