"""Every route has a declared policy; nothing is registered beside the list (PROOF A01)."""

import pytest
from werkzeug.test import TestResponse

from service.api.all import ROUTES
from service.core.actors import SCOPES, Role
from service.edge.routes import PUBLIC, Policy, Route
from tests.support.http import Http

PUBLIC_PATHS = ("/v1/track/{token}", "/v1/track/{token}/events",
                "/v1/track/{token}/attachments/{id}", "/v1/openapi.json", "/v1/meta",
                "/docs", "/problems", "/problems/{slug}", "/healthz", "/readyz", "/metrics",
                "/")  # fmt: skip


def send(http: Http, route: Route, who: str | None, **headers: str) -> TestResponse:
    """Call a route with an empty body on things that are not there."""
    headers = {"Content-Type": route.media[0]} | headers
    path = route.path.replace("{", "").replace("}", "")
    body = b"{}" if route.takes_body else None
    return http.call(route.method, path, who, headers=headers, data=body)


def test_flask_knows_no_rule_that_is_not_declared(http: Http) -> None:
    declared = {(route.path, route.method) for route in ROUTES}

    for rule in http.app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        assert {(rule.endpoint, method) for method in methods} <= declared, rule


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_declares_who_may_call_it(route: Route) -> None:
    policy = route.policy

    assert isinstance(policy, Policy)
    assert policy.scope is None or policy.scope in SCOPES
    if isinstance(policy.roles, frozenset):
        assert policy.roles
        assert Role.SYSTEM not in policy.roles
    if policy.roles is PUBLIC:
        assert route.path in PUBLIC_PATHS, f"{route.path} may be called by anybody"


@pytest.mark.attack
def test_without_a_credential_nothing_but_the_public_answers(http: Http) -> None:
    for route in ROUTES:
        answer = send(http, route, None)

        where = f"{route.method} {route.path}"
        if route.policy.roles is PUBLIC:
            assert answer.status_code != 401, where
        else:
            assert answer.status_code == 401, where
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), where


@pytest.mark.attack
def test_a_key_without_scopes_opens_nothing_that_asks_for_one(http: Http) -> None:
    for route in (r for r in ROUTES if r.policy.scope is not None):
        roles = route.policy.roles
        who = sorted(roles)[0] if isinstance(roles, frozenset) else "dispatcher"
        key = http.new_key(http.story.actor(str(who)), scopes=[])

        answer = send(http, route, None, Authorization=f"Bearer {key}")

        where = f"{route.method} {route.path}: {answer.text}"
        assert answer.status_code in (403, 404, 415, 422), where
        if answer.status_code == 403 and route.method != "HEAD":
            assert answer.get_json()["needed"] == route.policy.scope, where


@pytest.mark.attack
def test_a_role_outside_the_policy_is_refused(http: Http) -> None:
    for route in ROUTES:
        roles = route.policy.roles
        if not isinstance(roles, frozenset):
            continue
        outside = [r.value for r in Role if r not in roles and r is not Role.SYSTEM]
        for who in outside[:2]:
            answer = send(http, route, who)
            where = f"{who}: {route.method} {route.path}: {answer.text}"
            assert answer.status_code in (403, 404, 415, 422), where
