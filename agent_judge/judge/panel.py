"""A panel of judges as a LangGraph graph: they vote, hear each other, vote again, and are counted.

The graph's state holds verdicts as JSON, so that a checkpointer can keep it: a
panel that was interrupted goes on with the members that have not answered yet.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from agent_judge.errors import JudgeError
from agent_judge.judge.asker import Estimate
from agent_judge.judge.citations import share_supported
from agent_judge.judge.counting import count, weight_of
from agent_judge.judge.model_judge import ModelJudge, Side
from agent_judge.judge.panel_file import PanelFile
from agent_judge.judge.prompt import Prompt, load_prompt
from agent_judge.judge.question import Block, Text, quoted
from agent_judge.protocols import Judge
from agent_judge.schema import Claim, Criterion, Evidence, Task, Verdict, Vote, Winner, digest_of
from agent_judge.schema.cost import together

VERSION = 1


class _Said(TypedDict):
    """What one member said in one round."""

    member: int
    round: int
    verdict: str
    """Its verdict, as JSON."""


class _State(TypedDict):
    said: Annotated[list[_Said], operator.add]
    round: int


class _Turn(TypedDict):
    """One member's turn, and what it has heard."""

    member: int
    round: int
    heard: list[_Said]


class PanelJudge:
    """Several judges that decide together."""

    def __init__(
        self,
        name: str,
        file: PanelFile,
        members: tuple[Judge, ...],
        reliability: Mapping[str, float],
        checkpointer: BaseCheckpointSaver[str] | None = None,
    ) -> None:
        """Seats the members.

        Args:
            name: What verdicts call it.
            file: How they talk and are counted.
            members: The judges, in the order of the file.
            reliability: How far each is trusted, for ``aggregate: reliability``.
            checkpointer: Keeps what was said, so that an interrupted panel goes on.
        """
        self.name = name
        self._file = file
        self._members = members
        self._reliability = reliability
        self._checkpointer = checkpointer

    def fingerprint(self) -> str:
        """Names all that determines its verdicts."""
        prompts = [[p.label, p.text] for p in (_CRITIQUE, _CHECK)]
        members = [member.fingerprint() for member in self._members]
        return digest_of([VERSION, self._file.model_dump(mode="json"), members, dict(self._reliability), prompts])

    async def judge(self, task: Task, a: Evidence, b: Evidence) -> Verdict:
        """Lets the members decide.

        Raises:
            JudgeError: A member gave no verdict.
        """
        graph = self._graph(task, a, b)
        # A thread per question, whatever graph this is called from.
        thread = digest_of([self.fingerprint(), task.model_dump(), a.key, b.key])
        config: RunnableConfig = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
        begun = self._checkpointer is not None and (await graph.aget_state(config)).values
        state = await graph.ainvoke(None if begun else {"said": [], "round": 0}, config)
        return self._verdict(state["said"])

    def estimate(self, task: Task, a: Evidence, b: Evidence) -> Estimate:
        """What deciding would send and cost at least: what the members will tell each other is not known yet."""
        rounds = 1 + self._file.rounds if self._file.protocol == "critique" else 1
        total = Estimate(0, 0, 0, 0.0, 0.0)
        for member in self._members:
            if isinstance(member, (ModelJudge, PanelJudge)):
                for _ in range(rounds if isinstance(member, ModelJudge) else 1):
                    total += member.estimate(task, a, b)
        return total

    def _graph(self, task: Task, a: Evidence, b: Evidence) -> Any:
        async def ask(state: _Turn) -> dict[str, list[_Said]]:
            verdict = await self._ask(state, task, a, b)
            said: _Said = {"member": state["member"], "round": state["round"], "verdict": verdict.model_dump_json()}
            return {"said": [said]}

        def gather(state: _State) -> dict[str, int]:
            return {"round": state["round"] + 1}

        def next_turns(state: _State) -> list[Send] | str:
            turns = self._turns(state["said"], state["round"])
            return [Send("ask", turn) for turn in turns] if turns else END

        graph: StateGraph[_State, None, _State, _State] = StateGraph(_State)
        graph.add_node("ask", ask, input_schema=_Turn)
        graph.add_node("gather", gather)
        graph.add_conditional_edges(START, next_turns, ["ask", END])
        graph.add_edge("ask", "gather")
        graph.add_conditional_edges("gather", next_turns, ["ask", END])
        return graph.compile(checkpointer=self._checkpointer or False)

    def _turns(self, said: list[_Said], number: int) -> list[_Turn]:
        """Who speaks next, having heard what."""
        everybody = range(len(self._members))
        if self._file.protocol == "check":
            return [] if number >= len(self._members) else [{"member": number, "round": number, "heard": said[-1:]}]
        if number == 0:
            return [{"member": member, "round": 0, "heard": []} for member in everybody]
        if self._file.protocol == "vote" or number > self._file.rounds:
            return []
        last = sorted((s for s in said if s["round"] == number - 1), key=lambda s: s["member"])
        return [
            {"member": member, "round": number, "heard": [s for s in last if s["member"] != member]}
            for member in everybody
        ]

    async def _ask(self, turn: _Turn, task: Task, a: Evidence, b: Evidence) -> Verdict:
        member = self._members[turn["member"]]
        name = self._file.names[turn["member"]]
        try:
            if not turn["heard"] or not isinstance(member, ModelJudge):
                return await member.judge(task, a, b)
            heard = {self._file.names[s["member"]]: Verdict.model_validate_json(s["verdict"]) for s in turn["heard"]}
            orders: tuple[Side, Side] = ("A", "B")
            before = {first: _opinions(heard, first) for first in orders}
            prompt = _CHECK if self._file.protocol == "check" else _CRITIQUE
            return await member.decide(task, a, b, before, prompt)
        except JudgeError as error:
            raise JudgeError(f"{name} gave no verdict: {error}") from error

    def _verdict(self, said: list[_Said]) -> Verdict:
        verdicts = {(s["round"], s["member"]): Verdict.model_validate_json(s["verdict"]) for s in said}
        votes = {place: self._vote(*place, verdict) for place, verdict in sorted(verdicts.items())}
        last = {member: number for number, member in sorted(verdicts)}
        final = [votes[number, member] for member, number in sorted(last.items())]
        if self._file.protocol == "check":
            final = final[-1:]
        winner, share = count(final, [vote.weight for vote in final])
        used = [verdicts[number, member] for member, number in sorted(last.items())]
        claims = tuple(dict.fromkeys(claim for verdict in used for claim in verdict.claims))
        agreeing = [vote for vote in final if vote.winner == winner]
        return Verdict(
            winner=winner,
            strength=_strength(winner, used),
            confidence=share * (sum(v.confidence for v in agreeing) / len(agreeing) if agreeing else 0.5),
            rationale=_rationale(winner, final),
            criteria=_criteria(used),
            judge=self.name,
            cost=together(tuple(verdict.cost for verdict in verdicts.values())),
            votes=tuple(votes.values()),
            claims=claims,
            supported=share_supported(claims),
            position_bias=_any_bias(used),
            prompt=", ".join(dict.fromkeys(label for v in used for label in v.prompt.split(", ") if label)),
            records=tuple(dict.fromkeys(record for v in verdicts.values() for record in v.records)),
        )

    def _vote(self, number: int, member: int, verdict: Verdict) -> Vote:
        name = self._file.names[member]
        weight = {
            "majority": 1.0,
            "weights": self._file.members[member].weight,
            "reliability": weight_of(self._reliability.get(name, 0.5)),
        }[self._file.aggregate]
        return Vote(
            voter=name,
            winner=verdict.winner,
            confidence=verdict.confidence,
            rationale=verdict.rationale,
            round=number + 1,
            weight=weight,
            claims=verdict.claims,
            cost=verdict.cost,
        )


def _opinions(heard: Mapping[str, Verdict], first: Side) -> tuple[Block, ...]:
    """What others said, worded for a reader who sees this side first. Who they are does not matter, and is not told."""
    places = {"A": "first" if first == "A" else "second", "B": "second" if first == "A" else "first"}
    parts = ["# What others said"]
    for number, verdict in enumerate(heard.values(), 1):
        vote = f"{places[verdict.winner]} program" if verdict.winner in places else verdict.winner
        parts.append(f"Reviewer {number} votes: {vote} (confidence {verdict.confidence:.2f})")
        lines = [f"reason: {verdict.rationale}", *(_told(claim, places) for claim in verdict.claims if claim.supported)]
        parts.append(quoted("\n".join(lines)))
    return (Text("\n\n".join(parts)),)


def _told(claim: Claim, places: Mapping[str, str]) -> str:
    cited = f" ({', '.join(claim.steps)})" if claim.steps else ""
    return f"{places[claim.side]} program, {claim.criterion}, {claim.severity}: {claim.message}{cited}"


def _rationale(winner: Winner, final: list[Vote]) -> str:
    agreeing = [vote for vote in final if vote.winner == winner]
    head = f"{len(agreeing)} of {len(final)} members decided so."
    best = max(agreeing, key=lambda vote: (vote.weight, vote.confidence, vote.voter), default=None)
    return f"{head} {best.voter}: {best.rationale}" if best else f"{head} The votes cancel each other out."


def _strength(winner: Winner, verdicts: list[Verdict]) -> float:
    agreeing = [verdict.strength for verdict in verdicts if verdict.winner == winner]
    return sum(agreeing) / len(verdicts) if winner in ("A", "B") else 0.0


def _criteria(verdicts: list[Verdict]) -> tuple[Criterion, ...]:
    """Every criterion once, its scores the mean of the members' that have it."""
    found: dict[str, list[Criterion]] = {}
    for verdict in verdicts:
        for criterion in verdict.criteria:
            found.setdefault(criterion.criterion, []).append(criterion)
    return tuple(
        Criterion(
            criterion=name,
            a=sum(c.a for c in same) / len(same),
            b=sum(c.b for c in same) / len(same),
            weight=sum(c.weight for c in same) / len(same),
            message="; ".join(dict.fromkeys(c.message for c in same if c.message)),
            steps_a=tuple(dict.fromkeys(step for c in same for step in c.steps_a)),
            steps_b=tuple(dict.fromkeys(step for c in same for step in c.steps_b)),
        )
        for name, same in found.items()
    )


def _any_bias(verdicts: list[Verdict]) -> bool | None:
    known = [verdict.position_bias for verdict in verdicts if verdict.position_bias is not None]
    return any(known) if known else None


_CRITIQUE: Prompt = load_prompt("critique")
_CHECK: Prompt = load_prompt("check")
