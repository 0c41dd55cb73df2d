"""Links of a ticket, for those who may hand them out (RULINGS 16)."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.api import pages
from service.api.schemas import LINK, page_of
from service.api.ticket_paths import require_seen, seen
from service.commands.links import CreateLink, RevokeLink, create_link, revoke_link
from service.commands.ports import Outcome
from service.core.errors import NotFound
from service.core.shapes import Shape, Whole
from service.core.workflow import Workflow
from service.edge.routes import Answer, Call, Policy, Route, replay
from service.store import link
from service.store.rows import as_uuid
from service.workflows import REGISTRY

_FIRST = "00000000-0000-0000-0000-000000000000"


class LinkBody(Shape):
    """For whom the link is; where a ticket has parties, for one of them."""

    party = Whole(least=1)


def make(call: Call) -> Answer:
    """Make a link; its token is in this answer and nowhere else."""
    asked = CreateLink(
        kind=str(call.route.kind),
        ticket=call.path["id"],
        actor=call.actor,
        party=call.body().get("party"),
        key=call.key(lambda found: _made(call, found, token=None)),
    )
    outcome = create_link(call.ports, asked)
    if outcome.answer:
        return replay(outcome.answer)
    return _made(call, outcome, token=outcome.ticket["token"])


def _made(call: Call, outcome: Outcome, *, token: str | None) -> Answer:
    row = outcome.ticket
    shown: dict[str, Any] = {
        name: row[name] for name in ("id", "party", "created_at", "revoked_at")
    }
    if token is not None:
        shown |= {"token": token, "url": f"{call.settings.base_url}/v1/track/{token}"}
    return Answer(201, shown, {"Cache-Control": "no-store"})


def listed(call: Call) -> Answer:
    """List a ticket's links without their tokens."""
    with call.ports.uow() as tx:
        ident = seen(tx, call)["id"]
        after = pages.position(call) or _FIRST
        rows = link.of(tx, ident, after=after, limit=call.query["limit"] + 1)
    return pages.answer(call, rows, show=_link, at=lambda row: row["id"])


def _link(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "id": row["id"],
        "party": row["party"],
        "created_at": row["created_at"],
        "revoked_at": row["revoked_at"],
        "created_by": {"role": row["actor_role"], "name": row["actor_name"]},
    }


def revoke(call: Call) -> Answer:
    """End a link."""
    ident = as_uuid(call.path["link"])
    if ident is None:
        raise NotFound
    asked = RevokeLink(
        kind=str(call.route.kind),
        ticket=call.path["id"],
        link=ident,
        actor=call.actor,
        key=call.key(lambda _: Answer(204)),
    )
    outcome = revoke_link(call.ports, asked)
    return replay(outcome.answer) if outcome.answer else Answer(204)


def _routes(workflow: Workflow) -> Iterable[Route]:
    path = f"/v1/{workflow.collection}/{{id}}/links"
    listed_facts = workflow.lists.values()
    shared: dict[str, Any] = {
        "tag": workflow.collection, "kind": workflow.kind, "visible": require_seen,
        "policy": Policy(workflow.link_makers, scope="tickets:write"),
    }  # fmt: skip
    yield Route(
        method="POST", path=path, handler=make, summary="Make a link", body=LinkBody,
        answers={201: LINK}, example={"party": 1} if workflow.linked in listed_facts else {},
        **shared,
    )  # fmt: skip
    yield Route(
        method="GET", path=path, handler=listed, summary="List links",
        query=pages.PageQuery, answers={200: page_of(LINK)}, **shared,
    )  # fmt: skip
    yield Route(
        method="DELETE", path=f"{path}/{{link}}", handler=revoke, summary="Revoke a link",
        answers={204: None}, **shared,
    )  # fmt: skip


ROUTES: tuple[Route, ...] = tuple(r for workflow in REGISTRY for r in _routes(workflow))
