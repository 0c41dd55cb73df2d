"""Writes drafts: history lines, heads, clocks, children and letters, in one place.

The number of statements does not depend on the number of drafts. The tickets are locked.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from service.commands.draft import Draft
from service.core.text import fold
from service.store import cause, child, clock, directory, event, ledger, outbox, stake, ticket
from service.store.unit_of_work import Tx

Hashes = Mapping[tuple[UUID, int], tuple[Any, Any]]


def write(tx: Tx, drafts: Sequence[Draft]) -> Hashes:
    """Write everything the drafts gathered; return (prev_hash, hash) by (ticket, seq).

    A newborn ticket goes last: its number's row is the one every opening locks.
    """
    hashes = event.append(tx, (line for d in drafts for line in d.lines))
    with tx.together():
        clock.save(tx, ((d.id, c) for d in drafts for c in d.touched.values()))
        clock.escalate(tx, (rung for d in drafts for rung in d.fired))
        clock.withdraw(tx, (rung for d in drafts for rung in d.withdrawn))
        child.add(tx, (row for d in drafts for row in d.children))
        child.end_assignments(
            tx, ({"ticket_id": d.id, "at": d.now} for d in drafts if d.ends_assignment)
        )
        child.assign(tx, (row for d in drafts for row in d.assignments))
        child.attach(tx, (row for d in drafts for row in d.files))
        stake.end(tx, (row for d in drafts for row in d.aside.unstakes))
        stake.add(tx, (row for d in drafts for row in d.aside.stakes))
        cause.add(tx, (row for d in drafts for row in d.aside.causes))
        ledger.post(tx, (row for d in drafts for row in d.aside.postings))
        ledger.credit(tx, (row for d in drafts for row in d.aside.credits))
        directory.judge(tx, (row for d in drafts for row in d.aside.vendors))
        outbox.put(tx, (letter for d in drafts for letter in d.letters))
        ticket.update(tx, (_head(d) for d in drafts if d.moved and not d.born))
        ticket.mark(tx, (d.row for d in drafts if d.lines and not d.moved))
    for draft in drafts:
        if draft.born:
            _bear(tx, draft)
    return hashes


def _head(draft: Draft) -> Mapping[str, Any]:
    """Return the new head; long texts that did not change are not sent again."""
    if not draft.retold:
        return {**draft.row, "title": None, "description": None, "search": None}
    number = draft.row["number"].lower()
    return {**draft.row, "search": f"{number} {search_text(draft.row)}"}


def search_text(row: Mapping[str, Any]) -> str:
    """Return what a search looks through, number apart; characters folded to simplified."""
    return fold(f"{row['title']} {row['description']} {row['place_name']}")


def _bear(tx: Tx, draft: Draft) -> None:
    day = draft.row["day"]
    draft.row["number"] = ticket.insert(
        tx,
        {k: v for k, v in draft.row.items() if k != "day"},
        prefix=draft.workflow.prefix,
        day=day,
        search=search_text(draft.row),
    )
