"""The raw floor: bare Flask and psycopg doing the statements of Anju's tapes, and nothing else.

No validation, no permission, no decision, no clock arithmetic, no masking: what is left of a
service when only the web server, the driver and the database remain. Started as
`python -m benchmarks.floor TAPES DSN PORT WORKERS` under the same web server as Anju.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from benchmarks.tape import Tape
from service.local.serving import serve

_SETTINGS = "-c timezone=UTC"


def create_app(tapes: dict[str, Tape], dsn: str) -> Flask:
    """Return an application with one route: `/<name of tape>/<subject>`; "-" is a new one."""
    app = Flask("floor", static_folder=None)
    keeper = _Keeper(dsn)

    @app.route("/<name>/<subject>", methods=["GET", "POST"])
    def play(name: str, subject: str) -> Response:
        if request.method == "POST":
            request.get_json()
        ident, statements = tapes[name].played_for("" if subject == "-" else subject)
        found = []
        with keeper.pool().connection() as conn:
            for sql, params, prepared in statements:
                cursor = conn.execute(sql, params, prepare=None if prepared else False)
                if cursor.description:
                    found.append(cursor.fetchall())
        body = orjson.dumps({"id": ident, "rows": found}, default=_plain)
        return Response(body, content_type="application/json")

    return app


class _Keeper:
    """Opens the pool on first use: the web server forks before."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pool: ConnectionPool[Connection[dict[str, Any]]] | None = None

    def pool(self) -> ConnectionPool[Connection[dict[str, Any]]]:
        """Return the pool of this process."""
        if self._pool is None:
            self._pool = ConnectionPool(
                self._dsn,
                min_size=8,
                max_size=8,
                open=True,
                kwargs={"row_factory": dict_row, "options": _SETTINGS, "prepare_threshold": 3},
            )
        return self._pool


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else str(value)


def main(tapes: str, dsn: str, port: str, workers: str) -> None:
    """Serve until asked to stop."""
    loaded = pickle.loads(Path(tapes).read_bytes())  # noqa: S301 — written by our own parent
    serve(lambda: create_app(loaded, dsn), host="127.0.0.1", port=int(port), workers=int(workers))


if __name__ == "__main__":
    main(*sys.argv[1:])
