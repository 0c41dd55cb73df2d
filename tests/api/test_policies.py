"""Every route has a declared policy; nothing is registered beside the list (PROOF A01)."""

from http import HTTPStatus

import pytest

from service.api.all import ROUTES
from service.core.actors import SCOPES, Role
from service.edge.routes import PUBLIC, Policy, Route
from tests.support.http import Http

NAMES = [f"{route.method} {route.path}" for route in ROUTES]
PUBLIC_PATHS = ("/v1/track/", "/v1/openapi.json", "/v1/meta", "/docs", "/problems", "/healthz",
                "/readyz", "/metrics", "/")  # fmt: skip


def test_flask_knows_no_rule_that_is_not_declared(http: Http) -> None:
    declared = {(route.path, route.method) for route in ROUTES}

    for rule in http.app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        assert {(rule.endpoint, method) for method in methods} <= declared, rule
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_route_declares_who_may_call_it(route: Route) -> None:
    policy = route.policy

    assert isinstance(policy, Policy)
    assert policy.scope is None or policy.scope in SCOPES
    if isinstance(policy.roles, frozenset):
        assert policy.roles
        assert Role.SYSTEM not in policy.roles
    if policy.roles is PUBLIC:
        assert any(route.path == p or route.path.startswith(p) for p in PUBLIC_PATHS[:1]) or (
            route.path in PUBLIC_PATHS or route.path.startswith("/problems/")
        ), f"{route.path} may be called by anybody"


@pytest.mark.attack
@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_without_a_credential_nothing_but_the_public_answers(http: Http, route: Route) -> None:
    path = route.path.replace("{", "").replace("}", "")

    answer = http.call(route.method, path, None)

    if route.policy.roles is PUBLIC:
        assert answer.status_code != HTTPStatus.UNAUTHORIZED
    else:
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.get_json()["reason"] == "missing"


@pytest.mark.attack
@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_key_without_scopes_opens_nothing(http: Http, route: Route) -> None:
    if route.policy.roles is PUBLIC or route.policy.scope is None:
        pytest.skip("asks for no scope")
    roles = route.policy.roles
    who = sorted(roles)[0] if isinstance(roles, frozenset) else "dispatcher"
    auth = {"Authorization": f"Bearer {http.new_key(http.story.actor(str(who)), scopes=[])}"}
    path = route.path.replace("{", "").replace("}", "")

    answer = http.call(
        route.method, path, None, headers=auth | {"Content-Type": route.media[0]},
        data=b"{}" if route.takes_body else None,
    )  # fmt: skip

    assert 400 <= answer.status_code < 500, answer.text
    if answer.status_code == HTTPStatus.FORBIDDEN:
        assert answer.get_json()["needed"] == route.policy.scope


@pytest.mark.attack
@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_role_outside_the_policy_is_refused(http: Http, route: Route) -> None:
    roles = route.policy.roles
    if not isinstance(roles, frozenset):
        pytest.skip("open to every role")
    outsider = next(r for r in ("resident", "mediator", "auditor") if Role(r) not in roles)
    path = route.path.replace("{", "").replace("}", "")

    answer = http.call(
        route.method, path, outsider, headers={"Content-Type": route.media[0]},
        data=b"{}" if route.takes_body else None,
    )  # fmt: skip

    assert answer.status_code in (403, 404, 415, 422), answer.text
