"""`/v1/meta`, `/v1/me` and the demo's clock (API 17)."""

from datetime import timedelta
from typing import Any

from marshmallow import fields

from service.api.answers import ME, META
from service.api.attachments import MOST_BYTES
from service.api.pages import MOST_ROWS
from service.api.shelves import ADMIN
from service.commands.demo_clock import advance
from service.commands.fire_event import SKEW
from service.core.errors import NotFound
from service.core.messages import LANGUAGES
from service.core.refs import HOME_ZONE
from service.core.shapes import Shape, fault
from service.edge.incoming import LONGEST_URL
from service.edge.routes import ANY, MIB, PUBLIC, Answer, Call, Policy, Route
from service.edge.service_clock import HEADER
from service.sla.notation import iso, read_duration
from service.store.unit_of_work import is_simulated

_LONGEST_JUMP = timedelta(days=400)


class Span(fields.Field[timedelta]):
    """An ISO 8601 duration such as `PT30M`, more than nothing."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        if not isinstance(value, str):
            raise fault("wrong_type")
        try:
            span = read_duration(value)
        except (ValueError, OverflowError):
            raise fault("wrong_type") from None
        if not timedelta() < span <= _LONGEST_JUMP:
            raise fault("out_of_range")
        return span


class Advance(Shape):
    """How far to move the clock."""

    advance = Span(required=True)


def get_meta(call: Call) -> Answer:
    """Answer what a client should know before it starts."""
    with call.ports.uow() as tx:
        now, simulated = tx.now(), is_simulated(tx)
    limits = {
        "json_bytes": MIB,
        "attachment_bytes": MOST_BYTES,
        "title_characters": 200,
        "description_characters": 20_000,
        "page": MOST_ROWS,
        "url_bytes": LONGEST_URL,
        "ahead_s": int(SKEW.total_seconds()),
        "calls_per_minute": call.settings.rate_limit,
    }
    body = {
        "name": "Anju",
        "version": call.settings.version,
        "server_time": now,
        "time_zone": HOME_ZONE,
        "languages": list(LANGUAGES),
        "limits": limits,
        "demo": call.settings.environment == "demo",
        "clock": "simulated" if simulated else "real",
        "kinds": [
            {"kind": workflow.kind, "collection": f"/v1/{workflow.collection}"}
            for workflow in call.ports.registry.values()
        ],
    }
    return Answer(200, body, {"Cache-Control": "no-store"})


def get_me(call: Call) -> Answer:
    """Answer who the caller is."""
    actor = call.actor
    body: dict[str, Any] = {
        "id": actor.id,
        "name": actor.name,
        "roles": [actor.role],
        "places": [{"id": actor.place_id, "path": actor.place_path}],
        "scopes": sorted(actor.scopes),
    }
    named = {"crew": actor.crew_id, "vendor": actor.vendor_id, "tier": actor.tier}
    return Answer(200, body | {name: value for name, value in named.items() if value is not None})


def post_clock(call: Call) -> Answer:
    """Move the demo's clock on."""
    now = advance(call.ports, call.body()["advance"])
    return Answer(200, {"server_time": now}, {HEADER: str(iso(now))})


def _movable(call: Call) -> None:
    """Raise NotFound where time is real: there is no such path then."""
    with call.ports.uow() as tx:
        if not is_simulated(tx):
            raise NotFound


ROUTES = (
    Route(method="GET", path="/v1/meta", policy=Policy(PUBLIC), handler=get_meta, tag="service",
          summary="Version, time, limits", answers={200: META}),
    Route(method="GET", path="/v1/me", policy=Policy(ANY), handler=get_me, tag="service",
          summary="Who am I", answers={200: ME}),
    Route(method="POST", path="/v1/demo/clock", policy=ADMIN, handler=post_clock, tag="service",
          summary="Move the demo's clock on", body=Advance, example={"advance": "PT30M"},
          visible=_movable),
)  # fmt: skip
