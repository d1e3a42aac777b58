"""Templates that the test service is asked to build: it takes them as E2B does, and runs none of their steps."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass, field

from e2b.api.client.models import (
    BuildLogEntry,
    BuildStatusReason,
    LogLevel,
    TemplateBuildFileUpload,
    TemplateBuildInfo,
    TemplateBuildRequestV3,
    TemplateBuildStartV2,
    TemplateBuildStatus,
    TemplateRequestResponseV3,
)
from e2b.api.client.types import UNSET


@dataclass
class Builds:
    """All that were asked for."""

    failing: str = ""
    """Why the next ones fail, if they do."""
    names: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, TemplateBuildRequestV3] = field(default_factory=dict)
    started: dict[str, TemplateBuildStartV2] = field(default_factory=dict)
    uploaded: dict[str, bytes] = field(default_factory=dict)

    def begin(self, wanted: TemplateBuildRequestV3) -> TemplateRequestResponseV3:
        template, name = f"t{secrets.token_hex(8)}", str(wanted.name)
        self.names[template], self.wanted[template] = name, wanted
        return TemplateRequestResponseV3(
            template_id=template, build_id=secrets.token_hex(8), public=False, names=[name], tags=[], aliases=[name]
        )

    def place_for(self, name: str, url: str) -> TemplateBuildFileUpload:
        if name in self.uploaded:
            return TemplateBuildFileUpload(present=True)
        return TemplateBuildFileUpload(present=False, url=f"{url}/upload/{name}")

    def build(self, template: str, started: TemplateBuildStartV2) -> None:
        self.started[template] = started

    def status(self, template: str, build: str, after: int) -> TemplateBuildInfo:
        now = datetime.datetime.now(datetime.UTC)
        said = [BuildLogEntry(timestamp=now, message="Building layers", level=LogLevel.INFO)]
        return TemplateBuildInfo(
            logs=[],
            log_entries=said[after:],
            template_id=template,
            build_id=build,
            status=TemplateBuildStatus.ERROR if self.failing else TemplateBuildStatus.READY,
            reason=BuildStatusReason(message=self.failing) if self.failing else UNSET,
        )
