"""Recordings of [MS-TURN], and what a mutant of theirs is: for test_engine.py.

They are of libnice in its two modes for Office Communicator, over UDP, TCP and
behind pseudo-TLS, recorded by `mrascope serve` when the test runs; of the bundled calls of Lync; and of Teams
and Skype, whose passwords nobody knows.

Not asked for is what nobody could find: a sequence number of the server's, which
Teams' relays leave at 0; a relayed port; errors that TURN-08 allows at any time.
"""
import base64
import glob
import ipaddress
import json
import os
import shutil
import struct
import subprocess
import sys

import capture_file
import ms_again
from stun_again import INTEGRITY

HERE = os.path.dirname(os.path.abspath(__file__))
INTEROP = os.path.join(HERE, "..", "interop")
COOKIE, ERROR, UNKNOWN, LIFETIME = 0x000f, 0x0009, 0x000a, 0x000d
RELAY, MAPPED, ALTERNATE, NONCE, REALM = 0x0001, 0x8020, 0x000e, 0x14, 0x15
REMOTE, DATA, USER, VERSION = 0x0012, 0x0013, 0x0006, 0x8008
SEQUENCE, SESSION, FAMILY = 0x8050, 0x8095, 0x0017
SITE, SECOND_RELAY = 0x805f, 0x8090
REQUESTS = {0x0003: "Allocate", 0x0006: "Set Active Destination"}


def error_value(code):
    return struct.pack(">HBB", 0, code // 100, code % 100) + b"No"


def as_error(reply, code, *more):
    kept = [a for a in reply.attributes if a[0] in (COOKIE, VERSION, INTEGRITY)]
    out = reply.again(reply.kind | 0x0010, kept)
    for kind, value in ((ERROR, error_value(code)), *more):
        out = out.with_value(kind, value)
    return out


def version_of(message):
    value = message.value(VERSION)
    return struct.unpack(">I", value)[0] if value else 0


class Exchange:
    """A reply that can be altered, its request, and what came before and after
    on its way."""

    def __init__(self, at, reply, request, asked_by, others):
        self.at, self.reply, self.request = at, reply, request
        self.asked_by = asked_by
        self.name = REQUESTS[request.kind]
        self.success = reply.kind & 0x0010 == 0
        self.allocated = self.success and request.kind == 0x0003
        self.challenge = not self.success and \
            not request.has(INTEGRITY)
        # Without its own cookie nothing else tells what it is.
        self.is_stun = reply.txid[:4] == b"\x21\x12\xa4\x42"
        self.before = [m for i, m in others if i < at]
        self.after = [m for i, m in others if i > at]
        self.version = max(version_of(m) for m in [request, *self.before])


def codes(x):
    r = x.reply
    if x.success:
        for code in (432, 434, 435, 442, 443, 446):
            yield ("code", "%u for success" % code, as_error(r, code),
                   ["answered with %u" % code])
        yield ("code", "420 for an attribute that was not sent",
               as_error(r, 420, (UNKNOWN, b"\0\x31")), ["0x0031"])
    elif x.challenge:
        for code in (400, 431, 437, 442):
            yield ("code", "%u for 401" % code, as_error(r, code),
                   ["answered with %u" % code])
        yield ("accepted", "success for a challenge", r.of_kind(
            r.kind & ~0x0010).without(ERROR), ["had success"])


def missing(x):
    wanted = {COOKIE: "MAGIC-COOKIE"} if x.is_stun else {}
    if x.success:
        wanted[INTEGRITY] = "MESSAGE-INTEGRITY"
    else:
        wanted[ERROR] = "ERROR-CODE"
    if x.allocated:
        wanted.update({RELAY: "MAPPED-ADDRESS", LIFETIME: "LIFETIME",
                       MAPPED: "0x8020"})
    if x.challenge:
        wanted.update({REALM: "REALM", NONCE: "NONCE"})
    for kind, name in wanted.items():
        yield ("missing", "0x%04x" % kind, x.reply.without(kind), [name])


def added(x):
    r = x.reply
    for kind, name in ((DATA, "DATA"), (REMOTE, "REMOTE-ADDRESS"),
                       (0x0011, "DESTINATION-ADDRESS"), (0x0018, "0x0018"),
                       (SITE, "no bandwidth check")):
        yield ("added", "0x%04x" % kind, r.with_value(kind, bytes(8)), [name])
    if not x.allocated:
        yield ("added", "LIFETIME", r.with_value(
            LIFETIME, b"\0\0\2\x58"), ["LIFETIME"])
    if x.challenge:
        yield ("added", "MESSAGE-INTEGRITY", r.again(
            r.kind, r.attributes + [(INTEGRITY, bytes(20))]),
            ["MESSAGE-INTEGRITY"])
    if 0 < x.version < 4:
        yield ("added", "a second relay", r.with_value(
            SECOND_RELAY, r.plain("2001:db8::5", 50000)), ["both families"])
        yield ("added", "a session", r.with_value(SESSION, bytes(8)),
               ["knows no sessions"])


def addresses(x):
    r = x.reply
    ip, port = x.asked_by[0]
    if x.allocated:
        other = [("2001:db8::77", port)]
        seen = [m.endpoint(m.value(MAPPED)) for m in x.before
                if m.has(MAPPED)]
        on_link = ipaddress.ip_address(ip).packed[:3] == \
            ipaddress.ip_address(x.asked_by[1][0]).packed[:3]
        if on_link or seen:
            other += [("198.51.100.99", port), (ip, port ^ 1)]
        for where in other:
            yield ("address", "reflexive %s:%u" % where,
                   r.with_value(MAPPED, r.address(*where)), ["reflexive"])
        relay = r.endpoint(r.value(RELAY), False)
        for where in ((relay[0], 0), ("224.0.0.5", relay[1]), (ip, port),
                      ("2001:db8::5", relay[1])):
            yield ("address", "relay %s:%u" % where,
                   r.with_value(RELAY, r.plain(*where)), ["relay"])
    if r.has(ALTERNATE):
        for where in ((ip, 0), ("224.0.0.5", 3478), ("2001:db8::5", 3478)):
            yield ("address", "alternate server %s:%u" % where, r.with_value(
                ALTERNATE, r.plain(*where)), ["ALTERNATE-SERVER"])


def lifetimes(x):
    if not x.allocated:
        return
    asked = x.request.value(LIFETIME)
    for value in (1, 600) if asked == bytes(4) else (0,):
        yield ("lifetime", "%u" % value, x.reply.with_value(
            LIFETIME, struct.pack(">I", value)), ["LIFETIME"])


def order(x):
    r = x.reply
    if r.has(INTEGRITY):
        for kind in (LIFETIME, RELAY, MAPPED, VERSION):
            if r.has(kind):
                out = r.without(kind)
                out.attributes.append((kind, r.value(kind)))
                yield ("order", "0x%04x behind the integrity" % kind, out,
                       ["behind"])
    if not x.is_stun:
        return
    out = r.without(COOKIE)
    out.attributes.insert(1, ms_again.COOKIE)
    yield ("order", "the cookie second", out, ["MAGIC-COOKIE"])


def numbers(x):
    """Ids that the server gives, and that are said again later."""
    r = x.reply
    value = r.value(SEQUENCE)
    if value and len(value) == 24 and any(
            len(m.value(SEQUENCE) or b"") == 24
            for m in x.after + [p for p in x.before if p.kind == 0x0103]):
        yield ("connection", "another connection id", r.with_value(
            SEQUENCE, bytes([value[0] ^ 1]) + value[1:]),
            ["MS-SEQUENCE-NUMBER"])
    value = r.value(SESSION)
    if value and any(m.has(SESSION) and m.kind == 0x0003 for m in x.after):
        yield ("session", "another session id", r.with_value(
            SESSION, bytes([value[0] ^ 1]) + value[1:]),
            ["MULTIPLEXED-TURN-SESSION-ID"])


def nonces(x):
    nonce = x.request.value(NONCE)
    if x.success and nonce:
        yield ("nonce", "438 brings the same nonce", as_error(
            x.reply, 438, (REALM, x.request.value(REALM)),
            (NONCE, nonce)).without(INTEGRITY), ["NONCE"])


def methods(x):
    other = x.reply.kind & ~0xf | (6 if x.request.kind == 3 else 3)
    yield ("method", "0x%04x" % other, x.reply.of_kind(other), ["of method"])


MAKERS = (codes, missing, added, addresses, lifetimes, order, numbers, nonces,
          methods)


class MsRecording:
    """credentials: (user, realm, password) as bytes; they get a file."""
    share = 36  # mutants of it

    def __init__(self, name, packets, credentials, work):
        self.name, self.credentials = name, credentials
        self.keys = os.path.join(work, "%s.keys" % name.replace("/", "-"))
        with open(self.keys, "w", encoding="ascii") as f:
            for user, realm, password in credentials:
                f.write("base64:%s\t%s\tbase64:%s\n" % (
                    base64.b64encode(user).decode(), realm.decode(),
                    base64.b64encode(password).decode()))
        said = [(p, ms_again.parse(p.payload())) for p in packets
                if p.udp or p.tcp]
        ports = {p.ports()[0] for p, m in said if m and m.kind in (
            0x0103, 0x0113)}
        self.packets = [p for p, _ in said if set(p.ports()) & ports]
        self.said = [ms_again.parse(p.payload()) for p in self.packets]
        self.exchanges = list(self.find())

    def find(self):
        asked, seen = {}, set()
        for i, m in enumerate(self.said):
            if m and m.kind in REQUESTS:
                asked[m.txid] = (m, self.packets[i].ends())
            elif m and m.kind & 0x0100 and m.txid in asked and \
                    m.txid not in seen:
                seen.add(m.txid)
                request, ends = asked[m.txid]
                yield Exchange(i, m, request, ends, [
                    (k, o) for k, o in enumerate(self.said)
                    if o and set(self.packets[k].ends()) == set(ends)])

    def options(self):
        return ["--credentials", self.keys] if self.credentials else []

    def key(self, x):
        for user, realm, password in self.credentials:
            if x.request.value(USER) == user:
                return ms_again.key_of(user, realm, password)
        return None

    def mutants(self):
        """(kind, what, at, payload, words, without keys, too)"""
        for x in self.exchanges:
            key = self.key(x)
            for make in MAKERS:
                for kind, what, reply, words in make(x):
                    yield (kind, x.name + ": " + what, x.at,
                           reply.bytes(key), words, True)
            yield from self.sizes(x, key)
        yield from self.stale()
        yield from self.data()

    def sizes(self, x, key):
        n = len(x.reply.value(INTEGRITY) or b"")
        if not x.success or not n:
            return
        if key:
            yield ("integrity", x.name, x.at, x.reply.bytes(key, spoil=True),
                   ["MESSAGE-INTEGRITY"], False)
        for size in {20, 32, 24} - {n}:
            if size == 32 and not 0 < x.version < 3:
                continue
            yield ("size", "%s: %u bytes for %u" % (x.name, size, n), x.at,
                   x.reply.bytes(key, size=size), ["%u bytes" % size], True)

    def stale(self):
        signed = [x for x in self.exchanges
                  if x.success and x.request.has(NONCE)]
        for x, then in zip(signed, signed[1:]):
            if x.request.value(NONCE) == then.request.value(NONCE) and \
                    then.allocated and x.asked_by == then.asked_by:
                reply = as_error(x.reply, 438,
                                 (REALM, x.request.value(REALM)),
                                 (NONCE, b"fresh-nonce-0001")).without(
                                     INTEGRITY)
                yield ("stale", "accepted behind a 438", x.at,
                       reply.bytes(None), ["nonce is not valid"], True)

    def data(self):
        count = 0
        clients = {x.asked_by[0] for x in self.exchanges}
        for i, m in enumerate(self.said):
            if not m or m.kind != 0x0115 or count == 4 or \
                    self.packets[i].ends()[1] not in clients:
                continue
            count += 1
            for kind, name in ((REMOTE, "REMOTE-ADDRESS"), (DATA, "DATA")):
                yield ("data", "without 0x%04x" % kind, i,
                       m.without(kind).bytes(None), [name + " is missing"],
                       True)
            yield ("unasked", "Send is answered", i, m.again(
                0x0104, [ms_again.COOKIE]).bytes(None),
                ["Send of MS-TURN was answered"], True)


def tokens(program, path):
    """User names and passwords of MRAS that a capture shows."""
    run = subprocess.run(
        [program, "analyze", "-q", "-f", "json", "--show-secrets", path],
        capture_output=True, text=True, timeout=120, check=False)
    for t in json.loads(run.stdout)["tokens"]:
        if t.get("password"):
            yield tuple(
                base64.b64decode(w.removeprefix("base64:"))
                if w.startswith("base64:") else w.encode()
                for w in (t["username"], t["realm"] or "rtcmedia")) + (
                    base64.b64decode(t["password"].removeprefix("base64:")),)


def cut(data):
    """For capture_file.pieces: the framing of [MS-TURN] 2.1, and the hellos of
    pseudo-TLS in front of all."""
    front = 4 if data[0] in (2, 3) else 0
    at = 3 if data[0] == 0x16 else 2
    if len(data) < at + 2:
        return None
    return front, at + 2 + struct.unpack_from(">H", data, at)[0]


def of_libnice(work):
    """Two agents through our own server, in each mode and over each transport;
    nothing where libnice or a compiler is missing."""
    if not shutil.which("cc") or subprocess.run(
            ["pkg-config", "--exists", "nice"], check=False).returncode:
        return
    sys.path.insert(0, INTEROP)
    import serving  # pylint: disable=import-outside-toplevel
    import test_serve_ms as ms  # pylint: disable=import-outside-toplevel
    agent, who = ms.build(work), ms.token()
    words = [base64.b64decode(w) for w in who]
    for mode, transport in ms.PAIRS:
        if not mode.startswith("oc"):
            continue
        path = os.path.join(work, mode + transport + ".pcapng")
        server = serving.Server(
            "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
            "--ms-turn", "--mras-secret", ms.SECRET.decode(), "--realm",
            "rtcmedia", "--allow-loopback", "--record", path)
        ms.connect(agent, work, server, mode, transport, who)
        server.stop()
        yield MsRecording(
            "libnice %s over %s" % (mode, transport),
            list(capture_file.pieces(capture_file.read(path), cut)),
            [(words[0], b"rtcmedia", words[1])], work)


def all_of_them(program, captures, work):
    yield from of_libnice(work)
    folder = os.path.join(HERE, "..", "..", "captures", "lync-*.pcapng")
    for path in sorted(glob.glob(folder)):
        yield MsRecording(
            os.path.basename(path),
            list(capture_file.pieces(capture_file.read(path), cut)),
            list(tokens(program, path)), work)
    for path in sorted(glob.glob(os.path.join(
            captures, "real", "ndpi", "*.pcap*"))):
        if "teams" in path or "skype" in path:
            yield MsRecording("real/" + os.path.basename(path),
                              capture_file.read(path), [], work)
