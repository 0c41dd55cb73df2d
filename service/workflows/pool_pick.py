"""In which order the street's emergency contractors are asked (DOMAIN 3A.6)."""

from collections.abc import Collection, Iterable
from datetime import date

from service.core.refs import PoolCandidate, VendorRef

GENERAL = "general"  # a trade that needs no particular skill


def qualified(vendor: VendorRef, day: date) -> bool:
    """Tell whether the qualification holds on `day`; its last day counts."""
    return vendor.pool_valid_until is not None and vendor.pool_valid_until >= day


def has_room(candidate: PoolCandidate) -> bool:
    """Tell whether the contractor can take one more order."""
    return candidate.open_orders < candidate.vendor.capacity


def eligible(candidate: PoolCandidate, *, trade: str, day: date) -> bool:
    """Tell whether a contractor may be asked at all."""
    vendor = candidate.vendor
    return (
        vendor.pool_active
        and (trade == GENERAL or trade in vendor.pool_trades)
        and qualified(vendor, day)
        and vendor.listed != "black"
        and not vendor.market_exit
        and has_room(candidate)
    )


def ranked(
    pool: Iterable[PoolCandidate], *, trade: str, day: date, without: Collection[str] = ()
) -> tuple[PoolCandidate, ...]:
    """Return the eligible contractors, first choice first.

    Red list first, then fewest orders in the last 30 days, then best timeliness, then
    the stored random number.
    """
    fit = [
        candidate
        for candidate in pool
        if candidate.vendor.id not in without and eligible(candidate, trade=trade, day=day)
    ]
    return tuple(sorted(fit, key=_rank))


def _rank(candidate: PoolCandidate) -> tuple[bool, int, float, float]:
    return (
        candidate.vendor.listed != "red",
        candidate.orders_30d,
        -candidate.timeliness,
        candidate.draw,
    )
