"""The quarterly top ten by petitions and 12345 complaints is proposed for listing (R-INS-24)."""

from datetime import datetime
from typing import Final

from service.commands.ports import Ports
from service.core.messages import DEFAULT, text
from service.jobs.planned import open_once
from service.store import contract, grievance
from service.workflows.ranking import Grievance, Quarter, Ranked, quarter_before, ranked

KIND: Final = "listed_supervision"
COUNTED: Final = ("complaint", "dispute_case")


def propose(ports: Ports, now: datetime) -> int:
    """Propose what the last whole quarter ranked highest, once; return how many are new."""
    with ports.uow() as tx:
        profile = ports.policies.newest(tx, ports.registry[KIND].default_profile)
        districts = grievance.districts(tx)
        district_of = grievance.district_of(tx)
        quarters = {zone: quarter_before(now, zone) for _, zone in districts}
        filed = {
            zone: grievance.grievances(tx, COUNTED, quarter.start, quarter.end)
            for zone, quarter in quarters.items()
        }
        managed = {c.compound_id: c.vendor_id for c in contract.contracts(tx) if c.manages}
    done = 0
    for district, zone in districts:
        mine = [g for g in filed[zone] if district_of.get(g.compound) == district]
        done += _propose(ports, mine, quarters[zone], profile.places, managed)
    return done


def _propose(
    ports: Ports, filed: list[Grievance], quarter: Quarter, places: int, managed: dict[str, str]
) -> int:
    return sum(
        _open(ports, one, quarter, managed.get(one.compound))
        for one in ranked(filed, quarter, places=places)
    )


def _open(ports: Ports, one: Ranked, quarter: Quarter, vendor: str | None) -> bool:
    facts = {"reason": "ranking", "figures": one.figures(quarter.name)}
    return open_once(
        ports,
        "ranking",
        quarter.name,
        one.compound,
        kind=KIND,
        event="propose",
        place=one.compound,
        category="sup_service",
        title=text("ranking.title", DEFAULT, quarter=quarter.name, rank=one.rank, total=one.total),
        facts={**facts, **({"vendor": vendor} if vendor else {})},
    )
