"""Makes a closed room in a machine that runs commands for us as root, and keeps it for one solution.

Whatever runs in the room sees the system's folders read-only, its own processes and its own loopback, and nothing of
the machine's network: not even the service that runs our commands. Standard library only. Arguments: a folder of ours,
which holds ``guest``, another folder, shown as ``/given``, and how many MiB each writable folder may hold.

Standard input: a line keeps the room for some minutes more; its end, or silence, ends the room and all that runs in it.
Standard output: one line, ``room <process id>`` once the room can be entered, or ``failed <why>``.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import select
import signal
import socket
import struct
import sys

SILENCE_SECONDS = 300
SYSTEM = ("bin", "etc", "lib", "lib32", "lib64", "libx32", "opt", "prepared", "sbin", "usr", "var/cache/fontconfig")
DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
LINKS = ("packages", "node_modules", "environment", "screen")
BROWSER = 1902
MOST_FILES = 120_000
BROWSER_MIB, SHARED_MEMORY_MIB, DEVICES_MIB, SESSION_MIB = 512, 512, 1, 1
NEW_MOUNTS, NEW_IPC, NEW_PROCESSES, NEW_NETWORK = 0x00020000, 0x08000000, 0x20000000, 0x40000000
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXECUTION = 1, 2, 4, 8
AGAIN, BIND, ALL_BELOW, PRIVATE = 32, 4096, 16384, 1 << 18
LAZILY = 2
ENDS_WITH_PARENT = 1
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1

LIBC = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    """Calls the kernel.

    Raises:
        OSError: It refuses.
    """
    if function(*arguments):
        raise OSError(ctypes.get_errno(), f"{function.__name__}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind=None, flags=0, options=None):
    """Mounts something."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    LIBC.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
    call(LIBC.mount, *words, flags, None if options is None else options.encode())


def show(source, target):
    """Lets the room read what is somewhere else."""
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if not source.exists():
        return
    target.mkdir(parents=True)
    mount(source, target, flags=BIND | ALL_BELOW)
    mount(None, target, flags=AGAIN | BIND | READ_ONLY | NO_SETUID | NO_DEVICES)


def in_memory(target, mebibytes, mode=0o1777, owner=0):
    """Makes a writable folder that can hold so much."""
    target.mkdir(parents=True, exist_ok=True)
    options = f"size={mebibytes}m,nr_inodes={MOST_FILES},mode={mode:o},uid={owner},gid={owner}"
    mount("tmpfs", target, "tmpfs", NO_SETUID | NO_DEVICES, options)


def make_devices(folder):
    """The devices that every container has."""
    in_memory(folder, DEVICES_MIB, mode=0o755)
    for name in DEVICES:
        (folder / name).touch()
        mount(pathlib.Path("/dev", name), folder / name, flags=BIND)
    for name, place in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (folder / name).symlink_to(f"/proc/self/{place}")
    (folder / "pts").mkdir()
    mount("devpts", folder / "pts", "devpts", NO_SETUID | NO_EXECUTION, "newinstance,ptmxmode=0666,mode=620")
    (folder / "ptmx").symlink_to("pts/ptmx")
    in_memory(folder / "shm", SHARED_MEMORY_MIB)


def furnish(ours, given, disk_mib):
    """Makes the room's file system, and moves into it."""
    mount(None, "/", flags=ALL_BELOW | PRIVATE)
    root = ours / "root"
    in_memory(root, 1, mode=0o755)
    for name in SYSTEM:
        show(pathlib.Path("/", name), root / name)
    show(ours / "guest", root / "guest")
    show(given, root / "given")
    make_devices(root / "dev")
    for name in ("work", "tmp"):
        in_memory(root / name, disk_mib)
    in_memory(root / "session", SESSION_MIB)
    in_memory(root / "browser", BROWSER_MIB, mode=0o700, owner=BROWSER)
    (root / "proc").mkdir()
    mount("proc", root / "proc", "proc", NO_SETUID | NO_DEVICES | NO_EXECUTION)
    for name in LINKS:
        (root / name).symlink_to(f"/session/{name}")
    # Whoever runs the solution writes here who it is.
    users = root / "session" / "passwd"
    users.touch()
    users.chmod(0o666)
    mount(users, root / "etc" / "passwd", flags=BIND)
    enter(root)


def enter(root):
    """Makes a folder the root, and lets go of the old one."""
    before = root / "before"
    before.mkdir()
    call(LIBC.pivot_root, os.fsencode(root), os.fsencode(before))
    os.chdir("/")
    call(LIBC.umount2, b"/before", LAZILY)
    pathlib.Path("/before").rmdir()
    mount(None, "/", flags=AGAIN | BIND | READ_ONLY | NO_SETUID | NO_DEVICES)


def open_loopback():
    """Brings up the one network interface that there is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        _, flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, GET_FLAGS, asked))
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP))


def be_first(say):
    """Is the room's first process: makes it, and takes leave of those that ended."""
    LIBC.prctl(ENDS_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    try:
        open_loopback()
        furnish(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]))
    except OSError as error:
        os.write(say, str(error).encode())
        os._exit(1)
    os.write(say, b"ready")
    for descriptor in (0, 1, 2, say):
        os.close(descriptor)
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        signal.sigwait([signal.SIGCHLD])


def say_line(line):
    """Tells whoever started this."""
    os.write(1, f"{line}\n".encode())


def main():
    """Makes the room and keeps it as long as it is wanted."""
    hear, say = os.pipe()
    try:
        call(LIBC.unshare, NEW_MOUNTS | NEW_IPC | NEW_PROCESSES | NEW_NETWORK)
    except OSError as error:
        say_line(f"failed {error}")
        return
    first = os.fork()
    if not first:
        be_first(say)
    os.close(say)
    told = os.read(hear, 4096).decode()
    say_line(f"room {first}" if told == "ready" else f"failed {told or 'it could not be made'}")
    while told == "ready" and select.select([0], [], [], SILENCE_SECONDS)[0] and os.read(0, 4096):
        pass
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)


if __name__ == "__main__":
    main()
