"""A locked ticket on its way to its next row: lines, clocks and letters gathered in memory.

Nothing here touches the database; `record.write` does, for one draft or for hundreds, with
the same statements. So a person's event and a sweep over a thousand overdue clocks are
written by the same code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from service.commands.aside import Aside, Cause, Here
from service.commands.line import Line
from service.core.actors import Actor
from service.core.ids import derived
from service.core.workflow import UNVERSIONED, Change, Mark, TicketView, Workflow
from service.sla.calendar import Calendar
from service.sla.clocks import Clock, Op, Ring, Terms, advance, due_rungs, effects
from service.sla.clocks import Mark as HistoryMark
from service.sla.ladder import BREACH
from service.sla.notation import iso
from service.sla.policy import Profile
from service.store import ticket as tickets
from service.store.ticket import assignee_of

_RETOLD = frozenset({"title", "description", "place_id"})
_WARNED = (Mark.CLOCK_WARNED, "sla.warned")
_BREACHED = (Mark.CLOCK_BREACHED, "sla.breached")
_ESCALATED = (Mark.ESCALATED, "sla.escalated")


@dataclass(slots=True)
class Draft:
    """Everything one command changes on one ticket."""

    workflow: Workflow
    row: dict[str, Any]
    clocks: tuple[Clock, ...]
    profile: Profile
    terms: Terms
    calendars: Mapping[str, Calendar]
    now: datetime
    born: bool = False
    lines: list[dict[str, Any]] = field(default_factory=list)
    children: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    fired: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    aside: Aside = field(default_factory=Aside)
    ends_assignment: bool = False
    touched: dict[tuple[str, int], Clock] = field(default_factory=dict)
    moved: bool = False  # by an event, not by SLA marks alone
    retold: bool = False  # title, description or place changed: the search text must follow

    @property
    def id(self) -> UUID:
        """The ticket's id."""
        found: UUID = self.row["id"]
        return found

    @property
    def state(self) -> str:
        """The state after the lines gathered so far."""
        found: str = self.row["state"]
        return found

    def view(self) -> TicketView:
        """Return the ticket as rules see it now."""
        return tickets.view(self.row)

    def due(self, at: datetime) -> tuple[Ring, ...]:
        """Return the armed rungs that must fire before anything that happened at `at`."""
        rungs = [
            ring
            for clock in self.clocks
            if clock.next_at is not None and clock.next_at <= at
            for ring in due_rungs(clock, self.profile, at, self.terms, self.calendars)
        ]
        return tuple(sorted(rungs, key=lambda r: (r.at, r.name, r.level)))

    def take(
        self, line: Line, target: str, change: Change, ops: tuple[Op, ...], terms: Terms | None
    ) -> None:
        """Add one event line with everything it changes."""
        before = dict(self.row)
        self.moved = True
        self._apply(change, target, line.at)
        self._line(line, target, ops, terms, moves=line.type not in UNVERSIONED)
        if line.type not in UNVERSIONED:
            self.row["last_event_at"] = line.at
        self._children(change)
        self._assign(change, line.at)
        self.aside.take(change, self._here(line.actor))
        topic = "opened" if before["state"] == "" else line.type
        gone = (
            before["place_path"] + "/" if before["place_path"] != self.row["place_path"] else None
        )
        self._letter(f"{self.workflow.kind}.{topic}", line, "ev", gone=gone, feeds=True)
        for name, payload in change.notices:
            self._letter(name, line, f"nt:{name}", payload=payload)

    def fire(self, ring: Ring, told: list[dict[str, Any]], actor: Actor, by: str) -> None:
        """Add the SLA mark of one rung: a line, an escalation row, a letter."""
        kind, topic = _WARNED if ring.level < BREACH else _ESCALATED if ring.level else _BREACHED
        key = (self.id, ring.name, ring.epoch, ring.level)
        data = {
            "clock": ring.name,
            "epoch": ring.epoch,
            "level": ring.level,
            "due_at": iso(ring.at),
            "told": told,
            **({"action": ring.action} if ring.action else {}),
        }
        line = Line(id=derived("rung", *key), type=kind, actor=actor, at=ring.at, data=data)
        fired = Op(verb="fired", clock=ring.name, epoch=ring.epoch, level=ring.level)
        self._line(line, self.state, (fired,), None, moves=False)
        self.fired.append(
            {
                "ticket_id": self.id,
                "clock": ring.name,
                "epoch": ring.epoch,
                "level": ring.level,
                "due_at": ring.at,
                "noticed_at": self.now,
                "fired_by": by,
                "event_seq": self.row["seq"],
                "told": told,
            }
        )
        payload = {**data, "noticed_at": iso(self.now)}
        self._letter(topic, line, f"esc:{ring.name}:{ring.epoch}:{ring.level}", payload=payload)

    def correct(self, actor: Actor) -> None:
        """Say on the timeline that rungs fired before a late report were wrong."""
        withdrawn, self.withdrawn = self.withdrawn, []
        for (name, epoch), levels in _grouped(withdrawn).items():
            data = {"clock": name, "epoch": epoch, "levels": levels}
            ident = derived("corrected", self.id, name, epoch, self.row["seq"])
            line = Line(id=ident, type=Mark.CLOCK_CORRECTED, actor=actor, at=self.now, data=data)
            self._line(line, self.state, (), None, moves=False)
            self._letter("sla.corrected", line, f"cor:{name}:{epoch}", payload=data)
        self.withdrawn = withdrawn

    def caused_by(self, cause: Cause, actor: Actor) -> None:
        """Say what led to the newest line."""
        self.aside.caused(cause, self._here(actor))

    def _here(self, actor: Actor) -> Here:
        return Here(self.id, self.row["seq"], actor.id, self.now)

    def attach(self, files: Mapping[str, UUID]) -> None:
        """Link attachments, by pointer, to the newest line."""
        self.files += [
            {
                "ticket_id": self.id,
                "attachment_id": file,
                "event_seq": self.row["seq"],
                "pointer": pointer,
            }
            for pointer, file in files.items()
        ]

    def _line(
        self, line: Line, target: str, ops: tuple[Op, ...], terms: Terms | None, *, moves: bool
    ) -> None:
        source = self.row["state"]
        self.row["seq"] += 1
        self.row["version"] += int(moves)
        self.row["state"] = target
        self.row["updated_at"] = self.now
        if self.row["seq"] == 1:  # a history begins with its terms: clocks are derived from it
            terms = terms or self.terms
        self.terms = terms or self.terms
        self._advance(line, target, ops, terms)
        self.lines.append(
            {
                "ticket_id": self.id,
                "seq": self.row["seq"],
                "kind": self.workflow.kind,
                "id": line.id,
                "type": str(line.type),
                "from_state": source,
                "to_state": target,
                "version": self.row["version"],
                "actor_id": line.actor.id,
                "actor_role": str(line.actor.role),
                "occurred_at": line.at,
                "received_at": self.now,
                "raw_occurred_at": line.raw_at,
                "data": line.data,
                "effects": effects(ops, terms),
                "comment": line.comment,
                "fingerprint": line.fingerprint,
            }
        )

    def _advance(self, line: Line, target: str, ops: tuple[Op, ...], terms: Terms | None) -> None:
        mark = HistoryMark(
            seq=self.row["seq"],
            event=str(line.type),
            at=line.at,
            received_at=self.now,
            to_state=target,
            ops=ops,
            terms=terms,
        )
        known = {(c.name, c.epoch): c for c in self.clocks}
        after = advance(self.clocks, mark, self.terms, self.profile, self.calendars)
        for clock in after.clocks:
            if known.get((clock.name, clock.epoch)) != clock:
                self.touched[clock.name, clock.epoch] = clock
        self.clocks = after.clocks
        self.withdrawn += [
            {"ticket_id": self.id, "clock": n, "epoch": e, "level": lv, "at": self.now}
            for n, e, lv in after.withdrawn
        ]
        self.row["next_due_at"] = min(
            (c.due_at for c in self.clocks if c.state == "running" and c.due_at), default=None
        )

    def _apply(self, change: Change, target: str, at: datetime) -> None:
        self.row.update(change.columns)
        self.retold = self.retold or not _RETOLD.isdisjoint(change.columns)
        self.row["facts"] = {**self.row["facts"], **change.facts}
        if self.workflow.is_open(target):
            self.row["closed_at"] = None
        elif self.row["closed_at"] is None:
            self.row["closed_at"] = at

    def _assign(self, change: Change, at: datetime) -> None:
        if not change.assigns:
            return
        who = change.assignee
        self.ends_assignment = self.ends_assignment or assignee_of(self.row) is not None
        self.row |= {
            "assignee_type": who and who.type,
            "assignee_id": who and who.id,
            "assignee_name": who and who.name,
            "crew_id": who and who.crew_id,
            "vendor_id": who and who.vendor_id,
            "outside_body": who is not None and who.outside_body,
        }
        self.assignments = [] if who is None else [
            {
                "ticket_id": self.id,
                "seq": self.row["seq"],
                "type": who.type,
                "assignee_id": who.id,
                "crew_id": who.crew_id,
                "vendor_id": who.vendor_id,
                "assigned_at": at,
            }
        ]  # fmt: skip

    def _children(self, change: Change) -> None:
        seq = self.row["seq"]
        self.children += [
            {"ticket_id": self.id, "seq": seq, "n": n, "noun": noun, "at": self.now, "row": row}
            for n, (noun, row) in enumerate(change.children)
        ]

    def _letter(  # noqa: PLR0913 — a letter's members
        self,
        topic: str,
        line: Line,
        key: str,
        *,
        payload: Mapping[str, Any] | None = None,
        gone: str | None = None,
        feeds: bool = False,
    ) -> None:
        self.letters.append(
            {
                "topic": topic,
                "ticket_id": self.id,
                "event_seq": self.row["seq"],
                "dedupe_key": f"{key}:{self.id}:{self.row['seq']}",
                "payload": payload or {},
                "at": line.at,
                "place_key": self.row["place_path"] + "/",
                "gone_key": gone,
                "feeds": feeds or topic.startswith("sla."),
            }
        )


def _grouped(withdrawn: list[dict[str, Any]]) -> dict[tuple[str, int], list[int]]:
    found: dict[tuple[str, int], list[int]] = {}
    for rung in withdrawn:
        found.setdefault((rung["clock"], rung["epoch"]), []).append(rung["level"])
    return found
