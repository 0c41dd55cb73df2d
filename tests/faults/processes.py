"""The service in processes that can be told where to die: `python -m tests.faults.processes PART`.

PART is `web PORT`, `ticker`, or one round of `sweep` or `deliver`. The folder ANJU_FAULTS
holds what shall go wrong: a file `before_commit` or `after_commit` names the signal that the
process sends itself at the next commit of something written (the file goes with it),
`idle_ms` is how long the database bears an idle transaction, `clock` shifts or freezes the
application's own clock.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from config.settings import load_settings
from service import bootstrap
from service.jobs import rounds, ticker
from service.local.serving import serve
from service.store import unit_of_work

FROZEN = "frozen"
_WRITES = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")


def main(part: str, port: str = "0") -> None:
    """Be that part."""
    _arm(Path(os.environ["ANJU_FAULTS"]))
    settings = load_settings()
    if part == "web":
        serve(lambda: bootstrap.create_app(settings), host="127.0.0.1", port=int(port), workers=1)
        return
    app = bootstrap.build(settings, name=f"anju-{part}")
    if part == "ticker":
        ticker.run(app)
    elif part == "sweep":
        rounds.sweep_round(app, by="faulty")
    else:
        rounds.deliver_round(app)


def _arm(folder: Path) -> None:
    real: Callable[[Connection], None] = unit_of_work._commit

    def commit(conn: Connection) -> None:
        # Asked only when something is to happen: the question itself may meet a dead session,
        # which the real commit would have told as such.
        armed = any((folder / name).exists() for name in ("before_commit", "after_commit"))
        writes = armed and conn.execute(_WRITES).scalar()
        if writes:
            _trip(folder / "before_commit")
        real(conn)
        if writes:
            _trip(folder / "after_commit")

    unit_of_work._commit = commit  # type: ignore[assignment]
    for name, change in (("idle_ms", _bear), ("clock", _shift)):
        if (folder / name).exists():
            change((folder / name).read_text())


def _trip(fault: Path) -> None:
    try:
        number = signal.Signals[fault.read_text()]
        fault.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), number)


def _bear(milliseconds: str) -> None:
    session = unit_of_work._SESSION
    unit_of_work._SESSION = session.replace(
        "idle_in_transaction_session_timeout=10000",
        f"idle_in_transaction_session_timeout={milliseconds}",
    )
    assert session != unit_of_work._SESSION, "the session's options are spelled otherwise"


def _shift(how: str) -> None:
    """Lie about the wall clock to everything in this process that asks for it by Python."""
    began = time.time()
    real: dict[str, Any] = {name: getattr(time, name) for name in ("time", "gmtime", "localtime")}

    def now() -> float:
        return began if how == FROZEN else float(real["time"]()) + float(how)

    time.time = now  # type: ignore[assignment]
    time.time_ns = lambda: int(now() * 1e9)  # type: ignore[assignment]
    for name in ("gmtime", "localtime"):
        setattr(time, name, lambda at=None, name=name: real[name](now() if at is None else at))


if __name__ == "__main__":
    main(*sys.argv[1:])
