"""The revisit sampler: enough closed orders of each month and contract are called back.

It runs several times a day, so that calls are made while memories are fresh: of the month
so far the ratio is always met. The seed of a month is stored when it is first drawn, and
the orders follow from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from service.commands.fire_event import Fire, fire
from service.commands.ports import Ports
from service.core.actors import SYSTEM
from service.core.errors import GuardRefused, IllegalTransition
from service.core.ids import derived
from service.store import revisit
from service.store.revisit import Closed
from service.workflows.revisit_sampling import ClosedOrder, sample, sample_size

log = structlog.get_logger()

KIND, DRAW = "repair_order", "revisit_draw"
_BACK = timedelta(days=62)  # the present month and the one before, whole
_SEED_BITS = 53  # so that it survives JSON
_UNREACHABLE = "unreachable"

Contract = tuple[str, date]  # compound and vendor (RULINGS 3), first day of the month


@dataclass(frozen=True, slots=True)
class Draw:
    """One order to call back, and why. `instead_of` names one nobody answered for."""

    order: Closed
    contract: str
    month: date
    seed: int
    instead_of: str | None = None


def draw_revisits(ports: Ports, now: datetime) -> int:
    """Draw what each contract's months still lack; return how many orders were drawn."""
    states = [s for event, s in ports.registry[KIND].rows if event == DRAW]
    since = now - _BACK
    with ports.uow() as tx:
        orders = revisit.closed(tx, kind=KIND, states=states, since=since)
        replaced = revisit.replaced(tx, since)
        draws: list[Draw] = []
        for (contract, month), closed in _by_contract(orders, now).items():
            newest = max(closed, key=lambda order: order.closed_at)
            profile = ports.policies.get(tx, newest.profile, newest.profile_version)
            size = sample_size(len(closed), profile.revisit_ratio)
            seed = revisit.note_draw(
                tx,
                contract=contract,
                month=month,
                seed=ports.ids.new(now).int & ((1 << _SEED_BITS) - 1),
                counts=(len(closed), size),
            )
            draws += lacking(closed, Draw(newest, contract, month, seed), size, replaced)
    return sum(_fire(ports, draw) for draw in draws)


def lacking(
    closed: Sequence[Closed], like: Draw, size: int, replaced: frozenset[str]
) -> list[Draw]:
    """Return what to draw so that `size` orders are called that can be reached.

    Orders nobody answered for count as closed, and others take their place.
    """
    by_id = {str(order.id): order for order in closed}
    drawn = {ident for ident, order in by_id.items() if order.revisit is not None}
    given_up = [i for i in sorted(drawn) if by_id[i].revisit == _UNREACHABLE]
    orders = [_as_order(order) for order in closed]
    always = [o.id for o in orders if o.always and o.id not in drawn]
    fresh = max(len(always), size - len(drawn))
    instead = [ident for ident in given_up if ident not in replaced]
    ranked = sample(orders, ratio=1, seed=like.seed, without=drawn)[: fresh + len(instead)]
    reasons = [*([None] * fresh), *instead]
    return [
        Draw(by_id[ident], like.contract, like.month, like.seed, reason)
        for ident, reason in zip(ranked, reasons, strict=False)
    ]


def _by_contract(orders: Iterable[Closed], now: datetime) -> Mapping[Contract, list[Closed]]:
    """Group by contract and local month; only the present month and the one before."""
    found: dict[Contract, list[Closed]] = {}
    for order in orders:
        zone = ZoneInfo(order.time_zone)
        month = order.closed_at.astimezone(zone).date().replace(day=1)
        present = now.astimezone(zone).date().replace(day=1)
        if month in (present, (present - timedelta(days=1)).replace(day=1)):
            contract = f"{order.compound_id}/{order.vendor_id or '-'}"
            found.setdefault((contract, month), []).append(order)
    return found


def _as_order(order: Closed) -> ClosedOrder:
    return ClosedOrder(
        id=str(order.id),
        emergency=order.urgency == "emergency",
        unconfirmed=order.unconfirmed,
        rework=order.rework_count > 0,
        unsatisfied=order.rating == "unsatisfied",
    )


def _fire(ports: Ports, draw: Draw) -> bool:
    """Fire one draw; an order reopened or drawn in the meantime is left alone."""
    data = {
        "draw": "substitute" if draw.instead_of else "sampled",
        "month": f"{draw.month:%Y-%m}",
        "seed": draw.seed,
        **({"instead_of": draw.instead_of} if draw.instead_of else {}),
    }
    cause = (draw.contract, draw.month, draw.order.id, draw.order.closed_at.isoformat())
    command = Fire(
        kind=KIND,
        ticket=draw.order.id,
        event=DRAW,
        actor=SYSTEM,
        data=data,
        id=derived("revisit", *cause),
    )
    try:
        return fire(ports, command).how == "created"
    except (GuardRefused, IllegalTransition):
        return False
