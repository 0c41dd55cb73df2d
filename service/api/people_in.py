"""People named inside facts: stored apart, shown masked (RULINGS 19)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from service.edge import masking
from service.store import party
from service.store.rows import as_uuid
from service.store.unit_of_work import Tx

People = Mapping[UUID, Mapping[str, Any]]


def named(tx: Tx, values: Iterable[Any]) -> People:
    """Return everybody that the values name, by id; one statement, none for nobody."""
    ids = sorted({ident for value in values for ident in _ids(value)})
    return party.read(tx, ids) if ids else {}


def masked(value: Any, people: People) -> Any:
    """Return a value with name and phone, masked, beside each person's id."""
    ident = _person(value)
    if ident is not None:
        known = people.get(ident, {})
        return {
            "party": value["party"],
            "name": masking.name(known.get("name")),
            "phone": masking.phone(known.get("phone")),
        }
    if isinstance(value, Mapping):
        return {name: masked(inner, people) for name, inner in masking.data(value).items()}
    if isinstance(value, list):
        return [masked(inner, people) for inner in value]
    return value


def _ids(value: Any) -> Iterator[UUID]:
    ident = _person(value)
    if ident is not None:
        yield ident
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


def _person(value: Any) -> UUID | None:
    """Return whom `{"party": <id>}` names; None for anything else."""
    if not isinstance(value, Mapping) or set(value) != {"party"}:
        return None
    return as_uuid(value["party"]) if isinstance(value["party"], str) else None
