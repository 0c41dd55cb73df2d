"""The table of contents of a dispute file: what it must hold, and what it holds now.

The items are those of the paper file (SCREENS 6). For a case that ended without an
agreement the statement takes the place of the agreement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.workflows.dispute_facts import CaseFacts, Entries, read

Sources = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the contents.

    `required` items must be present before the case closes. `sources` name what the item
    is made of: a fact, or an entry of a list as `session-2`, `evidence-1`.
    """

    n: int
    code: str
    required: bool
    present: bool
    sources: Sources


WITHOUT_AGREEMENT: Final = frozenset({"terminated", "closed_failed"})
ARCHIVED: Final = frozenset({"closed_performed", "closed_failed"})


def contents(facts: Mapping[str, Any], state: str) -> tuple[Item, ...]:
    """Return all items of a case's file, in order."""
    case = read(facts)
    failed = state in WITHOUT_AGREEMENT
    swapped = {"agreement": not failed, "statement": failed}
    items = []
    for n, (name, must, found) in enumerate(_ITEMS, 1):
        sources = found(case) if name != "cover" else _cover(state)
        items.append(Item(n, name, swapped.get(name, must), bool(sources), sources))
    return tuple(items)


def lacking(facts: Mapping[str, Any], state: str) -> tuple[str, ...]:
    """Return the required items that are not there. The cover comes with the closing."""
    return tuple(
        item.code
        for item in contents(facts, state)
        if item.required and not item.present and item.code != "cover"
    )


def lacking_for_next_tier(facts: Mapping[str, Any], state: str) -> tuple[str, ...]:
    """Return what must be in the file before it moves up from the street (DOMAIN 3B.6).

    There is no agreement yet; minutes are due once a session took place.
    """
    later = {"agreement", "statement"} | (set() if read(facts).sessions_here else {"minutes"})
    return tuple(code for code in lacking(facts, state) if code not in later)


def _cover(state: str) -> Sources:
    return ("closing",) if state in ARCHIVED else ()


def _added(case: CaseFacts, item: str) -> Sources:
    return tuple(f"evidence-{e['n']}" for e in case.evidence if e["item"] == item)


def _numbered(kind: str, entries: Entries, member: str) -> Sources:
    return tuple(f"{kind}-{e['n']}" for e in entries if e.get(member))


def _application(case: CaseFacts) -> Sources:
    return ("application",) if case.parties else ()


def _rights_notice(case: CaseFacts) -> Sources:
    """Return the notice once issued and answered by every party."""
    issued = case.rights_notice_at is not None and not case.consents_pending
    return ("rights_notice",) if issued else ()


def _identity(case: CaseFacts) -> Sources:
    proven = bool(case.parties) and all(party["identified"] for party in case.parties)
    return _numbered("party", case.parties, "identified") if proven else ()


def _power_of_attorney(case: CaseFacts) -> Sources:
    return (
        *_numbered("party", case.parties, "representative"),
        *_added(case, "power_of_attorney"),
    )


def _minutes(case: CaseFacts) -> Sources:
    """Return the records of sessions; of a case that never sat, the record of its end."""
    held = (*_numbered("session", case.sessions, "minutes"), *_added(case, "minutes"))
    sat = any(session.get("opened_at") for session in case.sessions)
    return ("ending",) if not held and not sat and case.ending is not None else held


def _agreement(case: CaseFacts) -> Sources:
    effective = case.agreement is not None and bool(case.agreement.get("effective_at"))
    return ("agreement",) if effective else ()


def _performance(case: CaseFacts) -> Sources:
    done = _numbered("obligation", case.obligations, "done_at")
    return (*done, *_added(case, "performance"))


def _follow_up(case: CaseFacts) -> Sources:
    return ("follow_up",) if case.follow_up is not None else ()


def _court(case: CaseFacts) -> Sources:
    applied = case.agreement is not None and bool(case.agreement.get("confirmation"))
    return (*(("confirmation",) if applied else ()), *_added(case, "court"))


def _statement(case: CaseFacts) -> Sources:
    stated = case.ending is not None and bool(case.ending.get("stated"))
    return (*(("ending",) if stated else ()), *_added(case, "statement"))


_ITEMS: tuple[tuple[str, bool, Callable[[CaseFacts], Sources]], ...] = (
    ("application", True, _application),
    ("rights_notice", True, _rights_notice),
    ("identity", True, _identity),
    ("power_of_attorney", False, _power_of_attorney),
    ("inquiry", False, lambda case: _added(case, "inquiry")),
    ("evidence", False, lambda case: _added(case, "evidence")),
    ("minutes", True, _minutes),
    ("agreement", True, _agreement),
    ("performance", False, _performance),
    ("follow_up", False, _follow_up),
    ("court", False, _court),
    ("statement", False, _statement),
    ("cover", True, lambda _case: ()),
)
