"""Programs that run to their end: built and run in a box, then shown as a page."""

from __future__ import annotations

from agent_judge.launch.box_account import account_of, build_failure
from agent_judge.launch.launching import Launching
from agent_judge.launch.notebook import Program, notebook
from agent_judge.launch.pip import Unavailable
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.toolchain_plan import plan_for, recipe_for
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution


async def launch_program(launching: Launching, environment: Environment, solution: Solution) -> BrowserSession:
    """Runs a program to its end and shows its output, errors, pictures and files on a page."""
    try:
        plan = await plan_for(environment, solution, launching.toolchain)
        recipe = recipe_for(environment, solution)
    except Unavailable as fault:
        return BrowserSession.failed("build_failed", str(fault), build_log=fault.log)
    box = await launching.open_box(plan)
    try:
        built = await box.built()
        if failure := build_failure(built, box.build_log, recipe, plan.limits):
            return BrowserSession.failed(failure.outcome, failure.reason, build_log=box.build_log)
        ended = await box.ended()
        made = await box.made()
    finally:
        await box.close()
    account = account_of(ended, box.stderr or box.stdout, recipe, plan.limits)
    exit_code = None if ended.how == "killed" else ended.code
    program = Program(solution.entry, account.outcome, account.reason, exit_code, box.stdout, box.stderr, made)
    session = await launching.show_files(notebook(program, environment.folder))
    session.report = session.report.model_copy(
        update={
            "outcome": account.outcome,
            "reason": account.reason,
            "build_log": box.build_log,
            "packages": plan.packages,
            "stdout": box.stdout,
            "stderr": box.stderr,
            "exit_code": exit_code,
            "artifacts": tuple(sorted(made)),
        }
    )
    return session
