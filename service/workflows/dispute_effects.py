"""What the events of a dispute case change up to its agreement, as values.

How a case is filed stands in `dispute_intake.py`, how it moves between tiers in
`tier_effects.py`, the agreement and what follows in `agreement_effects.py`.
"""

from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import dispute_facts
from service.workflows.dispute_facts import Entries, concerned
from service.workflows.dispute_words import CLASSES, COURT_WAYS, GRADES, LEGAL_WAYS
from service.workflows.session_guards import second_no_show
from service.workflows.table import ticket_of

ESCALATION_RISK = "dispute_case.escalation_risk"
LEGAL_WAYS_NOTICE = "dispute_case.legal_ways"


def given(s: Situation, *names: str) -> dict[str, Any]:
    """Return the members of the data that were sent."""
    return {name: s.data[name] for name in names if s.data.get(name) is not None}


def files(s: Situation, name: str = "files") -> dict[str, list[str]]:
    """Return the uploads that were sent, as text."""
    sent = s.data.get(name)
    return {name: [str(one) for one in sent]} if sent else {}


def with_entry(entries: Entries, n: int, **changes: Any) -> list[dict[str, Any]]:
    """Return a list of facts with one numbered entry changed."""
    return [{**one, **changes} if one["n"] == n else dict(one) for one in entries]


def with_last(entries: Entries, **changes: Any) -> list[dict[str, Any]]:
    """Return a list of facts with its last entry changed."""
    return [*map(dict, entries[:-1]), {**entries[-1], **changes}]


# ── intake ───────────────────────────────────────────────────────────────────


def screen(s: Situation) -> Change:
    """Ask the other parties for their consent."""
    return Change(facts={**given(s, "file_no"), "consent_asked_at": stamp(s.at)})


def consent(s: Situation) -> Change:
    """Keep that a party agreed to mediation."""
    party = concerned(s)
    n = 0 if party is None else party["n"]
    agreed = with_entry(
        dispute_facts.of(s).parties, n, consent="given", consent_at=stamp(s.at), **_paper(s)
    )
    return Change(facts={"parties": agreed})


def _paper(s: Situation) -> dict[str, Any]:
    sent = s.data.get("document")
    return {"consent_files": [str(one) for one in sent]} if sent else {}


def add_evidence(s: Situation) -> Change:
    """Put files under an item of the table of contents."""
    before = dispute_facts.of(s).evidence
    party = dispute_facts.own_party(s)
    entry = {
        "n": len(before) + 1,
        "item": s.data["item"],
        "at": stamp(s.at),
        "by": str(s.actor.role),
        **({} if party is None else {"party": party["n"]}),
        **files(s),
    }
    return Change(facts={"evidence": [*before, entry]})


def refuse(s: Situation) -> Change:
    """Keep code and ways; nobody is turned away without them (R-DIS-31)."""
    refusal = {"code": s.data["code"], "ways": s.data["ways"], "at": stamp(s.at)}
    return Change(facts={"refusal": refusal}, notices=(ways_notice(s),))


def ways(s: Situation) -> list[str]:
    """Return the legal ways that are open; arbitration needs the parties' clause."""
    clause = dispute_facts.of(s).arbitration_clause
    return [way for way in LEGAL_WAYS if way != "arbitration" or clause]


def ways_notice(s: Situation) -> tuple[str, dict[str, Any]]:
    """Return the notice of legal ways."""
    return LEGAL_WAYS_NOTICE, {"ways": ways(s)}


def appeal(s: Situation) -> Change:
    """Keep that the refusal is appealed against."""
    return Change(facts={"appeal": {"at": stamp(s.at)}})


def decide_appeal(s: Situation) -> Change:
    """Keep what the superior decided."""
    before = dispute_facts.of(s).appeal or {}
    decided = {**before, "decision": s.data["decision"], "decided_at": stamp(s.at)}
    return Change(facts={"appeal": decided})


def accept(s: Situation) -> Change:
    """Name the mediators, class and grade the case, issue the notice of rights (R-DIS-14)."""
    case = dispute_facts.of(s)
    facts = {
        **given(s, "class", "grade", "households", "file_no"),
        "mediators": mediators(s),
        "rights_notice_at": stamp(s.at),
        "tiers": with_last(case.tiers, accepted_at=stamp(s.at)),
    }
    return Change(columns=given(s, "category"), facts=facts)


def mediators(s: Situation) -> list[dict[str, Any]]:
    """Return the mediators that the data names, one of them the lead (R-DIS-29)."""
    named = list(dict.fromkeys(s.data["mediators"]))
    lead = s.data.get("lead") or named[0]
    return [{"account": one, "lead": one == lead} for one in named]


def change_mediator(s: Situation) -> Change:
    """Put one mediator in the place of another; who declared a conflict stays out."""
    case, old, new = dispute_facts.of(s), s.data["replaces"], s.data["mediator"]
    rest = [dict(one) for one in case.mediators if one["account"] not in (old, new)]
    led = any(one["lead"] for one in case.mediators if one["account"] in (old, new))
    facts: dict[str, Any] = {"mediators": [*rest, {"account": new, "lead": led}]}
    if s.data["cause"] == "conflict":
        facts["conflicted"] = [*case.conflicted, old]
    return Change(facts=facts)


# ── sessions ─────────────────────────────────────────────────────────────────


def schedule(s: Situation) -> Change:
    """Set a session; without a list everybody is invited."""
    case = dispute_facts.of(s)
    session = {
        "n": len(case.sessions) + 1,
        "tier": case.tier,
        "type": s.data["type"],
        "at": stamp(s.data["at"]),
        "place": s.data["place"],
        "invited": list(s.data.get("invited") or [party["n"] for party in case.parties]),
        "outcome": None,
    }
    return Change(facts={"sessions": [*case.sessions, session]})


def open_session(s: Situation) -> Change:
    """Keep who came."""
    helpers = [{"person": one["person"]} for one in s.data.get("helpers", ())]
    return _session(
        s, opened_at=stamp(s.at), attendance=list(s.data["attendance"]),
        **({"helpers": helpers} if helpers else {}),
    )  # fmt: skip


def no_show(s: Situation) -> Change:
    """Count a party's absence; the second one is a refusal (DOMAIN 3B.3)."""
    case, n, held = dispute_facts.of(s), s.data["party"], dispute_facts.of(s).sessions[-1]["n"]
    absent = case.party(n) or {}
    missed = [*absent.get("no_shows", ()), held]
    facts: dict[str, Any] = {
        "parties": with_entry(case.parties, n, no_shows=missed),
        "sessions": with_last(case.sessions, outcome="no_show", no_show_by=n),
    }
    if not second_no_show(s):
        return Change(facts=facts)
    return Change(facts={**facts, **ended(s, "party_refuses", n)}, notices=(ways_notice(s),))


def adjourn(s: Situation) -> Change:
    """Keep the record of the session and when it goes on."""
    return _session(s, outcome="adjourned", next_at=stamp(s.data["next_at"]), **minutes(s))


def minutes(s: Situation) -> dict[str, Any]:
    """Return the record of a session: when and with which files; its words are in the history."""
    if s.data.get("minutes") is None and not s.data.get("files"):
        return {}
    return {"minutes": {"at": stamp(s.at), **files(s)}}


def _session(s: Situation, **changes: Any) -> Change:
    return Change(facts={"sessions": with_last(dispute_facts.of(s).sessions, **changes)})


def extend_limit(s: Situation) -> Change:
    """Note that this tier has had its longer time."""
    return Change(facts={"tiers": with_last(dispute_facts.of(s).tiers, extended=True)})


def wait_for(s: Situation) -> Change:
    """Note what the mediation waits for."""
    return Change(facts={"waiting": s.data["what"]})


def go_on(_s: Situation) -> Change:
    """Note that it came."""
    return Change(facts={"waiting": None})


# ── refusal, danger, the end ─────────────────────────────────────────────────


def ended(s: Situation, code: str, party: int | None = None) -> dict[str, Any]:
    """Return the facts of an end without agreement."""
    ending = {
        "code": code,
        "at": stamp(s.at),
        "ways": s.data.get("ways") or ways(s),
        "stated": s.data.get("reason") is not None,
        **({} if party is None else {"party": party}),
    }
    return {"ending": ending, "waiting": None}


def party_refuses(s: Situation) -> Change:
    """Keep who refused; during screening that is a refusal of the case (R-DIS-26)."""
    party = concerned(s)
    n = 0 if party is None else party["n"]
    facts: dict[str, Any] = {
        "parties": with_entry(dispute_facts.of(s).parties, n, consent="refused")
    }
    if ticket_of(s).state == "screening":
        facts["refusal"] = {"code": "party_refuses", "ways": ways(s), "at": stamp(s.at)}
    else:
        facts |= ended(s, "party_refuses", n)
    return Change(facts=facts, notices=(ways_notice(s),))


def terminate(s: Situation) -> Change:
    """Keep why mediation failed; a session that was open ends with it."""
    facts = ended(s, s.data["cause"])
    if ticket_of(s).state == "in_session":
        sessions = dispute_facts.of(s).sessions
        facts["sessions"] = with_last(sessions, outcome=s.data["cause"], **minutes(s))
    return Change(facts=facts, notices=(ways_notice(s),))


def object_withdrawal(_s: Situation) -> Change:
    """Note the other side's objection."""
    return Change(facts={"objected": True})


def flag_risk(s: Situation) -> Change:
    """Raise the grade, and the class by the size of the matter (R-DIS-30, DOMAIN 3B.6)."""
    case = dispute_facts.of(s)
    grade = GRADES[min(GRADES.index(case.grade) + 1, len(GRADES) - 1)] if case.grade else None
    facts: dict[str, Any] = {"risk": True, **given(s, "households")}
    if grade is not None:
        facts["grade"] = grade
    if case.class_ is not None:
        facts["class"] = max(case.class_, _class_of(s), key=CLASSES.index)
    told = {"roles": ["street_officer"], "police": bool(s.data.get("police"))}
    return Change(facts=facts, notices=((ESCALATION_RISK, told),))


def _class_of(s: Situation) -> str:
    households = int(s.data.get("households", 0))
    grave = s.data.get("injury") or s.data.get("media")
    if grave or households >= s.policy.major_households:
        return "major"
    return "complex" if households >= s.policy.complex_households else "general"


def enlist(s: Situation) -> Change:
    """Note that the case is under listed supervision."""
    return Change(facts={"supervised": True, **given(s, "supervision")})


def delist(_s: Situation) -> Change:
    """Note that the close-out was passed."""
    return Change(facts={"supervised": False})


def chosen_way(s: Situation) -> Change:
    """Keep the legal way; what goes to a court is tagged for its fast track (R-DIS-10)."""
    way = s.data.get("way", "court")
    tagged = {"way": way, "at": stamp(s.at), "fast_track": way in COURT_WAYS}
    return Change(facts={"legal_way": tagged})
