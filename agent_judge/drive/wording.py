"""Steps in words."""

from __future__ import annotations

from pathlib import Path

from agent_judge.drive.ground import Found, in_words
from agent_judge.schema import Step


def step_in_words(step: Step, found: Found | None = None, to: Found | None = None) -> str:
    """An action as a person would say it: ``fill textbox "Name" with "Ann"``."""
    words: list[str] = [step.do]
    if step.do == "press":
        words.append(step.key or "")
        words.append(f"{step.times} times" if step.times > 1 else "")
        words.append(f"for {step.hold:g} ms" if step.hold else "")
    element = found.candidate.words if found else in_words(step.target) if step.target else ""
    if element:
        words.append(f"in {element}" if step.do in ("press", "type") else element)
    if step.value is not None:
        value = step.value if isinstance(step.value, str) else ", ".join(step.value)
        words.append(f'"{value}"' if step.do in ("select", "type") else f'with "{value}"')
    if step.do == "click" and step.times > 1:
        words.append(f"{step.times} times")
    if step.at:
        words.append(f"at {step.at.x:.0%}, {step.at.y:.0%}")
    if step.do == "drag":
        words.append(f"to {to.candidate.words}" if to else f"to {in_words(step.to)}" if step.to else "")
        words.append(f"to {step.to_at.x:.0%}, {step.to_at.y:.0%}" if step.to_at else "")
    words.append(f"by {step.by[0]:g}, {step.by[1]:g} pixels" if step.by else "")
    words.append(f"{step.ms:g} ms" if step.ms is not None else "")
    words.append(f"to {step.size.width}×{step.size.height}" if step.size else "")
    words += [step.url or "", ", ".join(Path(name).name for name in step.files)]
    return " ".join(word for word in words if word)
