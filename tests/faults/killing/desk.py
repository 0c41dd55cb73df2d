"""Commands that are no event of a workflow: notes, links, keys, files, directory, webhooks."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from service.bootstrap import Application
from service.commands import accounts, attachments, credentials, demo_clock, inbox, links, webhooks
from service.commands.amend import Amend, amend
from service.commands.audit_access import note_export
from service.commands.contact import Reveal, reveal
from service.commands.crews import CREW
from service.commands.deposits import Receive, receive
from service.commands.fire_event import Fire, fire
from service.commands.notes import AddNote, WidenNote, add_note, widen_note
from service.commands.open_ticket import Open, open_ticket
from service.commands.places import PLACE
from service.commands.ports import Key
from service.commands.register import Register, Revise, Shelf, register, revise
from service.commands.utilities import UTILITY
from service.commands.vendors import VENDOR
from service.core import keys
from service.core.errors import NotFound
from service.core.ids import derived
from service.jobs import rounds
from tests.faults.killing.bench import Act, Case
from tests.faults.killing.orders import BODY
from tests.notify.endpoints import endpoint
from tests.support.live import Live
from tests.support.roads import road_of

HOOK = "https://receiver.example/"
FILE = derived("kill", "file")


def key(route: str) -> Key:
    """Return an Idempotency-Key of a client that tries again with the same one."""
    return Key(route, "once", b"the same", lambda _outcome: (201, {}, {"answer": "kept"}))


def on_order(act: Callable[[Any, Live], object]) -> Callable[[Live], Act]:
    """Prepare an accepted order, then do something about it."""

    def prepare(live: Live) -> Act:
        live.story.until("accepted")
        return lambda app: act(app.ports, live)

    return prepare


def plainly(act: Callable[[Any, Live], object]) -> Callable[[Live], Act]:
    """Do something in the house as it is."""
    return lambda live: lambda app: act(app.ports, live)


def _open(ports: Any, live: Live) -> object:
    actor = live.story.actor("dispatcher")
    return open_ticket(ports, Open(kind="repair_order", actor=actor, key=key("open"), **BODY))


def _fire(ports: Any, live: Live) -> object:
    story = live.story
    data = {**story.data("assign", "dispatcher"), "visit_from": "2026-11-21T01:00:00Z",
            "visit_to": "2026-11-21T02:00:00Z"}  # fmt: skip
    return fire(ports, Fire(ticket=story.order or "", event="assign", key=key("fire"),
                            actor=story.actor("dispatcher"), data=data))  # fmt: skip


def _amend(patch: Mapping[str, Any], ports: Any, live: Live) -> object:
    return amend(ports, Amend(
        kind="repair_order", ticket=live.story.order or "", patch=patch, expected_version=None,
        actor=live.story.actor("dispatcher"), key=key("amend"),
    ))  # fmt: skip


def _note(ports: Any, live: Live) -> object:
    return add_note(ports, AddNote(
        kind="repair_order", ticket=live.story.order or "", text="住户下午在家",
        actor=live.story.actor("dispatcher"), key=key("note"),
    ))  # fmt: skip


def in_dispute(act: Callable[[Any, Live], object]) -> Callable[[Live], Act]:
    """Prepare a dispute that its mediators have accepted, then do something about it."""

    def prepare(live: Live) -> Act:
        road = road_of("dispute_case")
        road.open(live.story)
        road.walk(live.story, "accepted")
        return lambda app: act(app.ports, live)

    return prepare


def _words(live: Live, by: str = "mediator", **who: Any) -> AddNote:
    return AddNote(kind="dispute_case", ticket=live.story.order or "", text="先分别谈话",
                   actor=live.story.actor(by), key=key("note"), **who)  # fmt: skip


def _widened(live: Live) -> Act:
    road_of("dispute_case").open(live.story)
    made = add_note(live.app.ports, replace(_words(live, level="private"), key=None))
    command = WidenNote(
        kind="dispute_case", ticket=live.story.order or "", note=made.event["id"],
        actor=live.story.actor("mediator"), level="shared", party=2, key=key("widen"),
    )  # fmt: skip
    return lambda app: widen_note(app.ports, command)


def _to_party(ports: Any, live: Live) -> object:
    wanted = links.CreateLink(kind="dispute_case", ticket=live.story.order or "",
                              actor=live.story.actor("mediator"),
                              party=2, key=key("link"))  # fmt: skip
    return links.create_link(ports, wanted)


def _pay(ports: Any, live: Live) -> object:
    return receive(ports, Receive(
        actor=live.story.actor("district_officer"), vendor="v-lotus", compound="lotus",
        fen=50_000, document="receipt", required_fen=100_000, key=key("pay"),
        contract_until=date(2028, 12, 31),
    ))  # fmt: skip


def _paid_before(live: Live) -> Act:
    live.story.deposit("v-lotus", "lotus", 100_000, 10_000)
    return lambda app: _pay(app.ports, live)


def _reveal(ports: Any, live: Live) -> object:
    return reveal(ports, Reveal(
        kind="repair_order", ticket=live.story.order or "", purpose="call", request_id="r",
        actor=live.story.actor("dispatcher"),
    ))  # fmt: skip


def _link(ports: Any, live: Live) -> object:
    actor = live.story.actor("dispatcher")
    wanted = links.CreateLink(
        kind="repair_order", ticket=live.story.order or "", actor=actor, key=key("link")
    )
    return links.create_link(ports, wanted)


def _linked(live: Live) -> Act:
    story = live.story.until("accepted")
    actor = story.actor("dispatcher")
    wanted = links.CreateLink(kind="repair_order", ticket=story.order or "", actor=actor)
    made = links.create_link(live.app.ports, wanted)
    command = links.RevokeLink(
        kind="repair_order", ticket=story.order or "", link=made.ticket["id"], actor=actor,
        key=key("unlink"),
    )  # fmt: skip
    return lambda app: links.revoke_link(app.ports, command)


def _told(live: Live) -> Act:
    live.story.submit()
    live.story.advance(hours=1).sweep()
    rounds.relay_round(live.app)
    ((entry, owner),) = live.rows(
        "SELECT i.id, a.name FROM inbox i JOIN account a ON a.id = i.account_id "
        "ORDER BY a.name LIMIT 1"
    )
    assert isinstance(entry, UUID)
    actor = live.story.actor(str(owner))
    return lambda app: inbox.acknowledge(app.ports, entry, actor=actor)


def _new_key(ports: Any, live: Live) -> object:
    wanted = accounts.CreateKey(role="dispatcher", place="jinjiang", name="新来的",
                                actor=live.story.actor("admin"), key=key("key"))  # fmt: skip
    return accounts.create_key_once(ports, wanted)


def _given(live: Live) -> tuple[str, Mapping[str, Any]]:
    wanted = accounts.CreateKey(role="dispatcher", place="jinjiang", name="新来的")
    return accounts.create_key(live.app.ports, wanted)


def _revoke(live: Live) -> Act:
    ident = _given(live)[1]["id"]
    return lambda app: accounts.revoke_key(app.ports, ident)


def _look_up(live: Live) -> Act:
    presented = keys.parse(_given(live)[0])
    assert presented
    return lambda app: credentials.look_up(app.ports, presented)


def _picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 8), "grey").save(made, "JPEG")
    return made.getvalue()


def _upload(cut: int, ports: Any, live: Live, *, whole: bytes, digest: bytes) -> object:
    """Send a file in one piece or in two."""
    pieces = [(0, whole)] if not cut else [(0, whole[:cut]), (cut, whole[cut:])]
    return [
        attachments.put(ports, attachments.Put(
            actor=live.story.actor("crew"), id=FILE, media_type="image/jpeg", digest=digest,
            total=len(whole), start=start, content=piece,
        ))
        for start, piece in pieces
    ]  # fmt: skip


def _uploading(cut: int = 0, *, sound: bool = True) -> Callable[[Live], Act]:
    whole = _picture()
    digest = hashlib.sha256(whole if sound else b"other").digest()
    return plainly(partial(_upload, cut, whole=whole, digest=digest))


SHELVES: Mapping[str, tuple[Shelf, Mapping[str, Any], str]] = {
    "place": (PLACE, {"level": "compound", "name": "新苑", "parent": "lotus-c"}, "lotus"),
    "vendor": (VENDOR, {"name": "新物业", "place_id": "jinjiang"}, "v-lotus"),
    "crew": (CREW, {"name": "新班组", "vendor_id": "v-lotus", "place_id": "jinjiang"}, "c7"),
    "utility": (UTILITY, {"trade": "gas", "name": "燃气", "phone": "96777",
                          "place_id": "jinjiang"}, "u-water"),
}  # fmt: skip


def _register(noun: str, ports: Any, live: Live) -> object:
    shelf, values, _ = SHELVES[noun]
    actor = live.story.actor("admin")
    return register(ports, shelf, Register(actor=actor, values=values, key=key("new")))


def _revise(noun: str, ports: Any, live: Live) -> object:
    shelf, _, ident = SHELVES[noun]
    actor = live.story.actor("admin")
    return revise(ports, shelf, Revise(actor=actor, id=ident, version=None, key=key("change"),
                                       patch={"name": "改名"}))  # fmt: skip


def _hook(ports: Any, live: Live) -> object:
    wanted = webhooks.CreateEndpoint(actor=live.story.actor("admin"), url=HOOK, types=("sla.*",),
                                     key=key("hook"))  # fmt: skip
    return webhooks.create_endpoint(ports, wanted)


def on_hook(act: Callable[..., object], *more: Any) -> Callable[[Live], Act]:
    """Prepare a disabled endpoint, then do something about it, under a key."""

    def prepare(live: Live) -> Act:
        ident = endpoint(live, HOOK, "sla.*")
        live.do("UPDATE webhook_endpoint SET disabled_at = app_now(), disabled_why = 'gone'")
        command = webhooks.OnEndpoint(actor=live.story.actor("admin"), id=ident, key=key("on"))
        return lambda app: act(app.ports, command, *more)

    return prepare


def _delete(ports: Any, command: webhooks.OnEndpoint) -> None:
    """Delete; the second time the client hears that it is gone."""
    with suppress(NotFound):
        webhooks.delete_endpoint(ports, command)


def _replay(live: Live) -> Act:
    ident = endpoint(live, HOOK, "repair_order.opened")
    live.story.submit()
    rounds.relay_round(live.app)
    live.do("UPDATE delivery SET sent_at = app_now(), attempts = 1")
    sent = live.value("SELECT id FROM delivery")
    assert isinstance(sent, UUID)
    command = webhooks.OnEndpoint(actor=live.story.actor("admin"), id=ident, key=key("replay"))
    return lambda app: webhooks.replay_delivery(app.ports, command, sent)


def _advance(app: Application) -> object:
    return demo_clock.advance(app.ports, timedelta(hours=1))


CASES = (
    Case("open under a key", plainly(_open), every=True),
    Case("fire under a key", on_order(_fire), every=True),
    Case("amend", on_order(partial(_amend, {"title": "卫生间水管漏水"}))),
    Case("amend the reporter", on_order(partial(_amend, {"reporter": {"phone": "13900000002"}}))),
    Case("amend the place", on_order(partial(_amend, {"place": "h-2-102"}))),
    Case("add a note", on_order(_note)),
    Case("add a private note", in_dispute(lambda ports, live: add_note(
        ports, _words(live, level="private"))), wide=True),
    Case("add a shared note", in_dispute(lambda ports, live: add_note(
        ports, _words(live, level="shared", party=2)))),
    Case("widen a note", _widened),
    Case("make a party's link", in_dispute(_to_party)),
    Case("open a deposit", plainly(_pay), wide=True),
    Case("pay into a deposit", _paid_before),
    Case("reveal a contact", on_order(_reveal), retry=False),
    Case("note an export", plainly(
        lambda ports, live: note_export(ports, actor=live.story.actor("auditor"), request_id="r")
    ), retry=False),
    Case("make a link", on_order(_link)),
    Case("revoke a link", _linked),
    Case("acknowledge an entry", _told),
    Case("make a key", plainly(_new_key)),
    Case("revoke a key", _revoke),
    Case("use a key", _look_up),
    Case("upload whole", _uploading()),
    Case("upload in parts", _uploading(100)),
    Case("upload the wrong bytes", _uploading(sound=False)),
    *(Case(f"register a {noun}", plainly(partial(_register, noun))) for noun in SHELVES),
    *(Case(f"revise a {noun}", plainly(partial(_revise, noun))) for noun in SHELVES),
    Case("make a webhook", plainly(_hook)),
    Case("amend a webhook", on_hook(webhooks.amend_endpoint, {"description": "新"})),
    Case("rotate a webhook's secret", on_hook(webhooks.rotate_secret)),
    Case("enable a webhook", on_hook(webhooks.enable_endpoint)),
    Case("test a webhook", on_hook(webhooks.send_test)),
    Case("delete a webhook", on_hook(_delete)),
    Case("replay a delivery", _replay),
    Case("advance the demo's clock", lambda _live: _advance, retry=False),
)  # fmt: skip
