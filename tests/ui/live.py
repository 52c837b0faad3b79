"""What tests of live capture share: phones that call, and who watches them.

All in a network namespace of its own, on its loopback: no packet leaves it.
Skipped where no such namespace can be made.
"""
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import zlib

PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
TOP = os.path.abspath(os.environ.get("srcdir", "."))
sys.path.insert(0, os.path.join(TOP, "tests", "golden"))
sys.dont_write_bytecode = True
import packets  # noqa: E402

PATIENCE = 60.0  # seconds, for a machine that is busy


def is_root():
    """Really: nobody is somebody here, too."""
    with open("/proc/self/uid_map") as f:
        ids = f.read().split()
    return os.geteuid() == 0 and int(ids[2]) > 65534


# Whom it becomes when its interfaces are open.
USER = "nobody" if is_root() else "root"


class Skip(Exception):
    pass


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def message(first, call, cseq, extra=b""):
    return b"\r\n".join([
        first.encode(),
        b"Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK%d%s" %
        (call, cseq.encode().replace(b" ", b"")),
        b"From: <sip:alice:hunter2@example.test>;tag=a%d" % call,
        b"To: <sip:bob@example.test>" +
        (b";tag=b" if first.startswith("SIP") else b""),
        b"Call-ID: call-%d@example.test" % call,
        b"CSeq: " + cseq.encode(), b"Max-Forwards: 70",
        b"Content-Length: 0", extra, b""])


class Phones:
    """Two ends on the loopback that set calls up and end them."""

    def __init__(self):
        self.a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.a.bind(("127.0.0.1", 5061))
        self.b.bind(("127.0.0.1", 5060))

    def ask(self, first, call, cseq):
        self.a.sendto(message(first, call, cseq), ("127.0.0.1", 5060))

    def answer(self, first, call, cseq):
        self.b.sendto(message(first, call, cseq), ("127.0.0.1", 5061))

    def begin(self, call):
        uri = "sip:bob@example.test SIP/2.0"
        self.ask("INVITE " + uri, call, "1 INVITE")
        self.answer("SIP/2.0 180 Ringing", call, "1 INVITE")

    def take(self, call):
        self.answer("SIP/2.0 200 OK", call, "1 INVITE")
        self.ask("ACK sip:bob@example.test SIP/2.0", call, "1 ACK")

    def end(self, call):
        self.ask("BYE sip:bob@example.test SIP/2.0", call, "2 BYE")
        self.answer("SIP/2.0 200 OK", call, "2 BYE")

    def close(self):
        self.a.close()
        self.b.close()


def signals(pid, name):
    """A mask of its process: SigBlk, ShdPnd."""
    with open("/proc/%d/status" % pid) as f:
        found = re.search(name + r":\s+([0-9a-f]+)", f.read())
    return int(found.group(1), 16) if found else 0


def until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        check(time.monotonic() < end, "no " + what)
        time.sleep(0.02)


def ready(process):
    """It listens: it asks for signals, once all is open."""
    until(lambda: process.poll() is not None or
          signals(process.pid, "SigBlk") & 1 << signal.SIGTERM - 1,
          "start of it")


class Watch:
    """mrascope live, and its lines."""

    def __init__(self, work, *arguments, interface="lo"):
        self.path = os.path.join(work, "events")
        self.out = open(self.path, "wb")
        self.process = subprocess.Popen(
            [PROGRAM, "live", "-i", interface, "--user", USER, *arguments],
            stdout=self.out, stderr=subprocess.PIPE,
            # Under seccomp the sanitizer cannot look for leaks.
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=%d" %
                 ("--no-sandbox" in arguments)})
        ready(self.process)

    def events(self):
        with open(self.path) as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def wait(self, wanted, what):
        end = time.monotonic() + PATIENCE
        while True:
            found = [e for e in self.events() if wanted(e)]
            if found:
                return found
            check(time.monotonic() < end and self.process.poll() is None,
                  "no %s in %r" % (what, self.events()))
            time.sleep(0.05)

    def begin_anew(self):
        """SIGUSR1, and it has taken it."""
        self.process.send_signal(signal.SIGUSR1)
        until(lambda: not signals(self.process.pid, "ShdPnd"),
              "answer to the signal")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        err = self.process.communicate(timeout=PATIENCE)[1].decode()
        self.out.close()
        check(self.process.returncode == 0, "status %d: %s" %
              (self.process.returncode, err))
        return err


ENDS = socket.inet_aton("192.0.2.1"), socket.inet_aton("192.0.2.2")


def packed_hep(text, key=b"sesame"):
    """HEP3 whose payload is packed (chunk 16)."""
    chunks = ((14, key), (1, b"\2"), (2, b"\21"), (3, ENDS[0]),
              (4, ENDS[1]), (7, b"\x13\xc5"), (8, b"\x13\xc4"), (11, b"\1"),
              (16, zlib.compress(text)))
    body = b"".join(struct.pack(">HHH", 0, kind, 6 + len(value)) + value
                    for kind, value in chunks)
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


def old_hep(text):
    """HEP2, of the other end."""
    return struct.pack(">BBBBHH", 2, 16, 2, 17, 5060, 5061) + ENDS[1] + \
        ENDS[0] + struct.pack("<IIHH", int(time.time()), 0, 1, 0) + text


def inside(tests):
    os.umask(0o022)  # what is made here somebody without rights reads
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    chosen = [t for t in tests
              if not sys.argv[2:] or t.__name__ in sys.argv[2:]]
    print("1..%d" % len(chosen))
    failed = 0
    for number, test in enumerate(chosen, 1):
        bad = ""
        skipped = ""
        with tempfile.TemporaryDirectory() as work:
            os.chmod(work, 0o777)
            try:
                test(work)
            except AssertionError as e:
                bad = str(e)
            except Skip as e:
                skipped = " # SKIP %s" % e
            except Exception:
                bad = traceback.format_exc()
        print("%s %d - %s%s" % ("not ok" if bad else "ok", number,
                                test.__name__, skipped))
        for line in bad.split("\n") if bad else ():
            print("# " + line)
        sys.stdout.flush()
        failed += bool(bad)
    return failed != 0


def main(tests):
    if sys.argv[1:2] == ["--inside"]:
        return inside(tests)
    for tool in ("unshare", "ip"):
        if not shutil.which(tool):
            print("1..0 # SKIP no " + tool)
            return 0
    own = "-n" if is_root() else "-rn"
    if subprocess.run(["unshare", own, "true"],
                      capture_output=True).returncode:
        print("1..0 # SKIP no network namespace of one's own")
        return 0
    return subprocess.run(["unshare", own, sys.executable, sys.argv[0],
                           "--inside", *sys.argv[1:]]).returncode
