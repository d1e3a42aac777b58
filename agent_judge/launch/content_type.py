"""What a static server says that a file is."""

from __future__ import annotations

import mimetypes

_TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".cjs": "text/javascript", ".css": "text/css",
    ".html": "text/html", ".htm": "text/html", ".svg": "image/svg+xml", ".json": "application/json",
    ".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".map": "application/json",
    ".md": "text/plain", ".csv": "text/csv", ".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf",
}  # fmt: skip


def content_type(path: str) -> str:
    """The type that a static server would send for a file."""
    suffix = "." + path.rpartition(".")[2].lower()
    kind = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or "javascript" in kind else kind
