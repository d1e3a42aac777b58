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


def together(costs: tuple[Cost, ...]) -> Cost:
    """The sum of costs; its dollars are unknown where any of them are, its time is that of all one after the other."""
    # Who asked no model paid nothing, though no price is told.
    prices = [0.0 if cost.usd is None and not _tokens(cost) else cost.usd for cost in costs]
    known = [price for price in prices if price is not None]
    return Cost(
        input_tokens=sum(cost.input_tokens for cost in costs),
        cached_tokens=sum(cost.cached_tokens for cost in costs),
        output_tokens=sum(cost.output_tokens for cost in costs),
        usd=sum(known) if len(known) == len(costs) else None,
        seconds=sum(cost.seconds for cost in costs),
    )


def _tokens(cost: Cost) -> int:
    return cost.input_tokens + cost.cached_tokens + cost.output_tokens
