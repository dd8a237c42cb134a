"""What does the API offer? Its OpenAPI description as one page, rendered here: no script, nothing from elsewhere.

The usual pages (Swagger UI, ReDoc) load scripts from a content network and need inline ones; ours would break the
Content-Security-Policy and tell a third party who reads it.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = Environment(loader=PackageLoader("adapters.api"), autoescape=True, undefined=StrictUndefined).get_template("docs.html")


def add_to(server: FastAPI) -> None:
    """Serve the page at /api/docs and its style beside it."""

    @server.get("/api/docs", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(render(server.openapi()), headers=HEADERS)


def render(description: dict[str, Any]) -> str:
    """The page for an OpenAPI description."""
    calls = [
        {
            "method": method.upper(),
            "path": path,
            "what": call.get("description") or call.get("summary", ""),
            "body": _shape(call.get("requestBody"), description),
            "answer": _shape(call.get("responses", {}).get("200"), description),
            "parameters": [f"{p['name']} ({p['in']})" for p in call.get("parameters", [])],
        }
        for path, calls in sorted(description["paths"].items())
        for method, call in calls.items()
    ]
    return _PAGE.render(title=description["info"]["title"], version=description["info"]["version"], calls=calls)


def _shape(part: dict[str, Any] | None, description: dict[str, Any]) -> str:
    """The JSON Schema of a body, references resolved one level deep, as indented text."""
    schema = (part or {}).get("content", {}).get("application/json", {}).get("schema")
    if not schema:
        return ""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found = description.get("components", {}).get("schemas", {}).get(name, schema)
    return json.dumps(found, indent=2, ensure_ascii=False)
