"""Reporters: names and phones, apart from the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.shapes import Person
from service.store import rows
from service.store.unit_of_work import Tx

_INSERT = text("""
INSERT INTO party (id, name, phone, place_id, notice_version, created_at)
VALUES (:id, :name, :phone, :place, :notice, :now)""")
_UPDATE = text("""
UPDATE party SET name = coalesce(:name, name), phone = coalesce(:phone, phone),
       version = version + 1
 WHERE id = :id""")
_READ = text("SELECT id, name, phone FROM party WHERE id = ANY(:ids)")


def for_report(
    tx: Tx, party_id: UUID, reporter: Mapping[str, Any], place_id: str, now: datetime
) -> UUID | None:
    """Store who reported; return the id, or None when neither name nor phone was given."""
    if not reporter.get("name") and not reporter.get("phone"):
        return None
    params = {
        "id": party_id, "name": reporter.get("name"), "phone": reporter.get("phone"),
        "place": place_id, "notice": reporter.get("notice_version"), "now": now,
    }  # fmt: skip
    tx.conn.execute(_INSERT, params)
    return party_id


def keep(tx: Tx, party_id: UUID, person: Person, place_id: str, now: datetime) -> None:
    """Store somebody an event names."""
    params = {
        "id": party_id, "name": person.name, "phone": person.phone, "place": place_id,
        "notice": None, "now": now,
    }  # fmt: skip
    tx.conn.execute(_INSERT, params)


def correct(tx: Tx, party_id: UUID, *, name: str | None, phone: str | None) -> None:
    """Replace what was given anew."""
    tx.conn.execute(_UPDATE, {"id": party_id, "name": name, "phone": phone})


def read(tx: Tx, ids: list[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """Return id, name and phone of each party, unmasked: the caller masks."""
    return {r["id"]: r for r in rows.many(tx.conn.execute(_READ, {"ids": ids}))}
