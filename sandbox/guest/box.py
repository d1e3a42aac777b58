"""Runs one untrusted solution inside a sandbox elsewhere: built, started, watched, and gone with all that it started.

Standard library only. Standard input: one line of JSON, which says what to run, then a tar archive of
``files_bytes`` bytes, the solution's files; when it ends, everything does. Standard output: a line for each event, its
first word one of

    out, error, build <base64>    what the program or the build commands wrote
    made <base64>                 a part of a tar archive: the files that the program made
    listening <port>...           the ports that something listens on, whenever they change
    built                         the program was started
    build-failed <code>           a build command failed
    exit <code>                   the program ended; 128 and the signal's number where a signal ended it
    killed <reason>               it went beyond a limit
    failed <why>                  the sandbox is not as it should be, which is not the solution's fault
    over                          nothing more will be said

It runs as the same user as the solution, which can end it but gains nothing by that: the sandbox ends with it.
"""

import base64
import contextlib
import ctypes
import errno
import io
import json
import os
import pathlib
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import tarfile
import threading
import time

WORK, TEMPORARY, SESSION = pathlib.Path("/work"), pathlib.Path("/tmp"), pathlib.Path("/session")
LOOK_SECONDS = 0.1
CHUNK = 2**16
LEFT_BEHIND_SECONDS = 1
OPEN_FILES = 4096
LONGEST_STEP, LEAST_SHARE = 1, 0.1
"""What is counted at most between two looks, and how slowly: who makes the machine busy gains little."""
OWN_THREADS = 8
MOST_FILES = 100_000
MADE_FILES, MADE_BYTES = 1000, 16 * 2**20
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 4, 22, 38, 2
LISTENING = "0A"


class Teller:
    """Says what happens, one line at a time, whichever thread it is."""

    def __init__(self, output_bytes):
        self._output = os.dup(1)
        self._lock = threading.Lock()
        self._left = output_bytes

    def say(self, *words):
        """Says one line."""
        line = " ".join(map(str, words)).encode() + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._output, line) :]

    def pass_on(self, kind, descriptor):
        """Passes on what a program writes.

        Returns:
            Whether it is within its limit.
        """
        while True:
            try:
                chunk = os.read(descriptor, CHUNK)
            except OSError:  # The other end of a terminal is gone.
                return True
            if not chunk:
                return True
            kept = chunk[: max(0, self._left)]
            self._left -= len(chunk)
            if kept:
                self.say(kind, base64.b64encode(kept).decode())
            if self._left < 0:
                return False


class Patience:
    """How much longer to wait, in seconds of a fair share of the machine: who is starved by others is not late."""

    def __init__(self, seconds):
        self._left = seconds
        self._looked = time.monotonic()

    def is_over(self):
        """Whether it has run out; to be asked often."""
        now = time.monotonic()
        self._left -= min(now - self._looked, LONGEST_STEP) * fair_share()
        self._looked = now
        return self._left <= 0


class Box:
    """One plan under way."""

    def __init__(self, plan):
        self.plan = plan
        self.limits = plan["limits"]
        self.teller = Teller(self.limits["output_kib"] * 1024)
        self.killed = threading.Event()
        self.patience = Patience(self.limits["build_seconds"])
        self.late = f"took longer than {self.limits['build_seconds']:g} s to build"
        self._ending = threading.Lock()

    def run(self, files):
        """Unpacks, builds, starts, and hands back what was made."""
        if not self._unpack(files):
            self.kill(f"has files of more than {self.limits['disk_mib']} MiB")
        threading.Thread(target=self._watch, daemon=True).start()
        threading.Thread(target=self._listen_for_the_end, daemon=True).start()
        for command in self.plan["build"]:
            code = self._execute(command, {"build": subprocess.PIPE})
            if code:
                self.teller.say("build-failed", code)
                return
        self.patience = Patience(self.limits["total_seconds"])
        self.late = f"ran longer than {self.limits['total_seconds']:g} s"
        self.teller.say("built")
        started = time.time()
        code = self._execute(self.plan["start"], {"out": subprocess.PIPE, "error": subprocess.PIPE})
        self.teller.say("exit", code)
        end_all_others()
        self._hand_back(started)

    def kill(self, reason):
        """Ends everything; the first reason stands."""
        with self._ending:
            self.killed.set()
            # Said first: the end that it brings about would else look like the solution's own.
            self.teller.say("killed", reason)
            end_all_others()
            self.teller.say("over")
            os._exit(0)

    def _unpack(self, files):
        try:
            with tarfile.open(fileobj=io.BytesIO(files), mode="r:") as archive:
                for member in archive:
                    place = WORK / member.name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(archive.extractfile(member).read())
                    os.utime(place, (0, 0))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return False
        return True

    def _execute(self, command, outputs):
        """Runs a command to its end; what it writes is passed on, where ``build`` takes both of its outputs."""
        together = "build" in outputs
        shown, terminal = (None, subprocess.DEVNULL)
        if self.plan["terminal"] and not together:
            shown, terminal = pty.openpty()
        try:
            process = subprocess.Popen(
                command,
                cwd=WORK,
                env=self.plan["variables"],
                stdin=terminal,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if together else subprocess.PIPE,
                start_new_session=True,
                preexec_fn=self._restrict,
            )
        except OSError as error:
            self._tell(f"{command[0]}: {error.strerror}\n", "build" if together else "error")
            return 127 if isinstance(error, FileNotFoundError) else 126
        finally:
            if shown is not None:
                os.close(terminal)
        streams = [("build" if together else "out", process.stdout)]
        streams += [] if together else [("error", process.stderr)]
        readers = [threading.Thread(target=self._pass_on, args=(kind, stream), daemon=True) for kind, stream in streams]
        for reader in readers:
            reader.start()
        code = process.wait()
        if not together:
            # Whatever it left behind holds its outputs open.
            end_all_others()
        for reader in readers:
            # A build command may leave something behind that keeps its output open for ever.
            reader.join(LEFT_BEHIND_SECONDS if together else None)
        if shown is not None:
            os.close(shown)
        return 128 - code if code < 0 else code

    def _tell(self, text, kind):
        self.teller.say(kind, base64.b64encode(text.encode()).decode())

    def _pass_on(self, kind, stream):
        if not self.teller.pass_on(kind, stream.fileno()):
            self.kill(f"wrote more than {self.limits['output_kib']} KiB of output")

    def _restrict(self):
        """What holds for the solution alone, set between fork and start."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limits["disk_mib"] * 2**20,) * 2)
        resource.setrlimit(resource.RLIMIT_NPROC, (self.limits["processes"] + OWN_THREADS,) * 2)
        resource.setrlimit(resource.RLIMIT_DATA, (2 * self.limits["memory_mib"] * 2**20,) * 2)
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # Else its own folder in /proc is closed to it.
        # Should the whole sandbox run out of memory, the kernel takes the solution first.
        pathlib.Path("/proc/self/oom_score_adj").write_text("1000")
        if self.plan["filter"]:
            install_filter(base64.b64decode(self.plan["filter"]))

    def _hand_back(self, started):
        files = sorted(filter(readable, made_since(started)), key=str)[:MADE_FILES]
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:", format=tarfile.PAX_FORMAT) as archive:
            for file in files:
                if buffer.tell() + file.stat().st_size > MADE_BYTES:
                    break
                archive.add(file, str(file.relative_to(WORK)), recursive=False)
        content = buffer.getvalue() if files else b""
        for place in range(0, len(content), CHUNK):
            self.teller.say("made", base64.b64encode(content[place : place + CHUNK]).decode())

    # --- Watching ---

    def _watch(self):
        told = None
        while not self.killed.is_set():
            if reason := self._excess():
                self.kill(reason)
            if (ports := listening()) != told:
                self.teller.say("listening", *sorted(ports))
                told = ports
            time.sleep(LOOK_SECONDS)

    def _excess(self):
        if self.patience.is_over():
            return self.late
        processes = others()
        if sum(threads(process) for process in processes) > self.limits["processes"]:
            return f"ran more than {self.limits['processes']} processes and threads"
        bound = self.limits["memory_mib"] * 1024
        if sum(map(memory, processes)) > bound and sum(map(fair_memory, processes)) > bound:
            return f"used more than {self.limits['memory_mib']} MiB of memory"
        for folder in (WORK, TEMPORARY):
            room = os.statvfs(folder)
            if room.f_bavail == 0:
                return f"used more than {self.limits['disk_mib']} MiB of disk"
            if room.f_files - room.f_ffree > MOST_FILES:
                return f"made more than {MOST_FILES} files"
        return ""

    def _listen_for_the_end(self):
        while True:
            select.select([0], [], [])
            if not os.read(0, CHUNK):
                break
        self.kill("its session was closed")


def fair_share():
    """The share of a core that each thread that wants to run gets now: 1 on a machine that is not busy."""
    running = text_of(pathlib.Path("/proc/loadavg")).split()[3:4]
    wanting = int(running[0].partition("/")[0]) if running else 1
    return max(LEAST_SHARE, min(1, len(os.sched_getaffinity(0)) / max(wanting, 1)))


def others():
    """The processes of this user besides this one."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(entry.name) != os.getpid() and entry.stat().st_uid == os.getuid():
                found.append(entry)
        except OSError:  # It has just ended.
            continue
    return found


def end_all_others():
    """Kills every process of this user but this one."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)


def text_of(file):
    """What a file of a process holds; nothing where the process has ended or hides it."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def numbers(text, *names):
    """The numbers that stand behind some names, one name a line."""
    lines = (line.split() for line in text.splitlines())
    return [int(words[1]) for words in lines if len(words) > 1 and words[0].rstrip(":") in names]


def threads(process):
    """How many threads a process has."""
    return sum(numbers(text_of(process / "status"), "Threads"))


def memory(process):
    """Anonymous and shared memory in KiB; pages that several processes share count whole for each."""
    return sum(numbers(text_of(process / "status"), "RssAnon", "RssShmem"))


def fair_memory(process):
    """The same, where a page that n processes share counts one nth for each."""
    sizes = numbers(text_of(process / "smaps_rollup"), "Pss_Anon", "Pss_Shmem")
    return sum(sizes) if sizes else memory(process)


def listening():
    """The ports that something in the sandbox listens on."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in text_of(pathlib.Path("/proc/net") / table).splitlines()[1:]:
            words = line.split()
            if words[3] == LISTENING:
                found.add(int(words[1].rpartition(":")[2], 16))
    return found


def made_since(moment):
    """The files of the work folder that were written since then."""
    for folder, _, names in os.walk(WORK):
        for name in names:
            file = pathlib.Path(folder, name)
            try:
                if not file.is_symlink() and file.is_file() and file.stat().st_mtime >= moment - 0.01:
                    yield file
            except OSError:
                continue


def readable(file):
    """Whether its program lets a file be read."""
    return os.access(file, os.R_OK)


def install_filter(program):
    """Makes the kernel refuse the system calls that a filter names, for this process and all that it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(described), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls is not accepted")


def bind(links, python):
    """Puts what the solution may read where recipes expect it."""
    (SESSION / "passwd").write_text(f"user:x:{os.getuid()}:{os.getgid()}::/tmp:/bin/sh\n")
    for name, place in links.items():
        target = SESSION / name
        if name == "packages":
            make_environment(target, pathlib.Path(place), python)
        else:
            target.symlink_to(place)


def make_environment(target, packages, python):
    """A virtual environment of the Python here that holds packages which were installed elsewhere."""
    (target / "bin").mkdir(parents=True)
    (target / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    for entry in packages.iterdir():
        if entry.name not in ("bin", "pyvenv.cfg"):
            (target / entry.name).symlink_to(entry)
    for script in (packages / "bin").iterdir():
        if not script.name.startswith("python"):
            (target / "bin" / script.name).symlink_to(script)
    for name in ("python", "python3", python):
        (target / "bin" / name).symlink_to(f"/usr/bin/{python}")


def read_exactly(stream, count):
    """So many bytes, or fewer where the stream ends."""
    content = stream.read(count)
    return content if content is not None else b""


def main():
    """Runs what standard input says."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    given = os.fdopen(os.dup(0), "rb")
    plan = json.loads(given.readline())
    files = read_exactly(given, plan["files_bytes"])
    box = Box(plan)
    try:
        bind(plan["links"], plan["python"])
        box.run(files)
    except (OSError, tarfile.TarError, subprocess.SubprocessError) as error:
        box.teller.say("failed", " ".join(str(error).split()))
    with box._ending:
        box.killed.set()
        box.teller.say("over")
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
