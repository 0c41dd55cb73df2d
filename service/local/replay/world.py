"""Furnishes an empty simulated database with the places, crews and people of a replay."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import TextClause, text

from service.core.actors import Actor, Role
from service.core.catalogue import Catalogue
from service.core.workflow import Workflow
from service.local.replay import evidence
from service.local.replay.places import MEDIATION, POSTS, Crew, Firm, Node, actor, firm_head, member
from service.local.replay.posts import note_of
from service.local.replay.source_map import SourceMap
from service.store.unit_of_work import Tx

_NEVER_EXPIRES = date(2999, 12, 31)

_SIMULATED = text("SELECT to_regclass('app_clock') IS NOT NULL")
_USED = text("""
SELECT CASE WHEN EXISTS (SELECT FROM ticket) THEN 'tickets'
            WHEN EXISTS (SELECT FROM place) THEN 'places'
            WHEN EXISTS (SELECT FROM account) THEN 'accounts' END""")

_PLACE = text("""
INSERT INTO place (id, level, path, name, parent, time_zone, profile, flags)
VALUES (:id, :level, :path, :name, :parent, :zone, :profile, cast(:flags AS jsonb))""")
_FIRM = text("""
INSERT INTO vendor (id, name, place_id, place_key, service_lines)
VALUES (:id, :name, :place, :key, '{property_service}')""")
_CREW = text("""
INSERT INTO crew (id, name, place_id, place_key, skills, certificates, shifts)
VALUES (:id, :name, :place, :key, :skills,
        (SELECT jsonb_agg(jsonb_build_object('trade', t, 'valid_until', cast(:until AS text)))
           FROM unnest(cast(:certificates AS text[])) t),
        '[{"from": "00:00", "to": "24:00"}]')""")
_ACCOUNT = text("""
INSERT INTO account (id, name, role, place_id, place_path, crew_id, vendor_id, tier, is_lead,
                     created_at)
VALUES (:id, :name, :role, :place, :path, :crew, :vendor, :tier, true, :at)""")
_NOTE = text("""
INSERT INTO attachment (id, account_id, media_type, size, received, digest, created_at, complete_at)
VALUES (:id, :account, :media, :size, :size, :digest, :at, :at)""")
_NOTE_PART = text("INSERT INTO attachment_part (attachment_id, start, bytes) VALUES (:id, 0, :png)")
_NOTE_COPY = text("""
INSERT INTO attachment_copy (attachment_id, size, media_type, bytes)
SELECT :id, size, :media, :png FROM unnest(ARRAY['full', 'thumb']) size""")


class NotReplayable(Exception):
    """A replay goes only into an empty, simulated database; the message says what is wrong."""


def require_empty(tx: Tx) -> None:
    """Refuse a database that is in use or keeps real time (RULINGS 21). Raises NotReplayable."""
    if not tx.conn.execute(_SIMULATED).scalar_one():
        raise NotReplayable(
            "the database keeps real time; make an empty one and run `anju db upgrade --simulated`"
        )
    used = tx.conn.execute(_USED).scalar()
    if used is not None:
        raise NotReplayable(f"the database is not empty: it has {used}; a replay needs its own")


@dataclass(frozen=True, slots=True)
class World:
    """What a replay needs to be there: places, the crews of repairs, the firms of other kinds."""

    nodes: Sequence[Node]
    crews: Sequence[Crew]
    firms: Sequence[Firm]


def furnish(  # noqa: PLR0913 — everything a world is made of
    tx: Tx, found: World, source: SourceMap, workflow: Workflow, catalogue: Catalogue, at: datetime
) -> None:
    """Insert places, crews that can do everything, firms, and who the ladders tell.

    Each crew and firm has uploaded the note that stands where photos would.
    """
    profiles = {} if source.telling is None else {workflow.family: source.profile}
    tx.conn.execute(_PLACE, [_place(node, source, profiles) for node in found.nodes])
    _all(tx, _CREW, [_crew(crew, catalogue) for crew in found.crews])
    _all(tx, _FIRM, [_firm(firm) for firm in found.firms])
    posts = [actor(role, node) for node in found.nodes for role in _posts(node, source)]
    filing = [*map(member, found.crews), *map(firm_head, found.firms)]
    tx.conn.execute(_ACCOUNT, [_account(who, at) for who in (*posts, *filing)])
    for who in filing:
        _note(tx, who, at)


def _all(tx: Tx, statement: TextClause, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        tx.conn.execute(statement, rows)


def _posts(node: Node, source: SourceMap) -> tuple[Role, ...]:
    """Return the posts at a place; only a map whose cases go to mediation has mediators."""
    mediates = source.telling is not None and bool(source.telling.follows)
    seats = (Role.MEDIATOR,) if mediates and node.level in MEDIATION else ()
    return (*POSTS.get(node.level, ()), *seats)


def _place(node: Node, source: SourceMap, profiles: Mapping[str, str]) -> dict[str, object]:
    compound = node.level == "compound"
    return {
        "id": node.id,
        "level": node.level,
        "path": node.path,
        "name": node.name,
        "parent": node.parent,
        "zone": source.zone.key,
        "profile": source.profile if compound and not profiles else None,
        "flags": json.dumps({"profiles": profiles} if compound and profiles else {}),
    }


def _firm(firm: Firm) -> dict[str, object]:
    return {
        "id": firm.id,
        "name": firm.name,
        "place": firm.place.id,
        "key": firm.place.path + "/",
    }


def _crew(crew: Crew, catalogue: Catalogue) -> dict[str, object]:
    entries = [catalogue.get(code) for code in catalogue.codes]
    return {
        "id": crew.id,
        "name": crew.name,
        "place": crew.place.id,
        "key": crew.place.path + "/",
        "skills": sorted({entry.trade for entry in entries if entry}),
        "certificates": sorted(
            {entry.certificate for entry in entries if entry and entry.certificate}
        ),
        "until": _NEVER_EXPIRES.isoformat(),
    }


def _account(who: Actor, at: datetime) -> dict[str, object]:
    return {
        "id": who.id,
        "name": who.name,
        "role": str(who.role),
        "place": who.place_id,
        "path": who.place_path,
        "crew": who.crew_id,
        "vendor": who.vendor_id,
        "tier": who.tier,
        "at": at,
    }


def _note(tx: Tx, who: Actor, at: datetime) -> None:
    png = evidence.note_png()
    note = {"id": note_of(who), "media": evidence.MEDIA_TYPE, "png": png}
    of = {"account": who.id, "size": len(png), "digest": evidence.digest(), "at": at}
    tx.conn.execute(_NOTE, {"id": note["id"], "media": note["media"], **of})
    tx.conn.execute(_NOTE_PART, {"id": note["id"], "png": png})
    tx.conn.execute(_NOTE_COPY, note)
