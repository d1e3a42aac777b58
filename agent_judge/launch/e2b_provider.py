"""Makes sandboxes at E2B for solutions, and ends those that an earlier process of ours left behind."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping

import httpx
from e2b import AsyncSandbox, ConnectionConfig, RateLimitException, SandboxQuery, Template

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.e2b_faults import FAULTS, KEY, TEMPLATE, insist, lacking, refusal
from agent_judge.launch.e2b_guest import BROUGHT, LIFE_SECONDS, E2BGuest
from agent_judge.launch.e2b_template import build_template, template_name
from agent_judge.launch.guest import Flavour
from agent_judge.launch.owner import is_left_behind, this_machine, this_process
from agent_judge.launch.surroundings import folder_digest
from agent_judge.places import data_folder
from agent_judge.protocols import Missing
from agent_judge.schema import digest_of

_OWNER, _MACHINE, _ENVIRONMENT = "agent-judge-owner", "agent-judge-machine", "agent-judge-environment"
_GUESTS = 3
"""How many sandboxes are tried before it is said that none comes up."""
_ASK_SECONDS = 20
_ROOM_SECONDS = 300


class E2BProvider:
    """Makes sandboxes; implements :class:`~agent_judge.launch.guest.Provider`.

    The SDK's own variables say where: ``E2B_API_KEY``, for clusters of one's own ``E2B_DOMAIN``, and ``E2B_DEBUG`` for
    an ``envd`` on this machine.
    """

    name = "e2b"

    def __init__(self) -> None:
        self._living: set[E2BGuest] = set()
        self._freed = asyncio.Event()

    async def __aenter__(self) -> E2BProvider:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.gather(*(guest.close() for guest in tuple(self._living)))

    def missing(self) -> list[Missing]:
        """What is lacking: a key, one that is accepted, the service, or the template."""
        config = ConnectionConfig()
        if config.debug:
            return _missing_envd(config)
        if not config.api_key:
            return [KEY]
        try:
            return [] if Template.exists(template_name(), request_timeout=_ASK_SECONDS) else [TEMPLATE]
        except FAULTS as fault:
            return [lacking(fault, config.api_url) or Missing(f"E2B ({fault})", "try again later")]

    def build_template(self, say: Callable[[str], None]) -> None:
        """Sees to the template; where one is there that is still the right one, nothing is done.

        Args:
            say: Told what takes its time.

        Raises:
            MissingRequirement: There is no key, or E2B does not build it.
        """
        lacking_here = self.missing()
        if lacking_here and lacking_here[0] != TEMPLATE:
            raise MissingRequirement(f"e2b sandboxes need {lacking_here[0].what}: {lacking_here[0].command}")
        if lacking_here:
            build_template(say)

    def versions(self) -> Mapping[str, str]:
        """The template, whose name is the digest of all that it is made from, and what we bring there."""
        ours = digest_of([folder_digest(data_folder("sandbox") / name) for name in BROUGHT])
        return {"template": "none" if ConnectionConfig().debug else template_name(), "guest": ours}

    async def create(self, flavour: Flavour) -> E2BGuest:
        """Starts a sandbox; where one does not come up, another is tried."""
        for _ in range(_GUESTS - 1):
            with contextlib.suppress(DriverError):
                return await self._create(flavour)
        return await self._create(flavour)

    async def _room_for_one(self) -> bool:
        """Waits until one of ours has ended, which makes room within the quota; not for ever, as some only wait."""
        if not self._living:
            return False
        self._freed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), _ROOM_SECONDS)
            return True
        return False

    def _ended(self, guest: E2BGuest) -> None:
        self._living.discard(guest)
        self._freed.set()

    async def _create(self, flavour: Flavour) -> E2BGuest:
        # The key makes it harmless to ask again when the answer was lost.
        key = str(uuid.uuid4())
        owner = {_OWNER: this_process(), _MACHINE: this_machine(), _ENVIRONMENT: flavour.environment}
        creating = asyncio.ensure_future(
            insist(
                lambda: AsyncSandbox.create(
                    template_name(), LIFE_SECONDS, metadata=owner, allow_internet_access=False, idempotency_key=key
                )
            )
        )
        try:
            sandbox = await asyncio.shield(creating)
        except asyncio.CancelledError:
            # It may be there already, or soon, and nobody else would end it.
            with contextlib.suppress(*FAULTS, TimeoutError):
                async with asyncio.timeout(_ASK_SECONDS):
                    await (await creating).kill()
            raise
        except FAULTS as fault:
            if isinstance(fault, RateLimitException) and await self._room_for_one():
                return await self._create(flavour)
            raise refusal(fault, ConnectionConfig().api_url) from fault
        guest = E2BGuest(sandbox, self._ended)
        self._living.add(guest)
        try:
            await guest.make_room(flavour)
        except BaseException:
            await guest.close()
            raise
        return guest

    async def sweep(self) -> None:
        """Ends sandboxes whose process on this machine is no more."""
        if ConnectionConfig().debug:
            return  # Rooms end by themselves there, a while after nobody asked for more time.
        with contextlib.suppress(*FAULTS):
            pages = AsyncSandbox.list(query=SandboxQuery(metadata={_MACHINE: this_machine()}))
            while pages.has_next:
                for found in await insist(pages.next_items):
                    if is_left_behind(found.metadata[_OWNER]):
                        await insist(lambda identity=found.sandbox_id: AsyncSandbox.kill(identity))  # type: ignore[misc]


def _missing_envd(config: ConnectionConfig) -> list[Missing]:
    url = config.get_sandbox_url("debug", "")
    try:
        httpx.get(f"{url}/health", timeout=_ASK_SECONDS).raise_for_status()
    except httpx.HTTPError:
        return [Missing(f"an envd at {url}, as E2B_DEBUG asks for", "start envd as root, or unset E2B_DEBUG")]
    return []
