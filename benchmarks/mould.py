"""Lets a few hundred orders live through the service's own commands, to be multiplied later.

They live in a small database of their own with the movable clock: days pass there in
seconds. What is stored of them is what a sweep, a crew and a dispatcher really wrote.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from config.settings import Settings
from service import bootstrap
from service.commands.accounts import create_key
from service.commands.ports import Ports
from service.jobs import rounds
from service.local import cast, people, world
from service.local.directing import Director
from service.local.district import CITY
from service.local.fates import Fate
from service.local.history import Past
from service.local.improvised import Improvised
from service.local.openings import Reporters, Wish
from service.local.plans import Plan
from service.local.postgres import APP, OWNER
from service.local.servers import Servers

SECRET = "only-for-benchmarks-0000000000000000000000"  # noqa: S105 — guards nothing
_SEED = 1
_PATIENCE_S = 300.0
_CATEGORY = "tap_basin"  # no clock of the local day hangs on it, so its history can be moved

# State, how many in each compound, hours since the report, fate. Short histories are the
# most, as in a district: much is reported, little of it is long under way.
_LEFT = (
    ("accepted", 12, (0.9, 1.1), Fate.SMOOTH, False),
    ("assigned", 1, (1.5, 2.5), Fate.SMOOTH, False),
    ("in_progress", 1, (3.0, 21.0), Fate.SLOW_WORK, True),
    ("waiting_parts", 1, (3.0, 8.0), Fate.PARTS, True),
    ("awaiting_confirmation", 1, (8.0, 30.0), Fate.SILENT, True),
    ("closed", 2, (90.0, 200.0), Fate.SILENT, True),
    (None, 4, (170.0, 290.0), Fate.SILENT, True),  # closed, and the revisit made
)


@dataclass(frozen=True, slots=True)
class Mould:
    """The small database: its owner's URL and a new key for each role."""

    owner_url: str
    keys: Mapping[str, str]


def make(servers: Servers, name: str) -> Mould:
    """Make the database `name` with a district of 24 compounds and some 700 orders."""
    owner_url, app_url = (servers.postgres.url(role, name) for role in (OWNER, APP))
    servers.postgres.drop_database(name)
    servers.postgres.create_database(name)
    bootstrap.upgrade(owner_url, simulated=True)
    settings = Settings(database_url=app_url, secret=SECRET, environment="test")
    app = bootstrap.build(settings, name="anju-mould", ring=lambda _: None)
    try:
        profiles = bootstrap.load_profiles()
        world.build(app.ports, owner_url=owner_url, profiles=profiles, seed=_SEED)
        _live(app.ports)
        rounds.relay_round(app, seconds=_PATIENCE_S)
        requests = people.key_requests(CITY.slug)
        keys = {role: create_key(app.ports, asked)[0] for role, asked in requests.items()}
    finally:
        app.engine.dispose()
    return Mould(owner_url, keys)


def _live(ports: Ports) -> None:
    rng = Random(_SEED)  # noqa: S311 — repeatable
    with ports.uow() as tx:
        end = tx.now()
        found = cast.read(tx)
    reporters = Reporters(found, ports.catalogue.of("repair_order"), rng, area=CITY.slug)
    director = Director(ports, found, "benchmark")
    orders = [Improvised(plan, reporters, director) for plan in _plans(rng, found, end)]
    Past(ports, end).live(orders)


def _plans(rng: Random, people_of: cast.Cast, end: datetime) -> Iterator[Plan]:
    homes: dict[str, list[str]] = {}
    for place in people_of.places.values():
        if place.level == "household" and place.path.startswith(f"{CITY.slug}/"):
            homes.setdefault(place.compound_id, []).append(place.id)
    for compound in homes.values():
        for state, number, hours, fate, hurried in _LEFT:
            for _ in range(number):
                wish = Wish(
                    fate=fate,
                    alone=True,
                    hurried=hurried,
                    category=_CATEGORY,
                    place=rng.choice(compound),
                    urgency="normal",
                )
                yield Plan(end - timedelta(hours=rng.uniform(*hours)), wish, state)
