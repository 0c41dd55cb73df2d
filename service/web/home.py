"""`/`: what is going on right now, in plain HTML, until the screens exist."""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, select_autoescape

from service.core.messages import LANGUAGES, text
from service.core.refs import HOME_ZONE
from service.edge.routes import PUBLIC, Answer, Call, Policy, Route
from service.store.queries import health
from service.store.unit_of_work import is_simulated

_OPEN = Policy(PUBLIC)
_ZONE = ZoneInfo(HOME_ZONE)
_FIGURES = ("open", "overdue", "opened_today", "closed_today", "breached_today", "tickets")
_TEMPLATES = Environment(
    loader=PackageLoader("service.web"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
_NAMES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Vary": "Accept-Language",
    "Cache-Control": "no-store",
}


def get_home(call: Call) -> Answer:
    """Answer the page."""
    with call.ports.uow() as tx:
        now, simulated = tx.now(), is_simulated(tx)
        day = now.astimezone(_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        live = health.live(tx, now=now, day=day)
    page = _TEMPLATES.get_template("home.html").render(_view(call, live, now, simulated=simulated))
    return Answer(200, page.encode(), _HEADERS | {"Content-Language": call.lang}, "text/html")


def _view(
    call: Call, live: Mapping[str, Any], now: datetime, *, simulated: bool
) -> Mapping[str, Any]:
    """Return everything the template shows; it only lays out."""
    lang = call.lang
    words = {name: text(f"home.{name}", lang) for name in _WORDS}
    most = max((row["n"] for row in live["states"]), default=1)
    return {
        "lang": lang,
        "words": words,
        "figures": [
            (text(f"home.{name}", lang), live[name], name in ("overdue", "breached_today"))
            for name in _FIGURES
        ],
        "states": [
            (text(f"state.{row['kind']}.{row['state']}", lang), row["n"], most)
            for row in live["states"]
        ],
        "languages": [(code, _NAMES[code]) for code in LANGUAGES],
        "now": f"{now.astimezone(_ZONE):%Y-%m-%d %H:%M:%S}",
        "simulated": simulated,
        "demo": call.settings.environment == "demo",
        "version": call.settings.version,
    }


_WORDS = (
    "title", "what", "states", "none", "docs", "openapi", "health", "now", "simulated",
    "demo",
)  # fmt: skip


def get_style(_call: Call) -> Answer:
    """Answer the style sheet."""
    sheet = resources.files("service.web").joinpath("static", "anju.css").read_bytes()
    return Answer(200, sheet, {"Cache-Control": "public, max-age=3600"}, "text/css")


ROUTES = (
    Route(method="GET", path="/", policy=_OPEN, handler=get_home, tag="pages",
          summary="The front page"),
    Route(method="GET", path="/static/anju.css", policy=_OPEN, handler=get_style, tag="pages",
          summary="The style sheet", limited=False),
)  # fmt: skip
