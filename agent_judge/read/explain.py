"""Validation errors in plain words: what is wrong, what is known, and what was probably meant."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from agent_judge.schema import Expectation, Target
from agent_judge.schema.keys import key_names, proper_name


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where in the data."""

    loc: tuple[str | int, ...]
    message: str


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Explains a validation error, first things first, without what only follows from something else."""
    details = error.errors(include_url=False)
    places = [tuple(detail["loc"]) for detail in details]
    told = [
        Problem(place, _message(detail, model))
        for detail, place in zip(details, places, strict=True)
        if not (detail["type"] == "too_short" and any(_is_within(other, place) for other in places))
    ]
    return list(dict.fromkeys(told))


def and_more(number: int) -> str:
    """What follows the first of several problems."""
    return f" (and {number - 1} more)" if number > 1 else ""


def nearest(word: str, known: Sequence[str]) -> str:
    """A known word that a mistyped one probably means, or nothing."""
    found = process.extractOne(word, known, score_cutoff=60)
    return found[0] if found else ""


def path_of(loc: Sequence[str | int]) -> str:
    """A place in words that a user knows: ``steps[2].target``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _is_within(place: tuple[Any, ...], outer: tuple[Any, ...]) -> bool:
    return len(place) > len(outer) and place[: len(outer)] == outer


def _message(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, loc = detail["type"], detail["loc"]
    if kind == "extra_forbidden":
        return _unknown("key", str(loc[-1]), _keys_at(model, loc[:-1]))
    if kind == "literal_error":
        known = _choices_at(model, loc)
        what = "action" if loc[-1] == "do" else f"value of {loc[-1]}"
        return _unknown(what, str(detail["input"]), known) if known else detail["msg"]
    if kind == "unknown_key":
        return _unknown_key(detail["ctx"]["key"])
    if kind == "missing":
        return f'"{loc[-1]}" is missing' if loc else "nothing is given"
    if kind == "value_error":
        return f"{path_of(loc)}: {detail['msg'].removeprefix('Value error, ')}".removeprefix(": ")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{path_of(loc) or 'the file'} must hold keys and values, not {_said(detail['input'])}"
    if kind == "tuple_type":
        return f"{path_of(loc)} must be a list, not {_said(detail['input'])}"
    if kind == "too_short":
        return f"{path_of(loc)} is empty"
    if kind == "string_type":
        return f"{path_of(loc)} must be text, not {_said(detail['input'])}"
    return f"{path_of(loc)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}, not {_said(detail['input'])}"


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    meant = nearest(word, known)
    suggestion = f', did you mean "{meant}"?' if meant else ";"
    return f'unknown {what} "{word}"{suggestion} known: {", ".join(known)}'


def _unknown_key(key: str) -> str:
    if not key:
        return 'a key is missing after "+"'
    if len(key) == 1:
        return f'unknown key "{key}": a character that is no key of a US keyboard is written with "type"'
    known = proper_name(key)
    meant = known if known != key else nearest(key, key_names())
    suggestion = f', did you mean "{meant}"?' if meant else ";"
    return f'unknown key "{key}"{suggestion} keys are named as by Playwright: Enter, ArrowLeft, a, Control+Shift+K, ...'


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return f'"{text[:60]}"' if isinstance(value, str) else text[:60]


def _keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    found = _annotation_at(model, loc)
    inner = _models_in(found)
    keys = [name for each in inner for name in each.model_fields]
    if Expectation in inner:
        keys += list(Target.model_fields)
    return list(dict.fromkeys(keys))


def _choices_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    found = _annotation_at(model, loc)
    return [str(choice) for choice in get_args(found)] if get_origin(found) is Literal else []


def _annotation_at(model: type[BaseModel], loc: Sequence[str | int]) -> Any:
    current: Any = model
    for part in loc:
        if isinstance(part, int):
            continue
        for inner in _models_in(current):
            field = inner.model_fields.get(part)
            if field is not None:
                current = field.annotation
                break
    return current


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is typing.Annotated:
        return _models_in(get_args(annotation)[0])
    return [found for argument in get_args(annotation) for found in _models_in(argument)]
