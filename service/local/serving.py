"""The web server of one process tree: gunicorn with threads, named so that people find it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from setproctitle import setproctitle

TITLE = "anju web"
_TURN_S = 0.001
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 — gunicorn keeps empty heartbeat files there


class WebServer(BaseApplication):  # type: ignore[misc]
    """Serves one application, loaded once before the workers are forked."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Take our options; nothing is read from files or GUNICORN_CMD_ARGS."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self._make_app()


def _begin(_worker: object) -> None:
    """Settle in a worker: its name, and how soon a thread back from the database may go on.

    With Python's usual 5 ms a short answer waits for long ones that are being worded.
    """
    setproctitle(TITLE)
    sys.setswitchinterval(_TURN_S)


def serve(
    make_app: Callable[[], Flask],
    *,
    host: str,
    port: int,
    workers: int = 2,
    threads: int = 8,
) -> None:
    """Serve until SIGTERM or SIGINT. A taken port ends the process after five tries."""
    setproctitle(TITLE)
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": 8,
        "keepalive": 15,
        "limit_request_line": 8190,  # API 1: URLs up to 8 KiB
        "control_socket_disable": True,
        "loglevel": "warning",
        # gunicorn would call them "gunicorn: worker"; ours are told apart by what they do.
        "when_ready": lambda _server: setproctitle(TITLE),
        "post_worker_init": _begin,
    }
    if _SHARED_MEMORY.is_dir():
        # A worker that waits for a slow disk is not taken for a dead one.
        options["worker_tmp_dir"] = str(_SHARED_MEMORY)
    WebServer(make_app, options).run()
