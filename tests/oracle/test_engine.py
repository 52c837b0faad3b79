#!/usr/bin/env python3
"""The judge of the engine on recorded traffic of coturn, and of MS-TURN (TAP).

usage: test_engine.py [-v] [FILE...]

Runs over CAPTURES/recorded (see test_findings.py) and over what
ms_recordings.py, mras_recordings.py and sip_recordings.py bring; FILEs are
patterns, of the first alone.  First each capture as it is, with its keys and
without: nothing of the engine may be found.  In public captures with replies of
servers nothing but what REAL lists may be, each looked at.  Then mutants: one
reply at a time is altered so that it lies outside of what a correct server may
answer (code, attribute missing or added, address, lifetime, order, channel,
nonce, method, integrity; of MRAS attributes and elements of its document; of
registrars headers), and lengths, integrity and fingerprint are made right
again; or a second reply to one request follows.  One counts as found only if a finding engine/... other than a known
difference names what was altered.

What a capture cannot tell is not asked of it: an error that policy allows at
any time (486, 508, 403, 300, 500, a 438 to an old nonce), a mapped address
behind a NAT that is as good as the other.  -v lists what was not found.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import glob
import ipaddress
import itertools
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import capture_file  # noqa: E402
import mras_recordings  # noqa: E402
import ms_recordings  # noqa: E402
import sip_recordings  # noqa: E402
import stun_again  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
WANTED = 500       # mutants at least, with keys and without
FOUND = 0.95       # of those with keys
FOUND_BLIND = 0.95  # and without
KNOWN = "engine/known-difference"
SANITIZED = os.environ.get("MRASCOPE_SANITIZED")
THINNER = 4 if SANITIZED else 1  # what is found is no other with them
PER_CAPTURE = 36   # mutants of one capture
NUMBERS = itertools.count(1)

ERROR, REALM, NONCE, LIFETIME = 0x0009, 0x0014, 0x0015, 0x000d
RELAYED, MAPPED, PEER, TOKEN = 0x0016, 0x0020, 0x0012, 0x0022
EVEN, USERNAME, UNKNOWN, INTEGRITY = 0x0018, 0x0006, 0x000a, 0x0008
CHANNEL, FINGERPRINT, DATA = 0x000c, 0x8028, 0x0013
NAMES = {0x001: "Binding", 0x003: "Allocate", 0x004: "Refresh",
         0x008: "CreatePermission", 0x009: "ChannelBind"}

# Public captures with replies of STUN and TURN servers, and what is true of
# them; and those with answers of registrars.  turn.pcap: frame 14 is an error
# that has no ERROR-CODE.  register-invite-reinvite-bye.pcap: the server names
# another port than was registered.  public-cloudshark-sip-s0.pcap: a server of
# 2003 that gives no tag.  sip-pattern-matching__sip.pcap: its quotes are
# escaped where they must not be.
REAL = {
    "arkime/stun-ice-testcall.pcap": [],
    "arkime/turn.pcap": ["engine/attribute-missing 0:14"],
    "isa/sip.pcap": [],
    "mercury/emix.pcap": [],
    "mercury/stun.pcap": [],
    "ndpi/teams-all-but-video-media.pcap": [],
    "ndpi/wa_video.pcap": [],
    "ndpi/wa_voice.pcap": [],
    "ndpi/whatsapp_login_call.pcap": [],
    "gprshome/sip.pcap": [],
    "sip_captures/sip-register-ok-unregister.pcapng": [],
    "sip_captures/sip-register-publish-subscribe-489-401.pcapng": [],
    "sip_captures/sip-register-wrong_user-401-403-404.pcapng": [],
    "sip_captures/voip1b.pcapng": [],
    "sipnab/b2bua-asterisk.pcapng": [],
    "sipnab/register-invite-reinvite-bye.pcap": ["engine/value-wrong 0:2"],
    "sipnab/sip-auth-failure.pcapng": [],
    "sipnab/sip-routing-error.pcapng": [],
    "suricata-verify/public-cloudshark-sip-s0.pcap": [
        "engine/known-difference 0:7"],
    "suricata-verify/sip-method__sip.pcap": [],
    "suricata-verify/sip-pattern-matching__sip.pcap": [
        "engine/attribute-missing 0:2"],
    "suricata-verify/sip-tcp-bf9bd6be61.pcap": [],
    "tracepcap/stun_webrtc.pcap": [],
    "tracepcap/telegram_voice.pcapng": [],
    "wireshark-notes/webrtc-freeswitch.pcapng": [],
    "wireshark-notes/websocket-sip.pcapng": [],
    "zeek/sip__wireshark.pcap": [],
}

# What may stand in no such answer, by name in the finding.
STRANGERS = [(PEER, b"\0\1\x30\x39\xe1\xba\xa6\x43", "XOR-PEER-ADDRESS"),
             (USERNAME, b"mallory!", "USERNAME"),
             (CHANNEL, b"\x40\0\0\0", "CHANNEL-NUMBER"),
             (0x7f01, b"\0\0\0\1", "0x7f01")]

Mutant = collections.namedtuple("Mutant", "kind what at payload words blind")


def method_of(kind):
    return (kind & 0xf) | (kind & 0xe0) >> 1 | (kind & 0x3e00) >> 2


def error_value(code):
    return struct.pack(">HBB", 0, code // 100, code % 100) + b"No"


def as_error(reply, code, *more):
    out = reply.of_kind(reply.kind | 0x0010)
    out = out.without(RELAYED, MAPPED, LIFETIME, TOKEN)
    out.attributes.insert(0, (ERROR, error_value(code)))
    for kind, value in more:
        out = out.with_value(kind, value)
    return out


class Exchange:
    """A reply that can be altered, and its request."""

    def __init__(self, at, packet, reply, request, asked_by):
        self.at, self.packet = at, packet
        self.reply, self.request, self.asked_by = reply, request, asked_by
        self.method = method_of(reply.kind)
        self.name = NAMES[self.method]
        self.success = reply.kind & 0x0110 == 0x0100


def codes(x):
    """Errors that cannot answer this request, and successes that cannot."""
    r = x.reply
    if not x.success:
        number = r.value(ERROR)[2] * 100 + r.value(ERROR)[3]
        if number == 401 and not x.request.has(INTEGRITY):
            for code in (400, 437, 442, 441):
                yield ("code", "%u for 401" % code, r.with_value(
                    ERROR, error_value(code)).without(REALM, NONCE),
                    ["answered with %u" % code])
            yield ("accepted", "success for 401",
                   r.of_kind(r.kind & ~0x0010).without(ERROR, REALM, NONCE),
                   ["had success"])
        return
    right = {0x003: (442, 443, 446), 0x004: (442, 443, 437, 441),
             0x008: (443, 437, 441, 446), 0x009: (443, 437, 441, 446),
             0x001: (400, 401, 437)}[x.method]
    for code in right:
        yield ("code", "%u for success" % code, as_error(r, code),
               ["answered with %u" % code])
    yield ("code", "420 for an attribute that was not sent",
           as_error(r, 420, (UNKNOWN, b"\0\x31")), ["0x0031"])


def missing(x):
    wanted = {(0x003, True): (RELAYED, MAPPED, LIFETIME, INTEGRITY),
              (0x004, True): (LIFETIME, INTEGRITY),
              (0x008, True): (INTEGRITY,), (0x009, True): (INTEGRITY,),
              (0x001, True): (MAPPED,),
              (0x003, False): (ERROR, REALM, NONCE)}
    names = {RELAYED: "XOR-RELAYED-ADDRESS", MAPPED: "XOR-MAPPED-ADDRESS",
             LIFETIME: "LIFETIME", INTEGRITY: "MESSAGE-INTEGRITY",
             ERROR: "ERROR-CODE", REALM: "REALM", NONCE: "NONCE"}
    for kind in wanted.get((x.method, x.success), ()):
        yield ("missing", names[kind], x.reply.without(kind),
               [names[kind] + " is missing"])


def added(x):
    for kind, value, name in STRANGERS:
        if not x.reply.has(kind):
            yield ("added", name, x.reply.with_value(kind, value), [name])
    if x.success and x.method != 0x003:
        yield ("added", "XOR-RELAYED-ADDRESS", x.reply.with_value(
            RELAYED, x.reply.address("203.0.113.9", 50000)),
            ["XOR-RELAYED-ADDRESS"])
    if x.success and x.method == 0x003 and not x.reply.has(TOKEN):
        even = x.request.value(EVEN)
        if even is None:
            yield ("added", "RESERVATION-TOKEN", x.reply.with_value(
                TOKEN, b"12345678"), ["RESERVATION-TOKEN"])


def sees_itself(client, server):
    a, b = (ipaddress.ip_address(e[0]) for e in (client, server))
    return a.packed[:3] == b.packed[:3] or not a.is_private or \
        a in ipaddress.ip_network("203.0.113.0/24")


def addresses(x):
    r = x.reply
    if not x.success or not r.has(MAPPED):
        return
    ip, port = r.endpoint(r.value(MAPPED))
    client, server = x.asked_by
    if sees_itself(client, server):
        changed = [(ip, port ^ 1), (ip, port ^ 0x100), ("198.51.100.77", port)]
    else:
        changed = [("10.99.9.9", port), ("192.168.9.9", port)]
    for where in changed + [("2001:db8::77", port)]:
        yield ("address", "mapped %s:%u" % where,
               r.with_value(MAPPED, r.address(*where)), ["mapped address"])
    if r.has(RELAYED):
        ip, port = r.endpoint(r.value(RELAYED))
        other = [("2001:db8::5", port), (ip, 0), ("224.0.0.5", port)]
        if x.request.has(EVEN):
            other.append((ip, port | 1))
        for where in other:
            yield ("address", "relayed %s:%u" % where,
                   r.with_value(RELAYED, r.address(*where)), ["relayed"])


def lifetimes(x):
    if not x.success or not x.reply.has(LIFETIME):
        return
    asked = x.request.value(LIFETIME)
    asked = struct.unpack(">I", asked)[0] if asked else None
    if asked == 0 and x.method == 0x004:
        values = [1, 600, 3600]
    else:
        values = [0] + ([max(asked, 600) + 77, max(asked, 600) * 10]
                        if asked is not None else [])
        if asked is not None and asked > 600:
            values.append(30)
    for value in values:
        yield ("lifetime", "%u, asked %s" % (value, asked),
               x.reply.with_value(LIFETIME, struct.pack(">I", value)),
               ["LIFETIME"])


def order(x):
    r = x.reply
    if not r.has(INTEGRITY):
        return
    moved = [k for k in (LIFETIME, MAPPED, RELAYED) if r.has(k)]
    for kind in moved:
        out = r.without(kind)
        at = [a[0] for a in out.attributes].index(INTEGRITY) + 1
        out.attributes.insert(at, (kind, r.value(kind)))
        yield ("order", "0x%04x behind the integrity" % kind, out, ["behind"])
    out = r.without()
    at = [a[0] for a in out.attributes].index(INTEGRITY) + 1
    out.attributes.insert(at, (DATA, b"tail"))
    yield ("order", "DATA behind the integrity", out, ["behind"])


def nonces(x):
    nonce, realm = x.request.value(NONCE), x.request.value(REALM)
    if not x.success or nonce is None:
        return
    yield ("nonce", "438 brings the same nonce",
           as_error(x.reply, 438, (REALM, realm), (NONCE, nonce)), ["NONCE"])


def methods(x):
    for other in (0x003, 0x004, 0x008):
        if other != x.method:
            kind = x.reply.kind & 0x0110 | other
            yield ("method", "of 0x%03x" % other, x.reply.of_kind(kind),
                   ["of method"])


def twice(x):
    """A second success behind the first (see found())."""
    r = x.reply
    if x.success and r.has(RELAYED):
        ip, port = r.endpoint(r.value(RELAYED))
        yield ("again", "another relayed address", r.with_value(
            RELAYED, r.address(ip, port ^ 2)), ["success twice"])
    if x.success and x.request.value(LIFETIME) != bytes(4):
        yield ("again", "an error behind the success", as_error(r, 437),
               ["success and with error 437"])


MAKERS = (twice, codes, missing, added, addresses, lifetimes, order, nonces, methods)


class Recording:
    share = PER_CAPTURE

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, os.path.dirname(
            os.path.dirname(path)))
        truth = os.path.join(os.path.dirname(path), "truth.json")
        with open(truth, encoding="utf-8") as f:
            self.credentials = json.load(f)["credentials"]
        self.packets = self.read_turn()
        self.exchanges = list(self.find())

    def read_turn(self):
        """The packets of clients and servers of TURN alone."""
        packets = [p for p in capture_file.read(self.path) if p.udp]
        ports = {p.ports()[0] for p in packets
                 for m in [stun_again.parse(p.payload())]
                 if m and m.kind & 0x0100 and method_of(m.kind) == 0x003}
        ports |= {p.ports()[0] for p in packets
                  for m in [stun_again.parse(p.payload())]
                  if m and m.kind == 0x0101 and not m.has(INTEGRITY)}
        return [p for p in packets if set(p.ports()) & ports]

    def find(self):
        asked, seen = {}, set()
        for i, p in enumerate(self.packets):
            m = stun_again.parse(p.payload())
            if not m or method_of(m.kind) not in NAMES:
                continue
            if not m.kind & 0x0110:
                asked[m.txid] = (m, p.ends())
            elif m.kind & 0x0100 and m.txid in asked and m.txid not in seen:
                request, ends = asked[m.txid]
                seen.add(m.txid)
                if method_of(m.kind) == 0x001 and (
                        m.has(INTEGRITY) or request.has(USERNAME)):
                    continue
                yield Exchange(i, p, m, request, ends)

    def options(self):
        out = []
        for c in self.credentials:
            if c["kind"] in ("long-term", "turn-rest"):
                out += ["--credential", "%s:%s:%s" % (
                    c["username"], c["realm"], c["password"])]
        return out

    def key(self, x):
        user = x.request.value(USERNAME)
        for c in self.credentials:
            if user == c["username"].encode() and "realm" in c:
                return stun_again.long_term_key(
                    user, c["realm"].encode(), c["password"].encode())
        return None

    def mutants(self):
        for x in self.exchanges:
            key = self.key(x)
            if x.reply.has(INTEGRITY) and not key:
                continue
            for make in MAKERS:
                for kind, what, reply, words in make(x):
                    yield Mutant(kind, x.name + ": " + what, x.at,
                                 reply.bytes(key), words, True)
            if x.reply.has(INTEGRITY):
                yield Mutant("integrity", x.name, x.at,
                             x.reply.bytes(key, spoil=True),
                             ["MESSAGE-INTEGRITY"], False)
        yield from self.channels()
        yield from self.stale()
        yield from self.data()

    def channels(self):
        servers = {x.asked_by[1] for x in self.exchanges}
        count = 0
        for i, p in enumerate(self.packets):
            payload = p.payload()
            if len(payload) >= 4 and payload[0] == 0x40 and \
                    p.ends()[0] in servers and count < 4:
                count += 1
                yield Mutant("channel", "0x4fff", i,
                             b"\x4f\xff" + payload[2:], ["0x4fff"], True)

    def data(self):
        """Data indications of a peer that nobody let in, or without parts."""
        clients = {x.asked_by[0] for x in self.exchanges
                   if x.method == 0x003 and x.success}
        count = 0
        for i, p in enumerate(self.packets):
            m = stun_again.parse(p.payload())
            if not m or m.kind != 0x0017 or p.ends()[1] not in clients or \
                    count == 2:
                continue
            count += 1
            yield Mutant("data", "of a stranger", i, m.with_value(
                PEER, m.address("203.0.113.222", 9)).bytes(None),
                ["203.0.113.222", "not let in"], True)
            for kind, name in ((PEER, "XOR-PEER-ADDRESS"), (DATA, "DATA")):
                yield Mutant("data", "without " + name, i,
                             m.without(kind).bytes(None),
                             [name + " is missing"], True)

    def stale(self):
        """A 438 whose nonce is used on, and accepted."""
        signed = [x for x in self.exchanges if x.success and
                  x.request.has(NONCE) and self.key(x)]
        for x, then in zip(signed, signed[1:]):
            if x.request.value(NONCE) == then.request.value(NONCE) and \
                    x.asked_by == then.asked_by:
                reply = as_error(x.reply, 438,
                                 (REALM, x.request.value(REALM)),
                                 (NONCE, b"fresh-nonce-0001"))
                yield Mutant("stale", "accepted behind a 438", x.at,
                             reply.bytes(self.key(x)),
                             ["nonce is not valid"], True)


def found(recording, work, number, mutant, keys):
    """What is found of the engine in the recording with this mutant in it."""
    packets = list(recording.packets)
    if mutant and mutant.kind == "again":
        packets.insert(mutant.at + 1, packets[mutant.at].with_payload(
            mutant.payload))
    elif mutant:
        packets[mutant.at] = packets[mutant.at].with_payload(mutant.payload)
    path = os.path.join(work, "%s.pcap" % number)
    capture_file.write(path, packets)
    findings = analyze(path, recording.options() if keys else [])
    os.unlink(path)
    return [f for f in findings if f["severity"] != "info"]


def analyze(path, options):
    """What is found by the engine."""
    run = subprocess.run(
        [PROGRAM, "analyze", "-q", "-f", "json", path] + options,
        capture_output=True, text=True, timeout=120, check=False)
    return [f for f in json.loads(run.stdout)["findings"]
            if f["rule"].startswith("engine/")]


def root_of_captures():
    return os.environ.get("MRASCOPE_CAPTURES") or os.path.normpath(
        os.path.join(HERE, "..", "..", "..", "shared", "captures"))


def recordings(patterns):
    for path in sorted(glob.glob(os.path.join(
            root_of_captures(), "recorded", "*", "*.pcap*"))):
        name = "/".join(path.split("/")[-2:])
        if any(fnmatch.fnmatch(name, p) for p in patterns) or not patterns:
            r = Recording(path)
            if r.exchanges:
                yield r


def thin(mutants, share):
    """Evenly, so that all kinds and replies have theirs; of rare kinds all."""
    counts = collections.Counter(m.kind for m in mutants)
    rare = [m for m in mutants if counts[m.kind] <= 2]
    rest = [m for m in mutants if counts[m.kind] > 2]
    step = max(1, len(rest) / share)
    picked = {int(i * step) for i in range(share)}
    return rare + [m for i, m in enumerate(rest) if i in picked]


def judge(job):
    recording, mutant, keys, work, number = job
    findings = found(recording, work, number, mutant, keys)
    text = " ".join(f["message"] for f in findings)
    return mutant, keys, all(w in text for w in mutant.words), recording.name, \
        text


def report(number, what, fine, bad=()):
    print("%s %u - %s" % ("ok" if fine else "not ok", number, what))
    for line in list(bad)[:40]:
        print("# " + line)
    return fine


def tally(results, keys, what):
    kinds = collections.OrderedDict()
    for mutant, with_keys, hit, _, _ in results:
        if with_keys == keys:
            row = kinds.setdefault(mutant.kind, [0, 0])
            row[0] += hit
            row[1] += 1
    for kind, (hits, count) in sorted(kinds.items()):
        print("# %s, %s: %-10s %3u of %3u" % (
            what, "with keys" if keys else "without", kind, hits, count))
    return (sum(r[0] for r in kinds.values()),
            sum(r[1] for r in kinds.values()))


def unaltered(number, recording, work):
    bad = [f["message"] for keys in (True, False)
           for f in found(recording, work, 0, None, keys)]
    return report(number, recording.name + ": nothing is found", not bad, bad)


def jobs_of(recordings_of_one, work):
    for r in recordings_of_one:
        for mutant in thin([Mutant(*m) for m in r.mutants()],
                           max(1, r.share // THINNER)):
            for keys in (True, False):
                if mutant.blind if not keys else r.credentials:
                    number = "%x-%u" % (id(r), next(NUMBERS))
                    yield r, mutant, keys, work, number


def rate(number, what, results, keys, verbose):
    """Each class, and all together."""
    least = FOUND if keys else FOUND_BLIND
    hits, count = tally(results, keys, what)
    lost = ["%s: %s: %s (%s)" % (name, m.kind, m.what, text)
            for m, k, fine, name, text in results if k == keys and not fine]
    return report(
        number, "%s: %u of %u mutants are found %s keys" % (
            what, hits, count, "with" if keys else "without"),
        count and hits >= least * count,
        lost if verbose or hits < least * count else ())


def replies_in(path):
    """Of servers, agents and registrars, as many as there are."""
    run = subprocess.run([PROGRAM, "frames", path], capture_output=True,
                         text=True, timeout=120, check=False)
    return sum(m.get("stun", {}).get("class") in ("success", "error") or
               m.get("sip", {}).get("cseq", "").endswith("REGISTER") and
               (m["sip"]["status"] or 0) >= 200
               for m in map(json.loads, run.stdout.splitlines()))


def public_captures(at):
    """What is found, and how often an entry of the matrix of differences that
    servers are known by (src/engine/replay_judge.c) was needed."""
    fine, known, replies = True, 0, 0
    for name in sorted(REAL):
        at += 1
        path = os.path.join(root_of_captures(), "real", name)
        seen = ["%s %s" % (f["rule"], f["frames"][0])
                for f in analyze(path, [])]
        known += sum(KNOWN in s for s in seen)
        replies += replies_in(path)
        fine &= report(at, "real/%s: what is found is true" % name,
                       seen == REAL[name], seen)
    return fine & report(
        at + 1, "%u of %u replies in them differ as servers are known to" % (
            known, replies), replies and known <= 0.01 * replies)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if not os.path.isdir(os.path.join(root_of_captures(), "recorded")):
        print("1..0 # SKIP no captures")
        return 0
    fine = True
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        dialects = {"TURN": list(recordings(options.files))}
        if not options.files:
            dialects["MS-TURN"] = [
                r for r in ms_recordings.all_of_them(
                    PROGRAM, root_of_captures(), work) if r.exchanges]
            dialects["MRAS"] = [
                r for r in mras_recordings.all_of_them(work) if r.exchanges]
            dialects["SIP"] = [r for r in sip_recordings.all_of_them(
                work, root_of_captures()) if r.exchanges]
        real = 0 if options.files else len(REAL) + 1
        whole = sum(len(r) for r in dialects.values())
        ways = {what: (True, False) if any(r.credentials for r in chosen)
                else (False,) for what, chosen in dialects.items()}
        print("1..%u" % (whole + real + 1 + sum(map(len, ways.values()))))
        at = jobs = 0
        for what, chosen in dialects.items():
            for r in chosen:
                at += 1
                fine &= unaltered(at, r, work)
            results = list(pool.map(judge, jobs_of(chosen, work)))
            jobs += len(results)
            for keys in ways[what]:
                at += 1
                fine &= rate(at, what, results, keys, options.v)
    if real:
        fine &= public_captures(at)
    fine &= report(at + real + 1, "%u mutants are enough" % jobs,
                   jobs >= WANTED // THINNER or bool(options.files))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
