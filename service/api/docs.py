"""`/docs` and `/problems/{slug}`: plain pages, no script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import Any

import orjson

from service.api.openapi import curl
from service.core import jsonschema
from service.core.errors import NotFound
from service.core.messages import text
from service.edge.problems import PROBLEMS, SLUGS
from service.edge.routes import PUBLIC, Answer, Call, Policy, Route

_OPEN = Policy(PUBLIC)
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f2;padding:.6rem;"
    "overflow:auto;white-space:pre-wrap}details{border-top:1px solid #ccc;padding:.4rem 0}"
    "summary{cursor:pointer}b{display:inline-block;min-width:4rem}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}pre{background:#262626}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "public, max-age=300",
}


def _page(lang: str, title: str, body: str) -> Answer:
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )
    headers = {**_HEADERS, "Content-Language": lang, "Vary": "Accept-Language"}
    return Answer(200, html.encode(), headers, media_type="text/html")


def problem(call: Call) -> Answer:
    """Explain one problem type in the reader's language."""
    slug = call.path["slug"]
    found = next((p for p in PROBLEMS.values() if p.slug == slug), None)
    if found is None:
        raise NotFound
    title = text(f"problem.{slug}.title", call.lang)
    detail = text(f"problem.{slug}.detail", call.lang)
    body = (
        f"<h1>{escape(title)}</h1><p>{escape(detail)}</p>"
        f"<p><code>{escape(slug)}</code> · HTTP {found.status}</p>"
        f'<p><a href="/problems">{len(SLUGS)} codes</a> · <a href="/docs">API</a></p>'
    )
    return _page(call.lang, title, body)


def problems(call: Call) -> Answer:
    """List every problem type."""
    rows = "".join(
        f'<li>{p.status} <a href="/problems/{slug}"><code>{slug}</code></a> '
        f"{escape(text(f'problem.{slug}.title', call.lang))}</li>"
        for slug, p in sorted({p.slug: p for p in PROBLEMS.values()}.items(), key=_by_status)
    )
    return _page(call.lang, "Problems", f"<h1>Problems</h1><ul>{rows}</ul>")


def _by_status(item: tuple[str, Any]) -> tuple[int, str]:
    return item[1].status, item[0]


def routes(others: Iterable[Route]) -> tuple[Route, ...]:
    """Return the pages; `/docs` shows `others`."""
    listed = sorted(others, key=lambda route: (route.tag, route.path, route.method))

    def docs(call: Call) -> Answer:
        parts = ['<h1>Anju API</h1><p><a href="/v1/openapi.json">OpenAPI 3.1</a> · ']
        parts.append('<a href="/problems">Problems</a></p>')
        for tag, rows in groupby(listed, key=lambda route: route.tag):
            parts.append(f"<h2>{escape(tag)}</h2>")
            parts += [_operation(route) for route in rows]
        return _page(call.lang, "Anju API", "".join(parts))

    shared: dict[str, Any] = {
        "method": "GET", "policy": _OPEN, "tag": "docs", "limited": False,
    }  # fmt: skip
    return (
        Route(path="/docs", handler=docs, summary="The API as a page", **shared),
        Route(path="/problems", handler=problems, summary="Every problem type", **shared),
        Route(path="/problems/{slug}", handler=problem, summary="One problem type", **shared),
    )


def _operation(route: Route) -> str:
    parts = [f"<p>{escape(route.summary)}</p><pre>{escape(curl(route))}</pre>"]
    for title, schema in (("query", route.query), ("body", route.body)):
        if schema is not None:
            shown = orjson.dumps(jsonschema.of(schema), option=orjson.OPT_INDENT_2).decode()
            parts.append(f"<details><summary>{title}</summary><pre>{escape(shown)}</pre></details>")
    head = f"<b>{route.method}</b> <code>{escape(route.path)}</code>"
    return f"<details><summary>{head} {escape(route.summary)}</summary>{''.join(parts)}</details>"
