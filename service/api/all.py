"""Every route of the JSON front door, in one explicit tuple."""

from service.api import (
    api_keys,
    attachments,
    changes,
    clocks,
    crews,
    docs,
    events,
    inbox,
    links,
    openapi,
    parties,
    places,
    ticket_children,
    ticket_lists,
    tickets,
    track,
    utilities,
    vendors,
    webhooks,
)
from service.edge.routes import Route

_RESOURCES: tuple[Route, ...] = (
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
    *ticket_lists.ROUTES,
    *tickets.ROUTES,
    *track.ROUTES,
    *utilities.ROUTES,
    *vendors.ROUTES,
    *webhooks.ROUTES,
)

ROUTES: tuple[Route, ...] = (
    *_RESOURCES,
    *openapi.routes(_RESOURCES),
    *docs.routes(_RESOURCES),
)
