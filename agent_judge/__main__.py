"""``python -m agent_judge`` is ``agent-judge``."""

from agent_judge.cli import main

main()
