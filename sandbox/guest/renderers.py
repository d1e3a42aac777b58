"""Bounds the memory of pages in a sandbox elsewhere: a renderer that takes too much is ended.

Its one argument is how many MiB each may take. Says ``ended`` on a line of its own shortly before it ends one, so that
the reason is known before the page is seen to crash. Ends with its standard input.
"""

import os
import pathlib
import select
import signal
import sys
import time

LOOK_SECONDS = 0.5
SAID_SECONDS = 0.5
PAGE = os.sysconf("SC_PAGE_SIZE")


def too_large(process, most):
    """Whether a process is a renderer that takes more than ``most`` bytes."""
    try:
        resident = int((process / "statm").read_text().split()[1]) * PAGE
        return resident > most and b"--type=renderer" in (process / "cmdline").read_bytes()
    except (OSError, ValueError, IndexError):  # It has just ended, or is another user's.
        return False


def main():
    """Looks twice a second."""
    most = int(sys.argv[1]) * 2**20
    while not select.select([0], [], [], LOOK_SECONDS)[0]:
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit() and too_large(process, most):
                os.write(1, b"ended\n")
                time.sleep(SAID_SECONDS)
                try:
                    os.kill(int(process.name), signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue


if __name__ == "__main__":
    main()
