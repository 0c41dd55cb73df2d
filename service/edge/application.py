"""Puts the declared routes into Flask. Nothing else registers a path."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from service.commands.ports import Ports
from service.edge import addresses, incoming, outgoing
from service.edge import visit as visits
from service.edge.authentication import Authenticator
from service.edge.guesses import Guesses
from service.edge.quota import Quota
from service.edge.routes import Route
from service.edge.service_clock import ServiceClock
from service.edge.settings import EdgeSettings
from service.edge.visit import Edge

_PLACE = re.compile(r"\{(\w+)\}")


def mount(app: Flask, *, ports: Ports, settings: EdgeSettings, routes: Iterable[Route]) -> Edge:
    """Register every route with its checks; return the edge."""
    limit = settings.rate_limit
    edge = Edge(
        ports=ports,
        settings=settings,
        authenticator=Authenticator(ports),
        quota=None if limit is None else Quota(limit, settings.redis_url),
        guesses=Guesses(settings.guess_limit, settings.redis_url),
        proxies=addresses.networks(settings.proxies),
        clock=ServiceClock(ports, simulated=settings.simulated),
        routes_at=_by_path(routes),
    )
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    for path, by_method in edge.routes_at.items():
        _register(app, edge, path, by_method)
    _guard(app, edge)
    return edge


def _by_path(routes: Iterable[Route]) -> Mapping[str, Mapping[str, Route]]:
    found: dict[str, dict[str, Route]] = {}
    for route in routes:
        at = found.setdefault(route.path, {})
        if route.method in at:
            raise ValueError(f"{route.method} {route.path} is declared twice")
        at[route.method] = route
    return found


def _register(app: Flask, edge: Edge, path: str, by_method: Mapping[str, Route]) -> None:
    app.add_url_rule(
        _PLACE.sub(r"<\1>", path),
        endpoint=path,
        view_func=_view(edge, by_method),
        methods=sorted(by_method),
        provide_automatic_options=False,
    )


def _view(edge: Edge, by_method: Mapping[str, Route]) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        visit = visits.current()
        answer = incoming.serve(edge, visit, request, _chosen(by_method, request), path)
        return outgoing.respond(answer, visit, request)

    return view


def _chosen(by_method: Mapping[str, Route], asked: Request) -> Route:
    return by_method.get(asked.method) or by_method["GET"]  # HEAD is answered by GET


def _guard(app: Flask, edge: Edge) -> None:
    """Let callers in before anything else, and turn whatever is raised into a problem."""

    @app.before_request
    def enter() -> None:
        visit = visits.begin(request)
        route = _route_of(app, edge, request)
        if route is not None or not incoming.needs_no_credential(request.path):
            incoming.enter(edge, visit, request, route)

    @app.errorhandler(Exception)
    def refuse(error: Exception) -> Response:
        return outgoing.refuse(outgoing.translated(error), edge, visits.current())

    @app.after_request
    def leave(response: Response) -> Response:
        return outgoing.finish(response, edge, visits.current(), request)


def _route_of(app: Flask, edge: Edge, asked: Request) -> Route | None:
    """Return the route asked for; for a wrong method any of that path; None if unknown."""
    if asked.url_rule is not None:
        by_method = edge.routes_at.get(asked.url_rule.endpoint)
        return _chosen(by_method, asked) if by_method else None
    methods: Any = getattr(asked.routing_exception, "valid_methods", None)
    adapter = app.create_url_adapter(asked) if methods else None
    if adapter is None:
        return None
    try:
        endpoint, _ = adapter.match(method=sorted(set(methods) - {"HEAD", "OPTIONS"})[0])
    except HTTPException:
        return None
    return next(iter(edge.routes_at.get(endpoint, {}).values()), None)
