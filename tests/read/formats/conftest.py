"""Runs what exporters wrote, in a box without network, against pages served inside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
"""The checkout, which may lie where the box hides what the host has."""
DATA = Path(__file__).resolve().parents[1] / "data"
RunBoxed = Callable[..., "subprocess.CompletedProcess[str]"]

_SERVE = """
import functools, http.server, subprocess, sys, threading
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass
handler = functools.partial(Quiet, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8000), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
raise SystemExit(subprocess.run(sys.argv[2:]).returncode)
"""


@pytest.fixture
def run_boxed(tmp_path: Path) -> RunBoxed:
    """Runs a command in ``tmp_path``, where ``http://127.0.0.1:8000/`` serves the sample pages and nothing else is."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        pytest.skip("bubblewrap is not installed: apt-get install -y bubblewrap")

    def run(command: Sequence[str], *seen: Path) -> subprocess.CompletedProcess[str]:
        box = [bwrap, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/root",
               "--ro-bind", str(ROOT), str(ROOT),
               "--ro-bind", sys.base_prefix, sys.base_prefix, "--ro-bind", sys.prefix, sys.prefix,
               *(word for path in seen for word in ("--ro-bind", str(path), str(path))),
               "--bind", str(tmp_path), str(tmp_path), "--chdir", str(tmp_path),
               "--unshare-net", "--unshare-pid", "--die-with-parent",
               sys.executable, "-c", _SERVE, str(DATA / "pages"), *command]  # fmt: skip
        return subprocess.run(box, capture_output=True, text=True, timeout=120, check=False)

    return run
