"""A dispute case as its printed file tells of it: words, times, names, what was said when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.api.case_pages import Line
from service.core.messages import text
from service.core.shapes import stamp
from service.workflows.dispute_facts import CaseFacts, Entry, read

Row = Mapping[str, Any]
Lines = Iterator[Line]
FEN_PER_YUAN: Final = 100


@dataclass(frozen=True, slots=True)
class Material:
    """A case as its file tells of it. `people` are by id, masked already where they must be.

    `events` are the history lines by effective time, `files` the attachments by id, `named`
    the names of accounts, companies and places by noun and id.
    """

    lang: str
    row: Row
    people: Mapping[str, Row]
    named: Mapping[tuple[str, str], str]
    files: Mapping[str, Row]
    events: Mapping[str, tuple[Row, ...]]

    @property
    def facts(self) -> Row:
        """The facts of the ticket."""
        facts: Row = self.row["facts"]
        return facts

    @property
    def case(self) -> CaseFacts:
        """The same, typed."""
        return read(self.facts)

    def word(self, section: str, code: object) -> str:
        """Return the words for a code, the code itself when there are none."""
        key = f"{section}.{code}"
        found = text(key, self.lang)
        return str(code) if found == key else found

    def say(self, label: str, **params: object) -> str:
        """Return words of the printed file."""
        return text(f"bundle.{label}", self.lang, **params)

    def time(self, value: Any) -> str:
        """Return a moment by the clock of the place."""
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return f"{at.astimezone(ZoneInfo(self.row['time_zone'])):%Y-%m-%d %H:%M}"

    def pair(self, label: str, value: object) -> Lines:
        """Yield "label: value", nothing for nothing."""
        if value not in (None, ""):
            yield Line("p", f"{self.say(label)}：{value}" if self.lang != "en" else
                       f"{self.say(label)}: {value}")  # fmt: skip

    def at(self, label: str, value: Any) -> Lines:
        """Yield when something happened, nothing for nothing."""
        return self.pair(label, self.time(value) if value else None)

    def of(self, at: Any, *types: str) -> Row:
        """Return the data of the first event of these types at a time."""
        lines = self.events.get(str(at), ())
        return next((line["data"] for line in lines if line["type"] in types), {})

    def party(self, n: object) -> str:
        """Return a party's side, number and name."""
        found = self.case.party(n if isinstance(n, int) else None)
        if found is None:
            return str(n)
        return f"{self.word('side', found['side'])} {n} {self.name_of(found)}"

    def name_of(self, party: Entry) -> str:
        """Return what a party is called: a person, a company, an account, a household."""
        if party.get("person"):
            return str(self.person(party["person"]).get("name") or "")
        nouns = ("vendor", "account", "place")
        known = (self.named.get((noun, party[noun])) for noun in nouns if party.get(noun))
        return next(filter(None, known), self.word("party_kind", party["kind"]))

    def person(self, value: Any) -> Row:
        """Return name and phone of somebody the facts name."""
        return self.people.get(str((value or {}).get("party")), {})

    def parties(self, numbers: Iterable[object]) -> str:
        """Return several parties."""
        return "、".join(self.party(n) for n in numbers)

    def attached(self, idents: Iterable[str]) -> Lines:
        """Yield a line for each file."""
        for n, ident in enumerate(idents, 1):
            known = self.files.get(ident, {"media_type": "", "size": 0})
            size = known["size"]
            yield Line("p", self.say("file", n=n, type=known["media_type"], size=size, id=ident))


def yuan(fen: int | None) -> str | None:
    """Return an amount for people, exact to the fen."""
    if fen is None:
        return None
    whole, rest = divmod(fen, FEN_PER_YUAN)
    return f"¥{whole:,}.{rest:02d}"


def by_time(events: Iterable[Row]) -> Mapping[str, tuple[Row, ...]]:
    """Return history lines by their effective time, as facts keep it."""
    found: dict[str, tuple[Row, ...]] = {}
    for event in events:
        at = stamp(event["occurred_at"])
        found[at] = (*found.get(at, ()), event)
    return found
