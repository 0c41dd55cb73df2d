"""A vendor as who holds a ticket: because it works on it, or because it is about the vendor."""

from service.core.actors import Role
from service.core.refs import VendorRef
from service.core.workflow import Assignee, Situation
from service.workflows.table import ticket_of


def held_by(vendor: VendorRef) -> Assignee:
    """Return a vendor as who holds a ticket; events of an outside body the desk records."""
    outside = vendor.body is not None
    return Assignee("vendor", vendor.id, vendor.name, None, vendor.id, outside_body=outside)


def unknown_vendor(s: Situation) -> str | None:
    """Require that a vendor which the data names exists; none may be named."""
    source = s.facts if s.ticket is None else s.data
    named = source.get("vendor") is not None
    return "unknown_vendor" if named and s.refs.get("vendor") is None else None


def not_assigned(s: Situation) -> str | None:
    """Let a vendor act on what it holds; other roles have their own right."""
    assignee = ticket_of(s).assignee
    if s.actor.role is not Role.VENDOR_MANAGER:
        return None
    mine = assignee is not None and assignee.vendor_id == s.actor.vendor_id
    return None if mine else "not_assigned"
