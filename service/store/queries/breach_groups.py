"""By what breaches can be grouped and filtered: one SQL expression a dimension.

Aliases: `k` the judged clock, `t` its ticket, `a` who held the ticket then (RULINGS 37),
`p0`…`p2` the ticket's place and the two above it, `tree` the places above its compound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

UPPER: Final = ("district", "street", "community")


@dataclass(frozen=True, slots=True)
class Dimension:
    """`key` is the value grouped by; `names` the table that holds its name, if any."""

    key: str
    names: str | None = None
    joins: tuple[str, ...] = ()


_TREE = (
    "LEFT JOIN (SELECT c.id AS compound_id, "
    + ", ".join(f"max(x.id) FILTER (WHERE x.level = '{level}') AS {level}" for level in UPPER)
    + " FROM place c JOIN place x ON starts_with(c.key, x.key)"
    " WHERE c.level = 'compound' AND x.level IN ('district', 'street', 'community')"
    " GROUP BY c.id) tree ON tree.compound_id = t.compound_id"
)
_CHAIN = (
    "JOIN place p0 ON p0.id = t.place_id LEFT JOIN place p1 ON p1.id = p0.parent"
    " LEFT JOIN place p2 ON p2.id = p1.parent"
)
_BUILDING = (
    "CASE 'building' WHEN p0.level THEN p0.id WHEN p1.level THEN p1.id WHEN p2.level THEN p2.id END"
)
# The state in which most of the counted time went before the due time.
_CAUSE = """LEFT JOIN sla_profile pr ON pr.id = k.profile AND pr.version = k.profile_version
 LEFT JOIN LATERAL (
  SELECT s.state FROM (
    SELECT e.to_state AS state, greatest(e.{at}, k.started_at) AS begins,
           least(lead(e.{at}) OVER (ORDER BY e.seq), k.period_at, k.stopped_at, :as_of) AS ends
      FROM event e WHERE e.ticket_id = k.ticket_id AND e.from_state <> e.to_state) s
   WHERE s.ends > s.begins
     AND NOT coalesce(pr.body #> ARRAY['clocks', split_part(k.name, '-', 1), 'pauses'],
                      '[]'::jsonb) ? s.state
   GROUP BY s.state ORDER BY sum(s.ends - s.begins) DESC, s.state LIMIT 1) cause ON true"""

# Who held the ticket when the clock stopped or fell due; of an open one, now. Of things that
# happened in the same millisecond the history's order decides.
HOLDER: Final = """LEFT JOIN LATERAL (
  SELECT h.crew_id, h.vendor_id FROM assignment h
   WHERE h.ticket_id = k.ticket_id AND (h.ended_at IS NULL OR h.ended_at >= k.moment)
     AND (h.assigned_at < k.moment OR h.assigned_at = k.moment AND NOT EXISTS (
           SELECT FROM event e WHERE e.ticket_id = k.ticket_id AND e.seq < h.seq
              AND e.occurred_at = k.moment AND e.effects -> 'ops' @> jsonb_build_array(
                    jsonb_build_object('verb', 'stop', 'clock', k.name))))
   ORDER BY h.seq DESC LIMIT 1) a ON true"""

DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "district": Dimension("tree.district", "place", (_TREE,)),
    "street": Dimension("tree.street", "place", (_TREE,)),
    "community": Dimension("tree.community", "place", (_TREE,)),
    "compound": Dimension("t.compound_id", "place"),
    "building": Dimension(_BUILDING, "place", (_CHAIN,)),
    "vendor": Dimension("a.vendor_id", "vendor", (HOLDER,)),
    "crew": Dimension("a.crew_id", "crew", (HOLDER,)),
    "kind": Dimension("t.kind"),
    "category": Dimension("t.category"),
    "urgency": Dimension("t.urgency"),
    # A numbered clock counts for its family.
    "clock": Dimension("split_part(k.name, '-', 1)"),
    "tier": Dimension("t.facts ->> 'tier'"),
    "cause": Dimension("cause.state", None, (_CAUSE,)),
    "day": Dimension("to_char(k.period_at AT TIME ZONE t.time_zone, 'YYYY-MM-DD')"),
    "week": Dimension("to_char(k.period_at AT TIME ZONE t.time_zone, 'IYYY\"-W\"IW')"),
    "month": Dimension("to_char(k.period_at AT TIME ZONE t.time_zone, 'YYYY-MM')"),
    "hour": Dimension("to_char(k.period_at AT TIME ZONE t.time_zone, 'HH24')"),
    "weekday": Dimension("to_char(k.period_at AT TIME ZONE t.time_zone, 'ID')"),
}

NONE: Final = "none"
"""As a filter: the group of what has no value."""


def joins(names: Iterable[str], basis: str) -> str:
    """Return the joins that the dimensions need, each once."""
    needed = dict.fromkeys(join for name in names for join in DIMENSIONS[name].joins)
    return " ".join(needed).replace("{at}", f"{basis}_at")
