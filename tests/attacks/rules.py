"""What a cell of the matrix must answer: from the declared policy and RULINGS 4, 5, 6 and 36.

Deliberately written without the service's own scope, decision and edge code: it reads the
declarations (route policies, workflow rows) and works the answer out by itself.
"""

from dataclasses import dataclass

from service.core.actors import SCOPES_OF, Role
from service.edge.routes import Route
from service.workflows import REGISTRY, by_kind
from tests.attacks.plan import Try
from tests.attacks.world import CREW, REPAIRS, SIDES, VENDOR, VISIBLE_SIDES

_SERVES_BELOW = VISIBLE_SIDES | {"below"}
_OWN_ONLY = {"crew": (Role.CREW, Role.VENDOR_MANAGER), "vendor": (Role.VENDOR_MANAGER,)}
_STEPS = {kind: workflow.steps for kind, workflow in by_kind(REGISTRY).items()}


@dataclass(frozen=True)
class Cell:
    """Who calls what. `state` is the ticket's, `there` tells whether the thing exists.

    `holders` are those who see the ticket for its own sake, `parties` tells whether it has
    some: a link is then for one of them.
    """

    route: str
    role: Role
    side: str
    state: str = "assigned"
    there: bool = True
    kind: str = REPAIRS
    holders: frozenset[str] = frozenset()
    parties: bool = False


def sees(cell: Cell, at: str | None) -> bool:
    """Tell whether the caller sees the thing (RULINGS 5; directory: what serves from above)."""
    if not cell.there or at == "note":
        return False
    if at in ("ticket", "file"):
        return _sees_ticket(cell)
    if at in ("crew", "vendor", "utility"):
        return cell.side in _SERVES_BELOW and cell.role not in _OWN_ONLY.get(str(at), ())
    if at == "entry":
        return False  # the entry is somebody else's
    return at in (None, "profile") or cell.side in VISIBLE_SIDES


def _sees_ticket(cell: Cell) -> bool:
    inside = cell.side in VISIBLE_SIDES
    own = {
        Role.MEDIATOR: "tier:1", Role.CREW: f"crew:{CREW}", Role.VENDOR_MANAGER: f"vendor:{VENDOR}",
    }.get(cell.role)  # fmt: skip
    if cell.role is Role.RESIDENT:
        return inside or f"place:{SIDES[cell.side]}" in cell.holders
    return inside and (own is None or own in cell.holders)


def expected(cell: Cell, route: Route, attempt: Try) -> tuple[int, str | None]:
    """Return status and problem code, in the order of RULINGS 6."""
    seen = sees(cell, attempt.at)
    if route.visible is not None and attempt.at is not None and not seen:
        return 404, "not-found"
    if _lacks(cell.role, route):
        return 403, "forbidden"
    if attempt.at is not None and not seen and attempt.granted != 415:  # a PUT makes its thing
        return 404, "not-found"
    if attempt.event is not None:
        refused = _refused(cell, attempt.event, "" if attempt.birth else cell.state)
        if refused is not None:
            return refused
    return _answered(cell, attempt)


def _answered(cell: Cell, attempt: Try) -> tuple[int, str | None]:
    """Return what somebody is told whom neither policy nor table refuses."""
    if attempt.birth and not _may_report(cell):
        return 422, "validation-failed"
    if cell.route.endswith("/contact") and cell.role is Role.CREW and cell.side == "unassigned":
        return 403, "forbidden"
    if cell.parties and cell.route.startswith("POST") and cell.route.endswith("/links"):
        return 422, "validation-failed"
    return attempt.granted, _CODES.get(attempt.granted)


_CODES = {404: "not-found", 415: "unsupported-media-type", 422: "validation-failed",
          428: "precondition-required"}  # fmt: skip


def _lacks(role: Role, route: Route) -> bool:
    roles, scope = route.policy.roles, route.policy.scope
    if isinstance(roles, frozenset) and role not in roles:
        return True
    return scope is not None and scope not in SCOPES_OF[role]


def acts_as(cell: Cell, *, reported: bool) -> frozenset[Role]:
    """Return in which roles somebody acts on an order that a crew holds (RULINGS 4)."""
    as_crew = cell.kind == REPAIRS and cell.role is Role.VENDOR_MANAGER and reported
    return frozenset({cell.role, Role.CREW} if as_crew else {cell.role})


def _refused(cell: Cell, event: str, state: str) -> tuple[int, str] | None:
    """Return how the workflow's table refuses an event to a role, or None."""
    mine = acts_as(cell, reported=state != "")
    rows = [step for step in _STEPS[cell.kind] if step.event == event]
    if not any(step.roles & mine for step in rows):
        return 403, "forbidden-event"
    if event == "amend":
        return None  # who may amend at all is asked for the version first
    leaving = [step for step in rows if state in step.source]
    if not leaving:
        return 409, "illegal-transition"
    if not any(step.roles & mine for step in leaving):
        return 403, "forbidden-event"
    return None


def fires(cell: Cell, event: str) -> tuple[int, str] | None:
    """Return how an event on a visible ticket is refused; None when only its data decide."""
    if "events:write" not in SCOPES_OF[cell.role]:
        return 403, "forbidden"
    return _refused(cell, event, cell.state)


def _may_report(cell: Cell) -> bool:
    """Tell whether somebody may open an order there: a resident also of the parts above."""
    below = cell.side == "below" and cell.role is Role.RESIDENT
    return cell.side in VISIBLE_SIDES or below
