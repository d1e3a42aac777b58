"""Programs that use too much of something, and how that is told; run in sandboxes only."""

from __future__ import annotations

RESOURCES = {
    "fork bomb": ("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", "processes and threads"),
    "thread bomb": (
        "import threading, time\nwhile True:\n  try: threading.Thread(target=time.sleep, args=(99,)).start()\n"
        "  except RuntimeError: time.sleep(99)",
        "processes and threads",
    ),
    "memory bomb": ("x = []\nwhile True: x.append(bytearray(b'x' * 10**7))", "MiB of memory"),
    "shared memory bomb": (
        "import mmap, time\nm = mmap.mmap(-1, 2**30)\nfor i in range(0, 2**30, 4096): m[i] = 1\ntime.sleep(99)",
        "MiB of memory",
    ),
    "memory bomb of many": (
        "import os, time\nfor _ in range(8):\n  if not os.fork(): x = bytearray(b'x' * 70 * 2**20); time.sleep(99)\n"
        "time.sleep(99)",
        "MiB of memory",
    ),
    "disk filler": (
        "import time\nn = 0\nwhile True:\n  n += 1\n  try: open(f'f{n}', 'wb').write(b'x' * 10**7)\n"
        "  except OSError: time.sleep(99)",
        "MiB of disk",
    ),
    "disk filler in /tmp": (
        "import time\nn = 0\nwhile True:\n  n += 1\n  try: open(f'/tmp/f{n}', 'wb').write(b'x' * 10**7)\n"
        "  except OSError: time.sleep(99)",
        "MiB of disk",
    ),
    "endless output": ("while True: print('x' * 1000)", "KiB of output"),
    "endless errors": ("import sys\nwhile True: print('x' * 1000, file=sys.stderr)", "KiB of output"),
    "endless loop": ("while True: pass", "ran longer than {seconds:g} s"),
}
