"""Contracts and certificates that end (DOMAIN 3D, R-VEN-06, R-REP-44).

Thirty days before, the people concerned are told once; once it has ended, the vendor gets
an order to cure it, once for each end.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.commands.addressees import holders
from service.commands.ports import Ports
from service.core.ids import derived
from service.core.messages import DEFAULT, text
from service.jobs.planned import open_once, planned_id
from service.store import contract, inbox, ticket
from service.store.unit_of_work import Tx

KIND: Final = "rectification_order"
CONTRACT_ENDS: Final = "vendor.contract_ends"
CERTIFICATE_ENDS: Final = "vendor.certificate_ends"
Reason = tuple[object, ...]
AHEAD: Final = timedelta(days=30)  # [A]
_TOLD: Final = ("manager", "committee")


def scan(ports: Ports, now: datetime) -> int:
    """Tell of what ends soon, open orders for what has ended; return how many are new."""
    with ports.uow() as tx:
        contracts = [c for c in contract.contracts(tx) if c.until is not None]
        certificates = contract.certificates(tx, (now + AHEAD).date() + timedelta(days=1))
        told = 0
        for each in contracts:
            if _soon(each.until, each.time_zone, now):
                told += _tell(tx, CONTRACT_ENDS, each.path, _of_contract(each), now)
        for paper in certificates:
            if _soon(paper.until, paper.time_zone, now):
                told += _tell(tx, CERTIFICATE_ENDS, paper.path, _of_certificate(paper), now)
        ended = [_of(each) for each in contracts if _ended(each.until, each, now)]
        ended += [_of(paper) for paper in certificates if _ended(paper.until, paper, now)]
        # What ended long ago has its order; the scan asks for the rest only.
        known = ticket.existing(tx, [planned_id(KIND, *reason) for reason, _ in ended])
    missing = [each for each in ended if planned_id(KIND, *each[0]) not in known]
    return told + sum(open_once(ports, *reason, **members) for reason, members in missing)


def _today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _soon(until: date | None, zone: str, now: datetime) -> bool:
    today = _today(zone, now)
    return until is not None and today <= until <= today + AHEAD


def _ended(until: date | None, at: contract.Contract | contract.Certificate, now: datetime) -> bool:
    return until is not None and until < _today(at.time_zone, now)


def _tell(tx: Tx, topic: str, path: str, subject: Mapping[str, str], now: datetime) -> int:
    people = {contact.id for role in _TOLD for contact in holders(tx, role, path)}
    entries = [
        {
            "id": derived("inbox", topic, *sorted(subject.items()), person),
            "account_id": person,
            "subject": subject,
            "topic": topic,
            "at": now,
        }
        for person in sorted(people)
    ]
    inbox.put(tx, entries)
    return len(entries)


def _of_contract(each: contract.Contract) -> Mapping[str, str]:
    return {"vendor": each.vendor, "compound": each.compound, "until": str(each.until)}


def _of_certificate(paper: contract.Certificate) -> Mapping[str, str]:
    return {"crew": paper.crew, "trade": paper.trade, "until": str(paper.until)}


def _of(ended: contract.Contract | contract.Certificate) -> tuple[Reason, Mapping[str, Any]]:
    """Return the reason of an order to cure what has ended, and the order."""
    if isinstance(ended, contract.Contract):
        what, subject, told = "contract", (ended.vendor_id, ended.compound_id), _of_contract(ended)
    else:
        what, subject, told = "certificate", (ended.crew_id, ended.trade), _of_certificate(ended)
        told = {**told, "trade": text(f"certificate.{ended.trade}", DEFAULT)}
    reason = (what, *subject, ended.until)
    return reason, _order(ended.compound_id, ended.vendor_id, what, told)


def _order(place: str, vendor: str, what: str, told: Mapping[str, str]) -> Mapping[str, Any]:
    item = text(f"contract_scan.{what}_item", DEFAULT, **told)
    facts = {"subject": "vendor", "vendor": vendor, "grade": "ordinary", "items": [{"what": item}]}
    return {
        "kind": KIND,
        "event": "record",
        "place": place,
        "category": "rect_contract",
        "title": text(f"contract_scan.{what}_title", DEFAULT, **told),
        "facts": facts,
    }
