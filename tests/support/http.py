"""A client of the whole JSON front door, on the transaction that the test rolls back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from service.api.all import ROUTES
from service.core import keys
from service.core.actors import Actor
from service.core.ids import derived
from service.edge.application import mount
from service.edge.settings import EdgeSettings
from service.edge.visit import Edge
from tests.support.story import Story

BASE = "https://anju.example"
SETTINGS = EdgeSettings(
    base_url=BASE, secret="only-for-tests", environment="test", rate_limit=None, simulated=True
)


@dataclass
class Http:
    """Calls the API as somebody of the house."""

    story: Story
    client: FlaskClient
    app: Flask
    edge: Edge
    _keys: dict[str, str] = field(default_factory=dict)

    def key(self, who: str) -> str:
        """Return the bearer key of an actor by name."""
        if who not in self._keys:
            self._keys[who] = self.new_key(self.story.actor(who))
        return self._keys[who]

    def new_key(self, actor: Actor, **columns: Any) -> str:
        """Insert a fresh key for an actor; `columns` may set expires_at, revoked_at, scopes."""
        minted = keys.mint()
        row = {
            "id": derived("test-key", minted.prefix),
            "account": actor.id,
            "prefix": minted.prefix,
            "hash": minted.digest,
            "scopes": sorted(actor.scopes),
            "at": self.story.now,
            "expires_at": None,
            "revoked_at": None,
        } | columns
        self.story.conn.execute(
            text("INSERT INTO api_key (id, account_id, prefix, hash, scopes, created_at, "
                 "expires_at, revoked_at) VALUES (:id, :account, :prefix, :hash, :scopes, :at, "
                 ":expires_at, :revoked_at)"), row,
        )  # fmt: skip
        return minted.text

    def forget_credentials(self) -> None:
        """Let the few seconds pass for which credentials are kept."""
        self.edge.authenticator.forget()

    def call(self, method: str, path: str, who: str | None, **kwargs: Any) -> TestResponse:
        """Send one request; `who` None sends no credential."""
        headers = dict(kwargs.pop("headers", {}))
        if who is not None:
            headers.setdefault("Authorization", f"Bearer {self.key(who)}")
        return self.client.open(path, method=method, headers=headers, **kwargs)

    def get(self, path: str, who: str | None = "dispatcher", **kwargs: Any) -> TestResponse:
        """GET as somebody."""
        return self.call("GET", path, who, **kwargs)

    def post(
        self, path: str, body: Any = None, who: str | None = "dispatcher", **kwargs: Any
    ) -> TestResponse:
        """POST JSON as somebody."""
        return self.call("POST", path, who, json={} if body is None else body, **kwargs)

    def patch(
        self, path: str, body: Any, who: str = "dispatcher", *, version: int | str | None = None
    ) -> TestResponse:
        """PATCH as somebody, with If-Match when a version is given."""
        headers = {"Content-Type": "application/merge-patch+json"}
        if version is not None:
            headers["If-Match"] = "*" if version == "*" else f'"v{version}"'
        return self.call("PATCH", path, who, json=body, headers=headers)

    def open(self, who: str = "dispatcher", **members: Any) -> Mapping[str, Any]:
        """Open the usual order and return it."""
        answer = self.post("/v1/repair-orders", order(**members), who)
        assert answer.status_code == 201, answer.text
        found: Mapping[str, Any] = answer.get_json()
        return found

    def fire(
        self, ticket: Mapping[str, Any], event: str, who: str, data: Any = None, **members: Any
    ) -> TestResponse:
        """Fire an event, with plausible data unless some is given."""
        body = {"type": event, "data": self.story.data(event, who) if data is None else data}
        path = f"/v1/repair-orders/{ticket['id']}/events"
        return self.post(path, body | members, who)


def order(**members: Any) -> dict[str, Any]:
    """Return the body that opens the usual order."""
    return {
        "place": "h-2-101",
        "category": "water_leak",
        "title": "厨房水管漏水",
        "description": "水槽下滴水",
        "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
        "facts": {"origin": "customer"},
    } | members


def http_on(story: Story, settings: EdgeSettings = SETTINGS) -> Http:
    """Return a client of the application that works inside the story's transaction."""
    app = Flask("service", static_folder=None)
    edge = mount(app, ports=story.ports, settings=settings, routes=ROUTES)
    return Http(story, app.test_client(), app, edge)
