"""A model says which element a step means, where rules leave it open."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from agent_judge.drive.agent import Call, Mind, Told, as_material
from agent_judge.errors import DriverError
from agent_judge.protocols import Ambiguity, Settled
from agent_judge.schema import digest_of

_PROMPT = (files(__package__) / "choose.md").read_text(encoding="utf-8")
_TOOLS: list[dict[str, Any]] = json.loads((files(__package__) / "choose_tools.json").read_text(encoding="utf-8"))
_TREE = 12_000
"""The most characters of the page's tree that are shown."""
_TRIES = 2


class ModelChooser:
    """Asks a model, once for each step that is left open."""

    def __init__(self, mind: Mind) -> None:
        self._mind = mind

    def fingerprint(self) -> str:
        """Names all that determines what it chooses: model, prompt and tool."""
        return digest_of([self._mind.fingerprint(), _PROMPT, _TOOLS])

    async def choose(self, ambiguity: Ambiguity) -> Settled:
        """Decides which option is meant.

        Raises:
            DriverError: The model does not answer, or with no number that it was offered.
        """
        conversation = self._mind.converse(_PROMPT.split("\n---\n", 1)[1].strip(), _TOOLS)
        parts = [Told(_question(ambiguity))]
        for _ in range(_TRIES):
            calls = await conversation.tell(parts)
            for call in calls:
                if _is_answer(call, len(ambiguity.options)):
                    return Settled(call.given["element"], conversation.cost)
            known = f"Answer with choose: an element from 0 to {len(ambiguity.options) - 1}, or null."
            parts = [Told(known, call.id, wrong=True) for call in calls] or [Told(known)]
        raise DriverError("the model that chooses named no element that it was offered")


def _is_answer(call: Call, options: int) -> bool:
    element = call.given.get("element", -1)
    number = isinstance(element, int) and not isinstance(element, bool) and 0 <= element < options
    return call.name == "choose" and (element is None or number)


def _question(ambiguity: Ambiguity) -> str:
    step = [f"{ambiguity.action} {ambiguity.target}"]
    step += [f"what for: {ambiguity.intent}"] if ambiguity.intent else []
    left = len(ambiguity.snapshot) - _TREE
    page = as_material(ambiguity.snapshot[:_TREE]) + (f"\n({left} more characters are not shown)" if left > 0 else "")
    options = [f"{number}. {words}" for number, words in enumerate(ambiguity.options)]
    return "\n\n".join(
        [
            f"The step:\n{as_material(chr(10).join(step))}",
            f"The page:\n{page}",
            f"The elements that may be meant:\n{as_material(chr(10).join(options))}",
        ]
    )
