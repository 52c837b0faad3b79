"""Runs `mrascope serve` on loopback ports that the system chooses, and says
TAP.  For the tests in this folder."""
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = os.environ.get("MRASCOPE", "./mrascope")
ALONE = "MRASCOPE_TEST_ALONE"
# Scripts that run side by side begin at different ones.
PORTS, TAKING = itertools.count(os.getpid() * 64), threading.Lock()


class Server:
    """One that runs; what it listens at is in ports["udp"], ..., lists of
    (address, port)."""

    def __init__(self, *options, wrap=()):
        self.process = subprocess.Popen(
            [*wrap, PROGRAM, "serve", *options], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.ports = {}
        for line in self.process.stdout:
            if line == "ready\n":
                return
            m = re.match(r"listening (\w+) \[?(.*?)\]?:(\d+)$", line)
            self.ports.setdefault(m.group(1), []).append(
                (m.group(2), int(m.group(3))))
        raise RuntimeError(self.process.stderr.read())

    def port(self, transport, address="127.0.0.1"):
        return [p for a, p in self.ports[transport] if a == address][0]

    def memory(self):
        """Anonymous memory in bytes."""
        with open("/proc/%d/status" % self.process.pid) as f:
            return int(re.search(r"RssAnon:\s*(\d+)", f.read()).group(1)) << 10

    def processor(self):
        """Seconds of the processor that it has used."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how=signal.SIGTERM):
        """Exit status, and what it said on standard error."""
        self.process.send_signal(how)
        try:
            _, said = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return -1, "did not stop"
        return self.process.returncode, said


def everywhere(addresses=("127.0.0.1",)):
    """Options to listen with all transports."""
    for address in addresses:
        for transport in ("udp", "tcp", "tls", "dtls"):
            yield "--listen"
            yield "%s:%s:0" % (transport, "[%s]" % address if ":" in address
                               else address)


class Tap:
    """Results by name; `finish` prints the plan."""

    def __init__(self):
        self.lines, self.failed = [], False
        self.lock = threading.Lock()

    def ok(self, fine, name, *why):
        with self.lock:
            self.lines.append((fine, name, why))
            self.failed |= not fine

    def finish(self):
        print("1..%d" % len(self.lines))
        for number, (fine, name, why) in enumerate(self.lines, 1):
            print("%sok %d - %s" % ("" if fine else "not ", number, name))
            if not fine:
                for text in why:
                    for line in str(text).split("\n")[-25:]:
                        print("# " + line)
        sys.exit(self.failed)


def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def has_ipv6():
    import socket
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def alone():
    """Goes on in a network namespace of its own where root can have one: there
    nothing else takes a port.  Elsewhere it goes on as it is."""
    if os.geteuid() or os.environ.get(ALONE) or not shutil.which("unshare"):
        return
    line = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"',
            "sh"]
    if subprocess.run(line + ["true"], capture_output=True).returncode == 0:
        os.environ[ALONE] = "yes"
        os.execvp(line[0], line + [sys.executable, *sys.argv])


def free_port(address="127.0.0.1", count=1):
    """A port that UDP and TCP have free at all addresses, and so the ones
    behind it; never the same twice, and below those that the system chooses:
    one of these may be taken before it is used."""
    import contextlib
    import socket
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(500):
        with TAKING:
            first = 10000 + next(PORTS) % 20000
            for _ in range(count - 1):
                next(PORTS)
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + count):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        one = held.enter_context(socket.socket(family, kind))
                        one.bind(("", port))
                return first
            except OSError:
                continue
    raise OSError("no free port")


def wait_for(what, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def folder():
    """A folder that a server which gave up root can still write to."""
    made = tempfile.TemporaryDirectory()
    os.chmod(made.name, 0o777)
    return made
