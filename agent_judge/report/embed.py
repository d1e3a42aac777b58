"""Data inside a page, so that no text of a program under judgement can become markup or script."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

_ESCAPES = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def script_json(value: Any) -> str:
    """JSON that may stand between ``<script>`` tags: it holds no ``<``, ``>``, ``&`` or line separator."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def script_hash(script: str) -> str:
    """Names a script in a Content-Security-Policy, so that no other one runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
