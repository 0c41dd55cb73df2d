"""What each reaction does: commands made from a cause, never carried out here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from service.commands.score import Score
from service.core.refs import RelatedRef
from service.jobs.cause import Act, Cause
from service.notify.letter import Letter
from service.store import cause as causes
from service.store import reference, vendor_record
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY, penalties
from service.workflows.assessment_facts import category_of
from service.workflows.handing_over import HAND_OVER

VENDOR_SCORE = "vendor_score"  # the ladder's action that says that a breach costs points
BREACHED, WITHDRAWN = "handling_breached", "breach_withdrawn"
_MOST_GROUNDS = 20_000
BREACH_POINTS = -1  # [A] R-VEN-09
_EARLY_STEPS = {
    penalties.NOTICE: "notice",
    penalties.CIRCULAR: "circular",
    penalties.DEDUCTION: "deduction",
}
_HANDED_OVER = [w.kind for w in REGISTRY if HAND_OVER in w.events]


# ── repairs ──────────────────────────────────────────────────────────────────


def absorb(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Let the master take its follower in (RULINGS 7)."""
    yield cause.fire(cause.data["into"], "absorb", **{"from": cause.ticket})


def costs_points(letter: Letter) -> bool:
    """Tell whether a breach costs the vendor points: an excused one does not (RULINGS 11)."""
    return letter.payload.get("action") == VENDOR_SCORE


def breach_costs_points(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Take points from the vendor that held the order when it fell due."""
    yield Score(ticket=UUID(cause.ticket), seq=cause.seq, points=BREACH_POINTS, reason=BREACHED)


def points_come_back(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Give the points back when a late report showed that it was not late."""
    if 0 in cause.payload.get("levels", ()):
        yield Score(
            ticket=UUID(cause.ticket), seq=cause.seq, points=0, reason=WITHDRAWN, undoes=BREACHED
        )


def rework_is_rectified(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Order a cure of what was repaired again and again (3A.2, R-REP-27)."""
    vendor = cause.row["vendor_id"]
    if vendor is not None:
        what = f"{cause.row['number']} 返修 {cause.payload['count']} 次：{cause.row['title']}"
        yield rectification(tx, cause, "rect_rework", vendor, [{"what": what}])


def refused_by_fund(letter: Letter) -> bool:
    """Tell whether the fund refused."""
    return letter.data.get("decision") == "refused"


def danger_is_a_hazard(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Keep watch over a danger that nobody pays to remove (3A.2)."""
    if cause.row["urgency"] == "emergency":
        yield hazard(cause)


def convert(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Open the ticket that a report should have been (3A.2)."""
    match cause.data["to_kind"]:
        case "complaint":
            facts = {"type": "complaint", "origin": "transfer"}
            yield cause.open(
                "complaint", "cmp_other", cause.row["title"], facts, event="receive",
                reporter=reporter(cause), sourced=False,
            )  # fmt: skip
        case "dispute_case":
            yield dispute(cause, cause.data["reason"])
        case "hazard":
            yield hazard(cause)


# ── complaints and supervision ───────────────────────────────────────────────


def to_mediation(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Open the dispute case that a complaint becomes (DOMAIN 3B)."""
    yield dispute(cause, cause.data["request"])


def supervise(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Tell a dispute case that it is supervised (DOMAIN 4.3)."""
    yield cause.fire(cause.payload["case"], "list")


def supervise_no_longer(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Tell a dispute case that its supervision was closed out."""
    yield cause.fire(cause.payload["case"], "delist")


# ── disputes ─────────────────────────────────────────────────────────────────


def obligation_is_repaired(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Open the repair order by which an obligation is performed (3B.3 `start_performance`)."""
    one = _obligation(cause)
    facts = {"origin": "patrol", "location": one.get("where") or ""}
    yield cause.open(
        "repair_order", "other", one["what"][:200],
        {name: value for name, value in facts.items() if value}, event="submit",
        part=one["n"], sourced=False,
    )  # fmt: skip


def obligation_is_rectified(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Order the firm among the parties to do what it promised."""
    one, vendor = _obligation(cause), cause.payload.get("vendor")
    if vendor is not None:
        item = {"what": one["what"], **({"where": one["where"]} if one.get("where") else {})}
        yield rectification(tx, cause, "rect_service", vendor, [item], part=one["n"])


def _obligation(cause: Cause) -> Mapping[str, Any]:
    number = cause.payload["number"]
    found: Mapping[str, Any] = next(o for o in cause.facts["obligations"] if o["n"] == number)
    return found


# ── vendors ──────────────────────────────────────────────────────────────────


def findings_are_rectified(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Order the cure of what an assessment found (R-VEN-03)."""
    items = [
        {name: item[name] for name in ("what", "where") if item.get(name)}
        for item in cause.data["items"]
    ]
    yield rectification(
        tx, cause, "rect_assessment", cause.row["vendor_id"], items,
        grade=cause.data["grade"], legal_basis=cause.data["legal_basis"],
    )  # fmt: skip


def cure_retains(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Let the assessment behind a cure pass when all its cures have (R-VEN-02)."""
    for parent in _assessments(tx, cause):
        yield cause.fire(parent.ticket.id, "cure_passed")


def cure_fails(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Let the assessment behind a failed cure go to exit review if it failed for good."""
    for parent in _assessments(tx, cause):
        yield cause.fire(parent.ticket.id, "cure_failed")


def exit_is_reviewed(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Put the vendor under exit review, with its assessment or without (RULINGS 55)."""
    parents = _assessments(tx, cause)
    vendor = cause.row["vendor_id"]
    if parents or vendor is None or cause.facts.get("outcome") != "exit_review":
        yield from cure_fails(tx, cause)
        return
    known = reference.vendor(tx, vendor)
    category = category_of(known.service_lines) if known is not None else None
    if category is not None:
        source = {**cause.source, "serious": bool(cause.facts.get("serious"))}
        yield cause.open(
            "vendor_assessment", category, cause.row["title"],
            {"vendor": vendor, "source": source}, event="open_exit", sourced=False,
        )  # fmt: skip


def black_list_is_proposed(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Propose the black list to the bureau, with the steps that were taken (3C.5)."""
    vendor = cause.row["vendor_id"]
    if vendor is None:
        return
    taken = {penalties.NOTICE, *(one["step"] for one in cause.facts.get("penalties", ()))}
    facts = {
        "vendor": vendor,
        "list": "black",
        "reason": cause.row["title"],
        "steps": [
            {"step": name, "ticket": cause.row["number"]}
            for step, name in _EARLY_STEPS.items()
            if step in taken
        ],
        **({"serious": cause.row["title"]} if cause.facts.get("serious") else {}),
    }
    yield cause.open("list_decision", "list_company", cause.row["title"], facts, event="propose")


def orders_are_handed_over(tx: Tx, cause: Cause) -> Iterator[Act]:
    """Give every open ticket of a vendor that leaves to the one that follows (3C.1)."""
    leaving = cause.row["vendor_id"]
    held = vendor_record.open_tickets(tx, leaving, cause.row["compound_id"], kinds=_HANDED_OVER)
    for one in held:
        yield cause.fire(one.id, HAND_OVER, leaving=leaving, vendor=cause.data["vendor"])


def _assessments(tx: Tx, cause: Cause) -> list[RelatedRef]:
    found = causes.related(tx, UUID(cause.ticket), "causes")
    return [one for one in found if one.ticket.kind == "vendor_assessment"]


# ── what several of them open ────────────────────────────────────────────────


def rectification(  # noqa: PLR0913 — an order's members
    tx: Tx,
    cause: Cause,
    category: str,
    vendor: str,
    items: Sequence[Mapping[str, Any]],
    *,
    grade: str = "ordinary",
    part: object = "",
    **facts: Any,
) -> Act:
    """Return a rectification order about a vendor."""
    known = reference.vendor(tx, vendor)
    subject = "developer" if known is not None and known.body == "developer" else "vendor"
    about = {"subject": subject, "vendor": vendor, "grade": grade, "items": items, **facts}
    return cause.open(
        "rectification_order", category, cause.row["title"], about, event="record", part=part
    )


def hazard(cause: Cause) -> Act:
    """Return a hazard at the place of a report."""
    return cause.open(
        "hazard", "hazard_other", cause.row["title"], {"found_by": "follow_up"}, event="report"
    )


def dispute(cause: Cause, request: str) -> Act:
    """Return a case of whoever reported against the firm concerned, else the committee."""
    vendor = cause.row["vendor_id"]
    applicant: dict[str, Any] = {"side": "applicant", "kind": "resident"}
    if cause.row["place_level"] == "household":
        applicant["place"] = cause.row["place_id"]
    person = {n: v for n, v in reporter(cause).items() if n in ("name", "phone") and v}
    if "name" in person:
        applicant["person"] = person
    respondent = {
        "side": "respondent",
        **({"kind": "vendor", "vendor": vendor} if vendor else {"kind": "committee"}),
    }
    facts = {
        "parties": [applicant, respondent],
        "request": request,
        "grounds": f"{cause.row['title']}\n{cause.row['description']}".strip()[:_MOST_GROUNDS],
    }
    category = "owner_company" if vendor else "owner_committee"
    return cause.open(
        "dispute_case", category, cause.row["title"], facts, event="file",
        reporter=reporter(cause),
    )  # fmt: skip


def reporter(cause: Cause) -> Mapping[str, Any]:
    """Return who reported, to stand behind the ticket that follows as well."""
    row = cause.row
    return {
        "channel": row["reporter_channel"],
        "name": row["reporter_name"],
        "phone": row["reporter_phone"],
    }
