"""The calls that are measured, and their tapes: open, two events, get, list of 50."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask.testing import FlaskClient

from benchmarks.client import Request
from benchmarks.tape import Tape, tape_of
from benchmarks.world import World
from service import bootstrap
from service.core import keys

ORDERS = "/v1/repair-orders"
EVENTS = ("accept", "assign")
"""What a desk does all day. Together they are "an event"."""

_VISIT = {
    "visit_from": "2030-01-01T09:00:00+08:00",
    "visit_to": "2030-01-01T11:00:00+08:00",
    "price_shown_fen": 8000,
}
_FOUND = {
    "category": "tap_basin",
    "urgency": "normal",
    "part": "private",
    "responsible": "company",
    "class": "minor",
}
_SUBJECTS = 2  # a tape is made of two recordings
_HOME = """
SELECT h.id, c.id FROM account a
  JOIN place h ON h.level = 'household' AND h.key LIKE a.place_path || '/%%'
  JOIN crew c ON h.key LIKE c.place_key || '%%' AND 'water' = ANY(c.skills)
 WHERE a.role = 'dispatcher' AND a.id IN (SELECT account_id FROM api_key WHERE prefix = %s)
 ORDER BY h.id, c.id LIMIT 1"""
_SEEN = """
SELECT t.id FROM ticket t
 WHERE t.place_key LIKE (SELECT p.key FROM place p JOIN account a ON a.place_id = p.id
                           JOIN api_key k ON k.account_id = a.id WHERE k.prefix = %s) || '%%'
 ORDER BY t.id LIMIT 5000"""


class Unexpected(Exception):
    """A call of the script was refused; the message is the answer."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a dispatcher of one world asks for, at which home, of which orders."""

    key: str
    home: str
    crew: str
    seen: tuple[str, ...]

    def request(self, name: str, ticket: str) -> Request:
        """Return the call `name` about an order; opening and listing are about none."""
        if name == "open":
            return Request("POST", ORDERS, orjson.dumps(self._order()))
        if name in EVENTS:
            body = orjson.dumps({"type": name, "data": self._data(name)})
            return Request("POST", f"{ORDERS}/{ticket}/events", body)
        if name == "get":
            return Request("GET", f"{ORDERS}/{ticket}")
        return Request("GET", f"{ORDERS}?limit=50")

    def at_floor(self, name: str, ticket: str) -> Request:
        """Return the floor's counterpart, with the same body."""
        asked = self.request(name, ticket)
        return Request(asked.method, f"/{name}/{ticket or '-'}", asked.body)

    def _data(self, name: str) -> Mapping[str, Any]:
        return {"crew": self.crew, **_VISIT} if name == "assign" else _FOUND

    def _order(self) -> Mapping[str, Any]:
        return {
            "place": self.home,
            "category": "tap_basin",
            "title": "厨房水龙头关不紧",
            "description": "滴水两天了, 水槽边也湿了, 请尽快安排人来看一下。",
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
            "facts": {"origin": "customer"},
        }


def script_of(world: World) -> Script:
    """Return the script for a world."""
    key = world.keys["dispatcher"]
    parsed = keys.parse(key)
    prefix = (parsed and parsed.prefix,)
    with world.owner() as conn:
        row = conn.execute(_HOME, prefix).fetchone()
        seen = conn.execute(_SEEN, prefix).fetchall()
    if row is None:
        raise LookupError("the dispatcher has no home with a crew")
    return Script(key, str(row[0]), str(row[1]), tuple(str(found[0]) for found in seen))


def record(world: World, script: Script) -> Mapping[str, Tape]:
    """Make every call in this process and return its statements, by name of the call."""
    app = bootstrap.create_app(world.settings())
    try:
        return _recorded(app.test_client(), script)
    finally:
        app.extensions["anju"].engine.dispose()


def _recorded(client: FlaskClient, script: Script) -> Mapping[str, Tape]:
    def send(name: str, ticket: str = "") -> str:
        return _sent(client, script, script.request(name, ticket)) or ticket

    def each(name: str, of: Iterator[str]) -> Callable[[], str]:
        return lambda: send(name, next(of))

    send("list50")  # the credential is known from here on, as it is while measuring
    warm, *fresh = (send("open") for _ in range(1 + _SUBJECTS))
    tapes = {"open": tape_of(lambda: send("open"))}
    for name in EVENTS:
        send(name, warm)  # what a process asks for once is asked for now
        tapes[name] = tape_of(each(name, iter(fresh)))
    tapes["get"] = tape_of(each("get", iter(fresh)))
    tapes["list50"] = tape_of(lambda: send("list50", fresh[0]))
    return tapes


def _sent(client: FlaskClient, script: Script, asked: Request) -> str:
    """Send a request in this process; return the id of the order it opened, "" for others."""
    answer = client.open(
        asked.path,
        method=asked.method,
        data=asked.body,
        headers={"Authorization": f"Bearer {script.key}"},
        content_type="application/json",
    )
    if answer.status_code >= 300:
        raise Unexpected(answer.text)
    return str(answer.get_json()["id"]) if asked.path == ORDERS and asked.body else ""
