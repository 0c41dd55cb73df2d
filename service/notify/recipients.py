"""Topic -> people. A new notice is one row of `ROUTES`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.core.workflow import SIDE_DOORS
from service.notify.letter import Letter
from service.store import audience
from service.store.account import ancestors
from service.store.audience import Person, Wanted
from service.store.unit_of_work import Tx


@dataclass(frozen=True, slots=True)
class Route:
    """Who hears of a topic: duties on or above the place, and whom the flags name.

    `reporter` includes those of duplicates that were merged into the order (3A.2), `told`
    are those a clock's rung named, `corrected` those a withdrawn one had named,
    `public` the residents of the building or compound the payload's `scope` says,
    `stakes` parties, electors and the heads of the mediation bodies that have had the case.
    """

    roles: tuple[str, ...] = ()
    assignee: bool = False
    former: bool = False
    reporter: bool = False
    told: bool = False
    corrected: bool = False
    public: bool = False
    stakes: bool = False


# DOMAIN 3: every transition, unless stated
_TRANSITION = Route(assignee=True, reporter=True, stakes=True)
_NOBODY = Route()
_TOLD = Route(told=True)

ROUTES: Mapping[str, Route] = {
    "sla.warned": _TOLD,
    "sla.breached": _TOLD,
    "sla.escalated": _TOLD,
    "sla.corrected": Route(corrected=True),
    **dict.fromkeys(SIDE_DOORS, _NOBODY),
    "reassign": Route(assignee=True, reporter=True, former=True),
    "pass_over": Route(assignee=True, reporter=True, former=True),
    "report_cannot_finish": Route(roles=("manager",), assignee=True, reporter=True),  # 3A.2
    "revisit_fail": Route(roles=("manager",), assignee=True, reporter=True),  # 3A.2
    "rework_notice": Route(roles=("manager", "committee")),  # 3A.2, rework >= 2
    "rectification_request": Route(roles=("manager", "street_officer")),
    "revisit_substitute": Route(roles=("dispatcher",)),
    "desk_alert": Route(roles=("dispatcher",)),
    "bureau_copy": Route(roles=("district_officer",)),  # 3A.7, quality defect
    "appointment_request": Route(reporter=True),
    "broadcast": Route(public=True),  # R-REP-51
    "receiver_told": _TOLD,  # R-CMP-08: the first receiver
    "authority_told": Route(roles=("street_officer",)),  # R-SLA-12
    "transfer_discipline": _NOBODY,  # R-CMP-25, R-INS-30: not to those it is about
    "record_call": _NOBODY,
    "join_cluster": _NOBODY,
    "grade": _NOBODY,  # a secret vote; every voter would hear of every other's
    "approve": Route(roles=("committee", "street_officer")),
    "vote_opened": Route(stakes=True),
    "grade_published": Route(roles=("committee",), assignee=True, stakes=True),
    "hearing": Route(assignee=True),
    "exit_reviewed": Route(roles=("street_officer", "district_officer"), assignee=True),
    "successor_wanted": Route(roles=("committee", "street_officer")),
    "emergency_service": Route(roles=("street_officer",)),
    "listed": Route(roles=("committee", "street_officer"), assignee=True),  # R-VEN-09
    "delisted": Route(roles=("committee", "street_officer"), assignee=True),
    "circular": Route(roles=("committee", "manager"), assignee=True),  # 3C.5, step 2
    "deduction": Route(roles=("committee", "street_officer", "district_officer"), assignee=True),
    "deposit_low": Route(roles=("committee", "street_officer"), assignee=True),
    "black_list_due": Route(roles=("district_officer",)),
    "market_exit": Route(roles=("street_officer", "district_officer"), assignee=True),
    "transferred": Route(roles=("district_officer",)),
    "decision_revoked": Route(roles=("committee", "street_officer")),
    "repair_request": Route(roles=("dispatcher",)),
    "escalation_risk": Route(roles=("community_officer", "street_officer")),  # R-DIS-30
    "legal_ways": Route(reporter=True, stakes=True),  # R-DIS-31
    "case_listed": _NOBODY,  # the dispute case's own line tells its people
    "case_delisted": _NOBODY,
}


def route_of(letter: Letter) -> Route:
    """Return the row for a letter; an event without its own row is a plain transition."""
    named = ROUTES.get(letter.topic) or ROUTES.get(letter.short)
    if named is not None:
        return named
    return _TRANSITION if letter.is_event else _NOBODY


def recipients(tx: Tx, letters: Sequence[Letter]) -> Mapping[int, Sequence[UUID]]:
    """Return the accounts to tell, by letter; who acted is not told of the own act."""
    routed = [(letter, route_of(letter)) for letter in letters]
    former = audience.former_assignees(
        tx, [(letter.ticket_id, letter.event_seq) for letter, route in routed if route.former]
    )
    followers = audience.followers(tx, (letter.ticket_id for letter in letters))
    reporters = {one.id: _reporters(one, followers) for one in letters}
    people = audience.people(tx, _wanted(routed, former, reporters))
    stakes = audience.stakes(tx, {one.ticket_id for one, route in routed if route.stakes})
    known = _Known(people, former, reporters, stakes)
    return {
        letter.id: [
            account
            for account in dict.fromkeys(_accounts(tx, letter, route, known))
            if account != letter.actor_id
        ]
        for letter, route in routed
    }


_Former = Mapping[tuple[UUID, int], tuple[str | None, str | None]]
_Reporters = Mapping[int, Collection[UUID]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up for a batch: people, former holders, reporters by letter, stakes."""

    people: Sequence[Person]
    former: _Former
    reporters: _Reporters
    stakes: Mapping[UUID, Sequence[UUID]]


def _reporters(letter: Letter, followers: Mapping[UUID, Collection[UUID]]) -> Collection[UUID]:
    """Return the accounts and parties that reported a ticket, its duplicates included."""
    own = {letter.opened_by, *([letter.reporter_id] if letter.reporter_id else [])}
    return own.union(followers.get(letter.ticket_id, ()))


def _wanted(
    routed: Sequence[tuple[Letter, Route]], former: _Former, reporters: _Reporters
) -> Wanted:
    wanted = Wanted()
    for letter, route in routed:
        wanted.roles |= set(route.roles)
        wanted.paths |= {letter.place_path} if route.roles else set()
        for crew, vendor in _holders(letter, route, former):
            wanted.crews |= {crew} if crew else set()
            wanted.vendors |= {vendor} if vendor else set()
        wanted.accounts.update(reporters[letter.id])
        wanted.parties.update(reporters[letter.id])
    return wanted


def _holders(
    letter: Letter, route: Route, former: _Former
) -> Sequence[tuple[str | None, str | None]]:
    held = [(letter.crew_id, letter.vendor_id)] if route.assignee else []
    before = former.get((letter.ticket_id, letter.event_seq)) if route.former else None
    return [*held, before] if before is not None else held


def _accounts(tx: Tx, letter: Letter, route: Route, known: _Known) -> list[UUID]:
    above = set(ancestors(letter.place_path))
    found = [p.id for p in known.people if p.role in route.roles and p.place_path in above]
    for crew, vendor in _holders(letter, route, known.former):
        found += [p.id for p in known.people if _belongs(p, crew, vendor)]
    if route.reporter:
        found += _reporter(letter, known)
    if route.stakes:
        found += known.stakes.get(letter.ticket_id, ())
    if route.told:
        found += _named(letter, letter.payload.get("told", ()), known)
    if route.corrected:
        found += _named(letter, _told_before(tx, letter), known)
    if route.public:
        found += _public(tx, letter)
    return found


def _belongs(person: Person, crew: str | None, vendor: str | None) -> bool:
    if person.role == "crew":
        return crew is not None and person.crew_id == crew
    manages = person.role == "vendor_manager" and vendor is not None
    return manages and person.vendor_id == vendor


def _reporter(letter: Letter, known: _Known) -> list[UUID]:
    ids = known.reporters[letter.id]
    return [p.id for p in known.people if p.role == "resident" and {p.id, p.party_id} & set(ids)]


def _named(letter: Letter, told: Sequence[Mapping[str, str | None]], known: _Known) -> list[UUID]:
    """Return accounts that a rung named; the reporter's own when it named the reporter."""
    found = [UUID(account) for entry in told if (account := entry.get("account"))]
    if any(entry["role"] == "reporter" for entry in told):
        found += _reporter(letter, known)
    return found


def _told_before(tx: Tx, letter: Letter) -> Sequence[Mapping[str, str | None]]:
    payload = letter.payload
    return audience.told_of(
        tx,
        letter.ticket_id,
        clock=payload["clock"],
        epoch=payload["epoch"],
        levels=payload["levels"],
    )


def _public(tx: Tx, letter: Letter) -> list[UUID]:
    whole = letter.payload.get("scope") == "compound"
    place = letter.payload.get("compound") if whole else audience.building(tx, letter.place_path)
    return list(audience.residents(tx, place)) if place else []
