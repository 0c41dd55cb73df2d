"""SLA profiles of the demo district: shipped templates with their blanks filled in.

Each is what a manager would make of a template: its own numbers where it has them, those
of the product's default elsewhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from service.sla.policy import ClockRule, Profile

DEFAULT = "REP-DEFAULT"
STATION, QUICK, TRADE = "JJ-STATION-30", "JJ-VIP-15", "JJ-CONTRACT-60"
_VARIANTS = {STATION: "REP-STATION-30", QUICK: "REP-VIP-15", TRADE: "REP-CONTRACT-60"}


def variants(shipped: Iterable[Profile]) -> Iterator[Profile]:
    """Yield the district's own profiles."""
    known = {profile.id: profile for profile in shipped}
    default = known[DEFAULT]
    for name, template in _VARIANTS.items():
        own = known[template].clocks
        clocks = {
            clock: _filled(rule, own[clock]) if clock in own else rule
            for clock, rule in default.clocks.items()
        }
        yield replace(default, id=name, clocks=clocks)


def _filled(rule: ClockRule, own: ClockRule) -> ClockRule:
    return replace(rule, target={**rule.target, **own.target}, rule=own.rule or rule.rule)
