"""What every word is made of: immutable, strict models, named by their content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

SCHEMA_VERSION = 1


class Model(BaseModel):
    """Base of all words: immutable, strict about unknown keys, bytes as base64."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class Gathered(Model):
    """Base of what programs were seen to do: their text is made well-formed, so that it can be written as UTF-8.

    JavaScript's strings may hold half of a character outside the basic plane (``"😀"[0]``), which no file can.
    """

    @model_validator(mode="before")
    @classmethod
    def _make_well_formed(cls, values: Any) -> Any:
        return _well_formed(values)


def _well_formed(value: Any) -> Any:
    match value:
        case str():
            return (
                value if _can_be_written(value) else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            )
        case dict():
            return {_well_formed(key): _well_formed(one) for key, one in value.items()}
        case list() | tuple():
            return type(value)(map(_well_formed, value))
        case _:
            return value


def _can_be_written(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def digest_of(value: Any) -> str:
    """Names a JSON-serialisable value by its content: 32 hexadecimal digits of SHA-256."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
