"""What asking models cost."""

from __future__ import annotations

from agent_judge.schema.base import Model


class Cost(Model):
    """What asking models cost."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    """``None`` where the price is not known."""
    seconds: float = 0.0
