"""Runs inside a box and tries to get out of it; prints the names of the attacks that succeeded, as JSON.

Aims at addresses of the machine that runs the tests only; ``targets.json`` names them.
"""

import ctypes
import fcntl
import json
import os
import pathlib
import resource
import socket
import stat
import subprocess
import sys
import termios

TARGETS = json.loads(pathlib.Path("targets.json").read_text())
SECRET = TARGETS["secret"]
LIBC = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"


def reads(path):
    return SECRET in pathlib.Path(path).read_text(errors="replace")


def names_in(folder):
    return [path.name for path in pathlib.Path(folder).iterdir()]


def any_of(pattern):
    found = False
    for path in pathlib.Path("/proc").glob(pattern):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        found = found or SECRET.encode() in content
    return found


def writes(path):
    pathlib.Path(path).write_text("x")
    return True


def connects(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        connection.connect(address)
    return True


def sends(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendto(
            b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04leak\x07example\x00\x00\x01\x00\x01", address
        )
    return False  # The listener tells.


def called(number, *arguments):
    return LIBC.syscall(number, *arguments) >= 0


def symlinked():
    pathlib.Path("link.txt").symlink_to(TARGETS["file"])
    return reads("link.txt")


def suid():
    done = subprocess.run(["/usr/bin/su", "-c", "id -u"], capture_output=True, stdin=subprocess.DEVNULL, timeout=10)
    return done.stdout.strip() == b"0"


def raised_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (hard + 1000, hard + 1000))
    return True


def device():
    os.mknod("/work/disk", 0o600 | stat.S_IFBLK, os.makedev(254, 0))
    return True


def routes():
    return len(pathlib.Path("/proc/net/route").read_text().splitlines()) > 1


def routes6():
    lines = pathlib.Path("/proc/net/ipv6_route").read_text().splitlines()
    return any(line.split()[-1] != "lo" for line in lines)


def capabilities():
    status = pathlib.Path("/proc/self/status").read_text()
    return any(
        int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("CapPrm", "CapEff", "CapAmb"))
    )


ATTACKS = {
    "read the password file": lambda: "root:" in pathlib.Path("/etc/shadow").read_text(),
    "read the host's users": lambda: "root:" in pathlib.Path("/etc/passwd").read_text(),
    "read a file of the host": lambda: reads(TARGETS["file"]),
    "read it by a symbolic link": symlinked,
    "read it by ..": lambda: reads("../../../../" + TARGETS["file"]),
    "read it through /proc/1/root": lambda: reads("/proc/1/root" + TARGETS["file"]),
    "list the home folder": lambda: any(not name.startswith(".") for name in names_in(TARGETS["home"])),
    "find our code": lambda: bool(names_in(TARGETS["project"])),
    "read a key from the environment": lambda: SECRET in str(dict(os.environ)),
    "read a key from another process's environment": lambda: any_of("[0-9]*/environ"),
    "see a process of the host": lambda: any_of("[0-9]*/cmdline"),
    "write to /etc": lambda: writes("/etc/x"),
    "write to /usr": lambda: writes("/usr/bin/x"),
    "write to the environment's templates": lambda: writes("/environment/x"),
    "write beside the root": lambda: writes("/x"),
    "write to /dev": lambda: writes("/dev/x"),
    "write a kernel setting": lambda: writes("/proc/sys/kernel/core_pattern"),
    "trigger a kernel action": lambda: writes("/proc/sysrq-trigger"),
    "look at the devices": lambda: bool(names_in("/sys")),
    "make a device": device,
    "reach the host's loopback": lambda: connects(socket.AF_INET, ("127.0.0.1", TARGETS["port"])),
    "reach the host's loopback by IPv6": lambda: connects(socket.AF_INET6, ("::1", TARGETS["port"])),
    "reach a private address": lambda: connects(socket.AF_INET, (TARGETS["private"], TARGETS["port"])),
    "send a datagram to a private address": lambda: sends((TARGETS["private"], TARGETS["dns"])),
    "ask a resolver directly": lambda: sends(("127.0.0.1", TARGETS["dns"])),
    "resolve a name": lambda: bool(socket.getaddrinfo("leak.example", 80)),
    "reach a socket in the file system": lambda: connects(socket.AF_UNIX, TARGETS["unix"]),
    "reach an abstract socket": lambda: connects(socket.AF_UNIX, "\0" + TARGETS["abstract"]),
    "find an interface besides lo": lambda: any(name != "lo" for _, name in socket.if_nameindex()),
    "find a route": routes,
    "find an IPv6 route": routes6,
    "open a socket to the hypervisor": lambda: bool(socket.socket(40, socket.SOCK_STREAM)),
    "open a packet socket": lambda: bool(socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
    "open a raw socket": lambda: bool(socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
    "hold a capability": capabilities,
    "become root": lambda: os.setuid(0) is None,
    "become root by a set-user-id program": suid,
    "make a user namespace": lambda: LIBC.unshare(0x10000000) == 0,
    "join the first process's namespace": lambda: LIBC.setns(os.open("/proc/1/ns/mnt", os.O_RDONLY), 0) == 0,
    "mount": lambda: LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0,
    "change the root": lambda: os.chroot("/tmp") is None,
    "trace another process": lambda: LIBC.ptrace(16, 1, 0, 0) == 0,
    "load a filter into the kernel": lambda: X86 and called(321, 0, 0, 0),
    "use the kernel's key ring": lambda: X86 and called(250, 0, 0, 0),
    "use io_uring": lambda: X86 and called(425, 1, ctypes.create_string_buffer(200)),
    "count performance events": lambda: X86 and called(298, ctypes.create_string_buffer(128), 0, -1, -1, 0),
    "hide memory in an anonymous file": lambda: os.memfd_create("x") >= 0,
    "hide memory in a shared segment": lambda: LIBC.shmget(0, 2**20, 0o1600) >= 0,
    "raise a limit": raised_limit,
    "type into the terminal": lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x") == 0 and os.isatty(0) and os.getsid(0) == 0,
}  # fmt: skip

succeeded = []
for name, attack in ATTACKS.items():
    try:
        if attack():
            succeeded.append(name)
    except (OSError, ValueError, AttributeError, subprocess.SubprocessError):
        continue
sys.stdout.write(json.dumps({"tried": len(ATTACKS), "succeeded": succeeded}))
