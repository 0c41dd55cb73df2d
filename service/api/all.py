"""Every route of the JSON front door, in one explicit tuple."""

from service.api import (
    api_keys,
    attachments,
    changes,
    clocks,
    crews,
    events,
    inbox,
    links,
    parties,
    places,
    ticket_children,
    tickets,
    track,
    utilities,
    vendors,
    webhooks,
)
from service.edge.routes import Route

ROUTES: tuple[Route, ...] = (
    *api_keys.ROUTES,
    *attachments.ROUTES,
    *changes.ROUTES,
    *clocks.ROUTES,
    *crews.ROUTES,
    *events.ROUTES,
    *inbox.ROUTES,
    *links.ROUTES,
    *parties.ROUTES,
    *places.ROUTES,
    *ticket_children.ROUTES,
    *tickets.ROUTES,
    *track.ROUTES,
    *utilities.ROUTES,
    *vendors.ROUTES,
    *webhooks.ROUTES,
)
