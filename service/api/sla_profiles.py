"""`/v1/sla-profiles`: the numbers in force, each with its rule, and earlier versions."""

from collections.abc import Mapping
from typing import Any

from service.api import pages
from service.api.answers import PROFILE
from service.api.schemas import page_of
from service.core.errors import NotFound
from service.edge.conditions import etag
from service.edge.routes import ANY, Answer, Call, Policy, Route
from service.store.queries import sla_profiles

_READS = Policy(ANY, scope="tickets:read")


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a version. A template names what is `missing` and cannot be chosen."""
    names = ("id", "version", "kind", "effective_from", "missing", "digest")
    body = {name: value for name, value in row["body"].items() if name not in ("id", "kind")}
    return {**{name: row[name] for name in names}, "template": bool(row["missing"]), **body}


def list_profiles(call: Call) -> Answer:
    """Answer one page of profiles, each in the version in force."""
    after = pages.position(call) or ""
    with call.ports.uow() as tx:
        rows = sla_profiles.newest(tx, after=after, limit=call.query["limit"] + 1)
    return pages.answer(call, rows, show=show, at=lambda row: row["id"])


def get_profile(call: Call) -> Answer:
    """Answer the version in force."""
    with call.ports.uow() as tx:
        rows = sla_profiles.newest(tx, only=call.path["id"])
    if not rows:
        raise NotFound
    return Answer(200, show(rows[0]), {"ETag": etag(rows[0]["version"])})


def list_versions(call: Call) -> Answer:
    """Answer every version of a profile."""
    with call.ports.uow() as tx:
        rows = sla_profiles.versions(tx, call.path["id"])
    if not rows:
        raise NotFound
    return Answer(
        200, {"data": [show(row) for row in rows], "has_more": False, "next_cursor": None}
    )


ROUTES = (
    Route(method="GET", path="/v1/sla-profiles", policy=_READS, handler=list_profiles,
          tag="sla-profiles", summary="List SLA profiles in force", query=pages.WindowQuery,
          answers={200: page_of(PROFILE)}),
    Route(method="GET", path="/v1/sla-profiles/{id}", policy=_READS, handler=get_profile,
          tag="sla-profiles", summary="An SLA profile in force", answers={200: PROFILE}),
    Route(method="GET", path="/v1/sla-profiles/{id}/versions", policy=_READS,
          handler=list_versions, tag="sla-profiles", summary="Every version of a profile",
          answers={200: page_of(PROFILE)}),
)  # fmt: skip
