"""Checks which body had a dispute case: up by one tier, or back to where it begins. Pure.

Read from the terms in the histories, which say under which tier's numbers a case stands; what
the case says of itself must agree.
"""

from collections.abc import Iterator
from typing import Any, Final

from service.store.audit.finding import Finding, Record

KIND: Final = "dispute_case"
_UP: Final = "escalate"
_BACK: Final = "redirect"


def check_tiers(record: Record) -> Iterator[Finding]:
    """Yield each tier that was skipped or left without its event (I9)."""
    if record.ticket.kind != KIND or not record.lines:
        return
    stays: list[int] = []
    for line in record.lines:
        tier = _tier(line)
        before = stays[-1] if stays else None
        if before is None or (tier is not None and tier != before):
            stays.append(tier or 0)
        moved = 0 if before is None else stays[-1] - before
        if not _fits(line.type, moved):
            detail = f"{line.type} takes the case from tier {before} to {stays[-1]}"
            yield record.found("I9", "tier", detail, line.seq)
    stated = [stay["tier"] for stay in record.ticket.facts.get("tiers", ())]
    if stated != stays:
        yield record.found("I9", "tier", f"the case says {stated}, its history {stays}")


def _tier(line: Any) -> int | None:
    """Return the tier whose numbers a line brings into force; None when it changes none."""
    variant = line.effects.get("terms", {}).get("variant")
    return None if variant is None else int(variant.removeprefix("t"))


def _fits(event: str, moved: int) -> bool:
    if event == _UP:
        return moved == 1
    return moved < 0 if event == _BACK else moved == 0
