"""`/docs`: the OpenAPI document in Swagger UI, which the service brings along. The page loads nothing from outside."""

from __future__ import annotations

import base64
import hashlib

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#viewer", docExpansion: "none", deepLinking: true})'
_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scrutiny Ledger</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="viewer"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>{_START}</script>
</body>
</html>
"""
_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'self' 'sha256-{base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()}'",
        "style-src 'self'",
        "img-src 'self' data:",  # the viewer's icons are in its style sheet
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


def viewer_routes() -> list[BaseRoute]:
    """The page and what it loads."""

    async def page(request: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY, "cache-control": "no-cache"})

    return [Route("/docs", page), Mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]))]
