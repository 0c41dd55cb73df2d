"""A part of the service as a process of its own: `python -m tests.support.part PART [PORT]`.

PART is web (gunicorn, two worker processes), worker or ticker.
"""

import sys

from config.settings import Settings, load_settings
from service import bootstrap
from service.jobs import ticker, worker
from service.local.serving import serve


def main(part: str, port: str = "0") -> None:
    """Be that part until it is asked to end."""
    settings = load_settings()
    bootstrap.configure_logging(settings.log_level)
    bootstrap.settle()
    if part == "web":
        _serve(settings, int(port))
    elif part == "worker":
        worker.run(
            lambda ring: bootstrap.build(settings, name="anju-worker", ring=ring),
            settings.redis_url,
        )
    else:
        ticker.run(bootstrap.build(settings, name="anju-ticker"))


def _serve(settings: Settings, port: int) -> None:
    serve(lambda: bootstrap.create_app(settings), host="127.0.0.1", port=port)


if __name__ == "__main__":
    main(*sys.argv[1:])
