"""What each item of a dispute file says, line by line (SCREENS 6).

Facts tell what there is; the words that somebody used stand in the history. Notes are none
of the items: a private one is in no file.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.api.case_material import Lines, Material, yuan
from service.api.case_pages import Line
from service.workflows.dispute_facts import Entry


def lines(m: Material, code: str) -> list[Line]:
    """Return what an item says."""
    return [Line("h2", m.word("case_file", code)), *_SAYS[code](m)]


def _application(m: Material) -> Lines:
    yield from m.pair("number", m.row["number"])
    yield from m.pair("file_no", m.facts.get("file_no"))
    yield from m.at("filed", m.facts.get("filed_at") or m.row["opened_at"])
    yield from m.pair("place", m.row["place_name"])
    for party in m.case.parties:
        yield from _party(m, party)
    yield Line("h3", m.say("request"))
    yield Line("p", str(m.facts.get("request", "")))
    yield Line("h3", m.say("grounds"))
    yield Line("p", str(m.facts.get("grounds", "")))
    yield Line("h3", m.say("description"))
    yield Line("p", m.row["title"])
    yield Line("p", m.row["description"])


def _party(m: Material, party: Entry) -> Lines:
    yield Line("h3", m.party(party["n"]))
    yield Line("p", m.word("party_kind", party["kind"]))
    yield from m.pair("phone", m.person(party.get("person")).get("phone"))


def _rights(m: Material) -> Lines:
    yield from m.at("issued", m.facts.get("rights_notice_at"))
    for n in range(1, 5):
        yield Line("p", f"{n}. {m.say(f'rights_{n}')}")
    yield Line("h3", m.say("consent"))
    for party in m.case.parties:
        answer = m.word("case_word", party.get("consent") or "waiting")
        when = m.time(party["consent_at"]) if party.get("consent_at") else ""
        yield Line("p", f"{m.party(party['n'])} {answer} {when}".rstrip())
        yield from m.attached(party.get("consent_files", ()))


def _identity(m: Material) -> Lines:
    for party in m.case.parties:
        known = party.get("identity") or {}
        yield Line("h3", m.party(party["n"]))
        yield from m.pair("proof", m.word("case_word", known.get("proof", "")))
        yield from m.at("at", known.get("at"))
        yield from m.attached(known.get("files", ()))


def _attorney(m: Material) -> Lines:
    for party in m.case.parties:
        speaks = m.person(party.get("representative"))
        if speaks:
            yield Line("h3", m.party(party["n"]))
            yield from m.pair("representative", speaks.get("name"))
            yield from m.pair("phone", speaks.get("phone"))
    yield from _added("power_of_attorney")(m)


def _added(item: str) -> Callable[[Material], Lines]:
    """Return what was put under an item: by whom, the words, the files."""

    def say(m: Material) -> Lines:
        entries = [entry for entry in m.case.evidence if entry["item"] == item]
        for n, entry in enumerate(entries, 1):
            yield Line("h3", f"{m.say('entry', n=n)} {m.time(entry['at'])}")
            whose = entry.get("party")
            yield from m.pair("by", m.party(whose) if whose else m.word("role", entry["by"]))
            note = m.of(entry["at"], "add_evidence").get("note")
            if note:
                yield Line("p", note)
            yield from m.attached(entry.get("files", ()))

    return say


_RECORDS: Final = ("adjourn", "reach_terms", "terminate")


def _minutes(m: Material) -> Lines:
    for session in m.case.sessions:
        yield from _session(m, session)
    yield from _added("minutes")(m)
    if not any(session.get("opened_at") for session in m.case.sessions):
        yield from _ending(m)


def _session(m: Material, session: Entry) -> Lines:
    kind = m.word("session_type", session["type"])
    yield Line("h3", f"{m.say('session', n=session['n'])} {kind} {m.word('tier', session['tier'])}")
    yield from m.at("at", session.get("opened_at") or session["at"])
    yield from m.pair("where", session["place"])
    yield from m.pair("came", m.parties(session.get("attendance", ())))
    helpers = (m.person(one.get("person")).get("name") for one in session.get("helpers", ()))
    yield from m.pair("helpers", "、".join(filter(None, helpers)))
    if session.get("no_show_by"):
        yield from m.pair("absent", m.party(session["no_show_by"]))
    record = session.get("minutes") or {}
    said = m.of(record.get("at"), *_RECORDS)
    if said.get("minutes"):
        yield from m.pair("minutes", said["minutes"])
    if session.get("outcome"):
        yield from m.pair("outcome", m.word("session_outcome", session["outcome"]))
    for name in ("reason", "next_step"):
        yield from m.pair(name, said.get(name))
    yield from m.at("next_at", session.get("next_at"))
    yield from m.attached(record.get("files", ()))


def _agreement(m: Material) -> Lines:
    deal = m.case.agreement or {}
    yield from m.pair("form", m.word("form", deal.get("form", "")))
    yield from m.pair("version", deal.get("version"))
    for promise in m.case.obligations:
        yield from _promise(m, promise)
    for signature in deal.get("signatures", ()):
        when = m.time(signature["at"])
        yield from m.pair("signed", f"{m.party(signature['party'])} {when}")
        yield from m.attached(x for x in (signature.get("signature"), signature.get("page")) if x)
    mediator = deal.get("mediator_signed") or {}
    if mediator:
        who = m.named.get(("account", mediator["account"]), "")
        yield from m.pair("mediator_signed", f"{who} {m.time(mediator['at'])}".strip())
    yield from m.at("sealed", deal.get("sealed_at"))
    yield from m.at("recorded", deal.get("recorded_at"))
    yield from m.at("effective", deal.get("effective_at"))
    yield from m.pair("digest", deal.get("digest"))


def _promise(m: Material, promise: Entry) -> Lines:
    kind = m.word("obligation_kind", promise["kind"])
    yield Line("h3", f"{promise['n']}. {m.party(promise['who'])} · {kind}")
    yield Line("p", promise["what"])
    yield from m.pair("where", promise.get("where"))
    yield from m.at("due", promise["due_at"])
    yield from m.pair("amount", yuan(promise.get("amount_fen")))


def _performance(m: Material) -> Lines:
    for promise in m.case.obligations:
        if promise.get("done_at"):
            yield Line("h3", f"{promise['n']}. {promise['what']}")
            yield from m.at("done", promise["done_at"])
            said = m.of(promise["done_at"], "obligation_done").get("statement")
            if said:
                yield Line("p", said)
            yield from m.attached(promise.get("proof", ()))
    yield from _added("performance")(m)


def _follow_up(m: Material) -> Lines:
    call = m.case.follow_up or {}
    yield from m.at("at", call.get("at"))
    yield from m.pair("calls", call.get("calls"))
    yield from m.pair("outcome", m.word("case_word", call.get("outcome", "")))
    yield from m.pair("by", m.party(call["party"]) if call.get("party") else None)


def _court(m: Material) -> Lines:
    asked = (m.case.agreement or {}).get("confirmation") or {}
    yield from m.pair("court", asked.get("court"))
    yield from m.at("applied", asked.get("at"))
    for label in ("answer", "result"):
        if asked.get(label):
            yield from m.pair(label, m.word("case_word", asked[label]))
    if (m.case.agreement or {}).get("enforceable"):
        yield Line("p", m.say("enforceable"))
    yield from m.attached([*asked.get("documents", ()), *asked.get("document", ())])
    yield from _added("court")(m)


def _ending(m: Material) -> Lines:
    end = m.case.ending or {}
    if end:
        code = end["code"]
        section = "refusal" if code == "party_refuses" else "session_outcome"
        yield from m.pair("ending", m.word(section, code))
        yield from m.pair("by", m.party(end["party"]) if end.get("party") else None)
        yield from m.at("at", end["at"])
        said = m.of(end["at"], "terminate", "party_refuses", "no_show")
        yield from m.pair("reason", said.get("reason"))
        ways = end.get("ways", ())
        told = ways if isinstance(ways, str) else "、".join(m.word("legal_way", w) for w in ways)
        yield from m.pair("ways", told)


def _statement(m: Material) -> Lines:
    yield from _ending(m)
    yield from _added("statement")(m)


def _cover(m: Material) -> Lines:
    closing = m.facts.get("closing") or {}
    yield from m.at("closing", closing.get("at") or m.row["closed_at"])
    if closing.get("opinion"):
        yield from m.pair("opinion", m.word("case_word", closing["opinion"]))
    yield from m.pair("number", m.row["number"])


_SAYS: Mapping[str, Callable[[Material], Iterable[Line]]] = {
    "application": _application,
    "rights_notice": _rights,
    "identity": _identity,
    "power_of_attorney": _attorney,
    "inquiry": _added("inquiry"),
    "evidence": _added("evidence"),
    "minutes": _minutes,
    "agreement": _agreement,
    "performance": _performance,
    "follow_up": _follow_up,
    "court": _court,
    "statement": _statement,
    "cover": _cover,
}
