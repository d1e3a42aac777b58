"""Numbers in a text: how they are written, and which of several is the one that is spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent_judge.drive.lexicon import normalise

_GROUP = r"[.,'’\u00a0\u202f ]"
_NUMBER = re.compile(
    rf"""(?P<minus>(?<![\w)\]])[-−]\s?)?(?P<currency>[$€£¥₹]\s?)?
    (?P<digits>\d{{1,3}}(?:{_GROUP}\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?|(?<![\w.])\.\d+)
    (?P<power>[eE][-+]?\d+)?(?P<after>\s?[€£¥₹%])?""",
    re.VERBOSE,
)
_STOPS = re.compile(r"[,;.!?|•·()]")
_STOP_LENGTH = 10
"""A sign that ends a phrase parts a number from a name as much as so many letters."""
_ANNOUNCES = re.compile(r"\s*[:=]")


@dataclass(frozen=True)
class Amount:
    """One number in a text."""

    readings: tuple[float, ...]
    """What it may mean: ``1,234`` is a thousand or a fraction."""
    start: int
    end: int

    def is_about(self, number: float, tolerance: float) -> bool:
        """Whether it may mean this number."""
        return any(abs(reading - number) <= tolerance for reading in self.readings)


def amounts_in(text: str) -> list[Amount]:
    """All numbers in a text, whichever way it groups thousands and marks decimals."""
    found = []
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"['’\s]", "", match["digits"])
        sign, power = "-" if match["minus"] else "", match["power"] or ""
        readings = tuple(float(sign + reading + power) for reading in _readings(digits))
        found.append(Amount(readings, match.start(), match.end()))
    return found


def meant(text: str, names: Iterable[str], before: str) -> list[Amount]:
    """Those numbers of a text that an expectation speaks of.

    Of several it is the one beside the expectation's own words, else the result after
    an equals sign; where that leaves several, those that the step changed; and where
    it changed none, any of them.

    Args:
        text: What the expectation's element says now.
        names: What the expectation calls the element.
        before: What the element said before the step.
    """
    amounts = amounts_in(text)
    if len(amounts) > 1:
        amounts = _beside(text, amounts, names) or _result(text, amounts)
    if len(amounts) > 1:
        known = [amount.readings for amount in amounts_in(before)]
        amounts = [amount for amount in amounts if amount.readings not in known] or amounts
    return amounts


def _beside(text: str, amounts: list[Amount], names: Iterable[str]) -> list[Amount]:
    """The number next to a name, if that is in the text: what follows a label, or what counts a thing."""
    for name in names:
        words = r"\s+".join(map(re.escape, normalise(name).split()))
        found = re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) if words else None
        if found is None:
            continue
        following = next((one for one in amounts if one.start >= found.end()), None)
        leading = next((one for one in reversed(amounts) if one.end <= found.start()), None)
        if following is None or leading is None:
            return [one for one in (following, leading) if one]
        if _ANNOUNCES.match(text, found.end()):
            return [following]
        behind = _distance(text[found.end() : following.start])
        ahead = _distance(text[leading.end : found.start()])
        if behind == ahead:  # "3 left 2 done" puts its numbers first, "Tax 3 Total 2" last.
            return [leading] if not text[: amounts[0].start].strip() else [following]
        return [following] if behind < ahead else [leading]
    return []


def _distance(gap: str) -> int:
    return len(gap.strip()) + _STOP_LENGTH * len(_STOPS.findall(gap))


def _result(text: str, amounts: list[Amount]) -> list[Amount]:
    """The number after the last equals sign, where there is one, else all."""
    sign = text.rfind("=")
    results = [amount for amount in amounts if sign >= 0 and amount.start > sign]
    return results[:1] or amounts


def _readings(digits: str) -> list[str]:
    """``1,234`` may be a thousand or a fraction: both are read. Of two different marks the last is the decimal one."""
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands = "," if dot > comma else "."
        return [digits.replace(thousands, "").replace(",", ".")]
    if comma >= 0:
        return list(dict.fromkeys([digits.replace(",", ""), digits.replace(",", ".")]))[: 2 - (digits.count(",") > 1)]
    if digits.count(".") > 1:
        return [digits.replace(".", "")]
    return [digits]
