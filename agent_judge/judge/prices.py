"""What tokens cost: a data file with a date. Of an unknown model only the tokens are told."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from agent_judge.errors import BadInput
from agent_judge.schema import Model

_EMBEDDED = Path(__file__).with_name("prices.toml")
_MILLION = 1_000_000


class Price(Model):
    """US dollars per million tokens."""

    input: float = Field(ge=0)
    cache_write: float = Field(ge=0)
    cached: float = Field(ge=0)
    output: float = Field(ge=0)


class LongPrompt(Price):
    """What a request costs whose prompt has more than so many tokens."""

    above: int = Field(gt=0)


class ModelPrice(Price):
    """What one model costs."""

    long_prompt: LongPrompt | None = None


class Prices(Model):
    """What all known models cost, and since when this is known."""

    date: date
    batch: float = Field(gt=0, le=1)
    """A batch costs this share of the usual price."""
    models: dict[str, ModelPrice]

    def of(self, model: str) -> ModelPrice | None:
        """The price of a model; a name with a date at its end costs what the name without it does."""
        if model in self.models:
            return self.models[model]
        name, _, tail = model.rpartition("-")
        return self.models.get(name) if tail.isdigit() and len(tail) == 8 else None


@dataclass(frozen=True)
class Usage:
    """Tokens of one request."""

    input: int = 0
    """Neither read from nor written to a cache."""
    cache_write: int = 0
    cached: int = 0
    output: int = 0

    @property
    def prompt(self) -> int:
        """All tokens of the prompt."""
        return self.input + self.cache_write + self.cached


@cache
def load_prices(file: Path | None = None) -> Prices:
    """Reads a price list; without a file, the embedded one.

    Raises:
        BadInput: The file is missing, not TOML, or has a wrong key or value.
    """
    path = file or _EMBEDDED
    try:
        return Prices.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path}: cannot read the prices: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def dollars(prices: Prices, model: str, usage: Usage, batch: bool = False) -> float | None:
    """What a request cost; ``None`` where the model's price is not known."""
    known = prices.of(model)
    if known is None:
        return None
    price: Price = known
    if known.long_prompt is not None and usage.prompt > known.long_prompt.above:
        price = known.long_prompt
    total = (
        usage.input * price.input
        + usage.cache_write * price.cache_write
        + usage.cached * price.cached
        + usage.output * price.output
    )
    return total / _MILLION * (prices.batch if batch else 1.0)
