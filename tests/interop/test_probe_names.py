#!/usr/bin/env python3
"""mrascope probe and names: SRV records lead to hosts and ports, their absence
to the usual ones, a refusal nowhere.  By a DNS server of its own, in namespaces
of network and mounts; skipped where those cannot be had (TAP)."""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "check"))
sys.path.insert(0, HERE)
from answers import Answers  # noqa: E402
from support import run_tests, want  # noqa: E402
from test_probe import ALICE, probe, steps  # noqa: E402

A, SRV = 1, 33
INSIDE = "MRASCOPE_TEST_NAMES_INSIDE"


def wired(name):
    return b"".join(bytes([len(part)]) + part.encode()
                    for part in name.split(".") if part) + b"\0"


class Names(threading.Thread):
    """A DNS server with `records`: (name, type) to values."""

    def __init__(self, records):
        super().__init__(daemon=True)
        self.records, self.asked = records, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    def run(self):
        while True:
            try:
                query, client = self.socket.recvfrom(1000)
            except OSError:
                return
            at, labels = 12, []
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += 1 + query[at]
            kind, = struct.unpack("!H", query[at + 1:at + 3])
            name = ".".join(labels).lower()
            self.asked.append((name, kind))
            known = any(n == name for n, _ in self.records)
            values = self.records.get((name, kind), [])
            reply = query[:2] + struct.pack(
                "!HHHHH", 0x8180 | (0 if known else 3), 1, len(values), 0, 0)
            reply += query[12:at + 5]
            for value in values:
                reply += struct.pack("!HHHIH", 0xC00C, kind, 1, 60,
                                     len(value)) + value
            self.socket.sendto(reply, client)


def service(priority, port, host):
    return struct.pack("!HHH", priority, 0, port) + wired(host)


HERE_4 = socket.inet_aton("127.0.0.1")


def names_lead_to_hosts(folder):
    with Answers({}) as first, Answers({}) as second:
        names = Names({
            ("_turn._udp.example.test", SRV): [
                service(20, second.port, "two.example.test"),
                service(10, first.port, "one.example.test")],
            ("_turn._tcp.example.test", SRV): [service(0, 0, ".")],
            ("_stun._udp.example.test", SRV): [
                service(0, first.port, "one.example.test")],
            ("_turns._tcp.none.test", SRV): [service(0, 0, ".")],
            ("one.example.test", A): [HERE_4],
            ("two.example.test", A): [HERE_4],
            ("plain.test", A): [HERE_4]})
        names.start()
        # Only UDP has records: nothing else is tried.
        status, found = probe(folder, "example.test", *ALICE, "--timeout", "3")
        ways = [(s["host"], s["transport"], s["server"])
                for s in found["servers"]]
        want(status == 1 and ways == [
            ("example.test", "udp", "127.0.0.1:%d" % first.port),
            ("example.test", "udp", "127.0.0.1:%d" % second.port)], ways)
        want([steps(s)[:5] for s in found["servers"]] == ["--kkk"] * 2, found)
        status, found = probe(folder, "stun:example.test", "--timeout", "3")
        want(status == 0 and found["servers"][0]["server"] ==
             "127.0.0.1:%d" % first.port, found["servers"])
        # A port is an answer already.
        names.asked.clear()
        probe(folder, "stun:plain.test:%d" % first.port, "--timeout", "3")
        want(all(kind != SRV for _, kind in names.asked), names.asked)
        # No records: the usual ports.
        status, found = probe(folder, "turn:plain.test", "--timeout", "3")
        want(("_turn._udp.plain.test", SRV) in names.asked, names.asked)
        want([s["server"] for s in found["servers"]] == ["127.0.0.1:3478"],
             found["servers"])
    for name, word in (("turns:none.test", "no such service"),
                       ("turn:absent.test", "absent.test")):
        status, _, said = folder.run("probe", name)
        want(status == 3 and word in said, name, status, said)


def main():
    if os.environ.get(INSIDE):
        run_tests([names_lead_to_hosts])
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolver:
        resolver.write("nameserver 127.0.0.1\noptions timeout:10\n")
        resolver.flush()
        script = ("ip link set lo up && mount --bind %s /etc/resolv.conf "
                  "&& exec \"$@\"" % resolver.name)
        ready = subprocess.run(["unshare", "-rnm", "sh", "-c", script, "sh",
                                "true"], capture_output=True)
        if ready.returncode:
            print("1..0 # SKIP no namespaces")
            return 0
        return subprocess.run(
            ["unshare", "-rnm", "sh", "-c", script, "sh", sys.executable,
             os.path.abspath(__file__)],
            env={**os.environ, INSIDE: "1"}).returncode


if __name__ == "__main__":
    sys.exit(main())
