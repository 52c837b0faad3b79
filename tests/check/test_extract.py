#!/usr/bin/env python3
"""mrascope extract: each call of the bundled captures, and of the recorded
ones where ../shared/captures exists, taken out and analysed again, has the
same verdict and findings, and another program reads the copy (TAP)."""
import glob
import os
import shutil
import ssl
import struct
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

from support import CAPTURES, CALL, PROGRAM, TOP, run_tests, want

sys.path.append(os.path.join(TOP, "tests", "golden"))
import packets  # noqa: E402

SHARED = os.path.join(TOP, os.pardir, "shared", "captures", "recorded")
KEYS = ["--credential", "alice:lab.example:wonderland",
        "--credential", "bob:lab.example:builder",
        "--turn-secret", "through-the-mirror"]
CALLS_MAX = 3  # of one capture
SUFFIXES = (".pcap", ".pcapng", ".cap")


def call_of(document, key):
    calls = [c for c in document["calls"] if c["key"] == key]
    return calls[0] if calls else None


def rules_of(document, call):
    return sorted(f["rule"] for f in document["findings"]
                  if f["call"] == call["id"])


def verdict_of(call):
    """Without the frames of its causes, which have other numbers then."""
    verdict = dict(call["verdict"])
    verdict["causes"] = [{k: v for k, v in cause.items() if k != "frames"}
                         for cause in verdict["causes"]]
    return verdict


def is_marked(path):
    """Frames that tshark finds malformed; None: it cannot be asked, or was
    asked of the same copies in the plain build."""
    if not shutil.which("tshark") or os.environ.get("MRASCOPE_SANITIZED"):
        return None
    done = subprocess.run(["tshark", "-r", path, "-Y", "_ws.malformed"],
                          capture_output=True, text=True, timeout=120)
    want(done.returncode == 0, done.stderr)
    return len(done.stdout.splitlines())


def extracted(folder, path, more, most=None):
    """Extracts each call, or only the first ones, and compares; how many there
    were."""
    before = folder.json("analyze", "-q", "-f", "json", *more, path)
    calls = before["calls"][:most]
    step = max(1, len(calls) // CALLS_MAX)
    for number in range(0, len(calls), step):
        call = calls[number]
        status, _, err = folder.run("extract", "-q", *more, "-c",
                                    str(number + 1), "-o", "out.pcapng", path)
        want(status == 0, path, status, err)
        after = folder.json("analyze", "-q", "-f", "json", *more,
                            "out.pcapng")
        again = call_of(after, call["key"])
        want(again, "%s: call %d is gone" % (path, number + 1))
        want(verdict_of(again) == verdict_of(call), path, call["key"],
             call["verdict"], again["verdict"])
        want([s["state"] for s in again["stages"]] ==
             [s["state"] for s in call["stages"]], path, call["key"])
        want(rules_of(after, again) == rules_of(before, call), path,
             call["key"], rules_of(before, call), rules_of(after, again))
        want(after["captures"][0]["frames"] <=
             before["captures"][0]["frames"])
        new = is_marked(folder.at("out.pcapng"))
        want(not new or new <= is_marked(path), path, "malformed: %s" % new)
    return len(calls[::step])


def bundled_calls_stay_the_same(folder):
    count = 0
    for path in sorted(glob.glob(os.path.join(CAPTURES, "*"))):
        if not path.endswith(SUFFIXES):
            continue
        more = list(KEYS)
        if os.path.basename(path) == "call-over-tls-established.pcap":
            more += ["--keylog", path.replace(".pcap", ".keys")]
        if "tls-rsa" in path:
            more += ["--rsa-key", path.replace(".pcap", ".pem")]
        count += extracted(folder, path, more)
    want(count > 30, count)
    print("# %d calls" % count)


def recorded_calls_stay_the_same(folder):
    paths = sorted(p for p in glob.glob(os.path.join(SHARED, "*", "*"))
                   if p.endswith(SUFFIXES))
    if not paths:
        return "no ../shared/captures/recorded"
    print("# %d calls" % sum(extracted(folder, p, KEYS) for p in paths))
    return None


def failed_recipes_stay_the_same(folder):
    """Also where nothing but a server that does not answer, a name or a web
    service is in the evidence, or NAT made the client another one, which
    alone tells less.  Not where what others say shows that the capture went on
    behind the call, which an extract leaves out."""
    for recipe in sorted(glob.glob(os.path.join(TOP, "tests", "recipes",
                                                "failed", "*.recipe"))):
        if "asks-again" in recipe:
            continue
        with open(recipe, encoding="utf-8") as f:
            path = folder.make(os.path.basename(recipe) + ".pcapng",
                               f.read())
        want(extracted(folder, path, [],
                       1 if "client-moved" in recipe else None) > 0, recipe)


def calls_told_outside_of_sip_come_with_that(folder):
    for name in ("call-signalled-in-json", "call-over-http2"):
        with open(os.path.join(TOP, "tests", "recipes", "good",
                               name + ".recipe"), encoding="utf-8") as f:
            path = folder.make(name + ".pcapng", f.read())
        want(extracted(folder, path, []) == 1, name)


BEHIND_RELAY = """\
host alice 10.0.0.1
host relay 198.51.100.4
host bob 192.0.2.3
stun alice:5000 relay:3478 send 1 xor-peer-address=bob:6000
	check 4 alice bobs ice-controlling=1 use-candidate
stun relay:3478 alice:5000 data 2 xor-peer-address=bob:6000
	answer 4 bobs xor-mapped-address=relay:50000
check relay:50000 bob:6000 5 alice bobs ice-controlling=1
"""


def relays_of_before_come_with_what_they_carry(folder):
    """The capture begins behind the allocation."""
    path = folder.make("behind.pcapng", BEHIND_RELAY)
    want(extracted(folder, path, []) == 1)


def comments_name_the_evidence(folder):
    path = os.path.join(CAPTURES, "allocate-wrong-password-failed.pcap")
    folder.run("extract", "-o", "out.pcapng", path)
    with open(folder.at("out.pcapng"), "rb") as f:
        data = f.read()
    want(b"mrascope: error gathering/wrong-credentials: " in data)
    want(b"mrascope: call 1, exchange: ok" in data)


def other_calls_stay_behind(folder):
    other = CALL.replace("INVITE 1\n", "INVITE 1 call=other\n").replace(
        "1 INVITE\n", "1 INVITE call=other\n").replace(
            "ACK 1 tag", "ACK 1 tag call=other").replace(
                "BYE 2 tag", "BYE 2 tag call=other").replace(
                    "200 2 BYE", "200 2 BYE call=other").replace(
                        "aaaa", "eeee").replace("bbbb", "ffff").replace(
                            ":5000", ":7000").replace(
                                ":5001", ":7001").replace(":6000", ":8000")
    other = other.replace("host alice 192.0.2.10\nhost bob 192.0.2.20\n", "")
    path = folder.make("two.pcapng", CALL + other)
    both = folder.json("-f", "json", path)
    want(len(both["calls"]) == 2, len(both["calls"]))
    folder.run("extract", "-c", "other", "-o", "out.pcapng", path)
    one = folder.json("-f", "json", "out.pcapng")
    want([c["call_id"] for c in one["calls"]] == ["other"], one["calls"])
    want(one["captures"][0]["frames"] * 2 == both["captures"][0]["frames"],
         one["captures"], both["captures"])


def logs_come_along(folder):
    """A capture and a log with a clock of its own become one capture."""
    inputs = [os.path.join(TOP, "tests", "golden", "log-inputs", name)
              for name in ("relay.pcapng", "relay.uccapilog")]
    before = folder.json("-q", "-f", "json", *inputs)
    folder.run("extract", "-q", "-c", "1", "-o", "out.pcapng", *inputs)
    after = folder.json("-q", "-f", "json", "out.pcapng")
    for document in (before, after):
        want(len(document["calls"]) == 1, document["calls"])
    one, two = before["calls"][0], after["calls"][0]
    want(verdict_of(one) == verdict_of(two), verdict_of(two))
    want([s["state"] for s in two["stages"]] == ["ok"] * 5, two["stages"])
    want([s["start"] for s in one["stages"]] ==
         [s["start"] for s in two["stages"]], two["stages"])
    want(after["allocations"][0]["integrity"]["verified"] == 2,
         after["allocations"])


def several_vantages_stay_apart(folder):
    """Captures of one call from three places become one, with an interface
    for each, also where a NAT gives the call other addresses."""
    for name, lost in (("call-over-two-relays-established", True),
                       ("call-over-one-relay-established", False)):
        paths = sorted(glob.glob(os.path.join(CAPTURES, name + ".*.pcap*")))
        want(len(paths) == 3, paths)
        before = folder.json("-q", "-f", "json", *KEYS, *paths)
        folder.run("extract", "-q", *KEYS, "-c", "1", "-o", "out.pcapng",
                   *paths)
        after = folder.json("-q", "-f", "json", *KEYS, "out.pcapng")
        one, two = before["calls"][0], call_of(after,
                                               before["calls"][0]["key"])
        want(two and verdict_of(one) == verdict_of(two), name, two)
        want([s["state"] for s in one["stages"]] ==
             [s["state"] for s in two["stages"]], name)
        rules = rules_of(before, one)
        want(rules == rules_of(after, two), rules, rules_of(after, two))
        want(("probing/lost-between-vantages" in rules) == lost, rules)


def call_that_is_not_there_is_an_error(folder):
    path = folder.make("a.pcapng", CALL)
    status, _, err = folder.run("extract", "-c", "nobody", "-o",
                                "out.pcapng", path)
    want(status == 3 and "no such call" in err, status, err)


TUNNEL = (bytes((198, 51, 100, 1)), bytes((198, 51, 100, 2)))
PAIR = (bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2)))


def ip4_pieces(ends, protocol, payload, number, size):
    """IPv4 packets without options or checksum, in fragments of `size`."""
    for at in range(0, len(payload), size):
        part = payload[at:at + size]
        rest = 0x2000 if at + size < len(payload) else 0
        yield struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), number,
                          rest | at // 8, 64, protocol, 0) + \
            b"".join(ends) + part


def in_pieces_of_pieces(text):
    """UDP in two fragments, each of which goes through a tunnel in three."""
    body = struct.pack("!HHHH", 5060, 5060, 8 + len(text), 0) + text
    return [b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + frame
            for number, inner in enumerate(ip4_pieces(PAIR, 17, body, 7,
                                                      1480))
            for frame in ip4_pieces(TUNNEL, 4, inner, 20 + number, 600)]


def fragments_of_fragments_come_along(folder):
    text = ("INVITE sip:bob@192.0.2.2 SIP/2.0\r\n"
            "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:alice@192.0.2.1>;tag=a\r\n"
            "To: <sip:bob@192.0.2.2>\r\nCall-ID: nested\r\n"
            "CSeq: 1 INVITE\r\nContact: <sip:alice@192.0.2.1>\r\n"
            "Subject: " + 450 * "long " + "\r\nContent-Length: 0\r\n\r\n")
    frames = in_pieces_of_pieces(text.encode())
    # Pieces of somebody else's between the same two.
    other = list(ip4_pieces(TUNNEL, 4, 1200 * b"?", 99, 600))[:1]
    frames[3:3] = [frames[0][:14] + other[0]]
    with open(folder.at("nested.pcap"), "wb") as f:
        f.write(packets.pcap(frames))
    before = folder.json("-f", "json", "nested.pcap")
    want([c["call_id"] for c in before["calls"]] == ["nested"],
         before["calls"])
    folder.run("extract", "-q", "-c", "nested", "-o", "out.pcapng",
               "nested.pcap")
    after = folder.json("-f", "json", "out.pcapng")
    want([c["call_id"] for c in after["calls"]] == ["nested"], after["calls"])
    want(after["captures"][0]["frames"] == len(frames) - 1,
         after["captures"])


# ---- one call of many on one connection ----

CALLS = 12
ENDS = (("192.0.2.1", 5061), ("192.0.2.2", 5060))
SEGMENT = 400  # messages go across


def message(first, call, cseq, body=""):
    return (first + "\r\n"
            "Via: SIP/2.0/TCP 192.0.2.1:5061;branch=z9hG4bK%s%s\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:a@192.0.2.1>;tag=%s\r\n"
            "To: <sip:b@192.0.2.2>%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
            "Contact: <sip:192.0.2.1:5061;transport=tcp>\r\n"
            "%sContent-Length: %d\r\n\r\n%s" % (
                call, cseq.replace(" ", ""), call,
                "" if first.startswith("INVITE") else ";tag=b" + call, call,
                cseq, "Content-Type: application/sdp\r\n" if body else "",
                len(body), body)).encode()


def sdp(port):
    return ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
            "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\n" % port)


def story(number):
    """(side, message) of a call: established, refused or not answered."""
    call = "call%d" % number
    uri = "sip:b@192.0.2.2"
    yield 0, message("INVITE %s SIP/2.0" % uri, call, "1 INVITE",
                     sdp(4000 + 2 * number))
    if number % 4 == 3:
        return
    if number % 4 == 2:
        yield 1, message("SIP/2.0 486 Busy Here", call, "1 INVITE")
        yield 0, message("ACK %s SIP/2.0" % uri, call, "1 ACK")
        return
    yield 1, message("SIP/2.0 180 Ringing", call, "1 INVITE")
    yield 1, message("SIP/2.0 200 OK", call, "1 INVITE",
                     sdp(6000 + 2 * number))
    yield 0, message("ACK %s SIP/2.0" % uri, call, "1 ACK")
    yield 0, message("BYE %s SIP/2.0" % uri, call, "2 BYE")
    yield 1, message("SIP/2.0 200 OK", call, "2 BYE")


def many_calls():
    """Their messages in turn."""
    stories = [story(number) for number in range(CALLS)]
    while stories:
        for one in list(stories):
            said = next(one, None)
            if said:
                yield said
            else:
                stories.remove(one)


def as_tcp(said, whole=False):
    """Frames of a connection; what one side says in turn goes in segments
    that care nothing for messages."""
    next_of = [1000, 5000]

    def frame(side, data, flags):
        out = packets.tcp(ENDS[side], ENDS[not side], next_of[side], data,
                          flags, next_of[not side])
        next_of[side] += len(data) + (flags & 3 != 0)
        return out

    yield frame(0, b"", 2)
    yield frame(1, b"", 0x12)
    yield frame(0, b"", 0x10)
    waiting = [b"", b""]
    for side, data in said:
        waiting[side] += data
        while len(waiting[side]) >= SEGMENT or (whole and waiting[side]):
            yield frame(side, waiting[side][:SEGMENT], 0x18)
            yield frame(not side, b"", 0x10)
            waiting[side] = waiting[side][SEGMENT:]
    for side in (0, 1):
        if waiting[side]:
            yield frame(side, waiting[side], 0x18)
    yield frame(0, b"", 0x11)
    yield frame(1, b"", 0x11)
    yield frame(0, b"", 0x10)


def in_time(frames, start=packets.START):
    out = packets.pcap([])
    for number, one in enumerate(frames):
        seconds, part = divmod(number * 20, 1000)
        out += struct.pack("<IIII", start + seconds, part * 1000, len(one),
                           len(one)) + one
    # The capture goes on behind it, so that who was not answered was not.
    later = packets.udp(("192.0.2.8", 9), ("192.0.2.9", 9), b"?")
    return out + struct.pack("<IIII", start + 300, 0, len(later),
                             len(later)) + later


def hold_one_of_many(folder, name, more, parts):
    """Each call alone is what it was among the others; how many frames of
    how many the largest has."""
    before = folder.json("-q", "-f", "json", *more, name)
    calls = [c for c in before["calls"] if c["call_id"]]
    want(len(calls) == CALLS, len(calls), before["findings"])
    want(len({c["verdict"]["outcome"] for c in calls}) == 3, calls)
    most = 0
    for call in calls:
        folder.run("extract", "-q", *more, "-c", call["call_id"], "-o",
                   "out.pcapng", name)
        after = folder.json("-q", "-f", "json", *more, "out.pcapng")
        again = call_of(after, call["key"])
        want(again, call["call_id"], "is gone")
        # A message that is not the first in segments that came out of turn
        # may be told at the time of another one of them.
        for part in ("media", "dialogs") if name == "swapped" else (
                "start", "end", "media", "dialogs"):
            want(told(again[part], name) == told(call[part], name), part,
                 again[part], call[part])
        want(verdict_of(again) == verdict_of(call), call["verdict"],
             again["verdict"])
        want([s["state"] for s in again["stages"]] ==
             [s["state"] for s in call["stages"]], call["key"])
        want(rules_of(after, again) == rules_of(before, call),
             rules_of(after, again))
        want(not [f for f in after["findings"]
                  if f["rule"].startswith("capture/")], after["findings"])
        most = max(most, after["captures"][0]["frames"])
        if parts:
            want(len([c for c in after["calls"] if c["call_id"]]) < CALLS / 2,
                 after["calls"])
    return most, before["captures"][0]["frames"]


def told(value, name):
    """Without what has other numbers in another capture."""
    if isinstance(value, list):
        return [told(one, name) for one in value]
    if isinstance(value, dict):
        return {k: told(v, name) for k, v in value.items()
                if k not in ("frame", "frames", "id") and
                (name != "swapped" or k != "time")}
    return value


def one_of_many_over_tcp_comes_alone(folder):
    """By segments that care nothing for messages, whole, copied, swapped, and
    from the middle of the connection on."""
    plain = list(as_tcp(many_calls()))
    copied = [f for one in plain for f in (one, one)]
    swapped = list(plain)
    for at in range(5, len(plain) - 8, 9):
        swapped[at], swapped[at + 2] = swapped[at + 2], swapped[at]
    for name, frames in (("plain", plain), ("copied", copied),
                         ("swapped", swapped), ("middle", plain[3:])):
        folder.write(name, in_time(frames))
        most, total = hold_one_of_many(folder, name, [], True)
        want(most < total / 2, name, most, total)


def one_of_many_over_sctp_comes_alone(folder):
    recipe = ["host alice 192.0.2.1", "host bob 192.0.2.2",
              "sctp s alice:5060 bob:5060"]
    for step in range(5):
        for number in range(CALLS):
            call = " call=call%d" % number
            kind = (number % 4 if number % 4 > 1 else 0, step)
            lines = {
                (0, 0): ["chunks 100 order=2,1", "\tsip s> INVITE 1" + call,
                         "\t\tsdp alice:%d" % (5000 + 2 * number)],
                (0, 1): ["sip s< 180 1 INVITE" + call],
                (0, 2): ["chunks 200", "\tsip s< 200 1 INVITE" + call,
                         "\t\tsdp bob:%d" % (6000 + 2 * number)],
                (0, 3): ["sip s> ACK 1 tag" + call, "sip s> BYE 2 tag" + call],
                (0, 4): ["sip s< 200 2 BYE" + call],
                (2, 0): ["sip s> INVITE 1" + call],
                (2, 1): ["sip s< 486 1 INVITE" + call],
                (2, 2): ["sip s> ACK 1 tag" + call],
                (3, 0): ["sip s> INVITE 1" + call]}.get(kind, [])
            recipe += lines + ["ack s<"] * bool(lines)
    folder.make("sctp.pcapng", "\n".join(recipe + ["wait 300s",
                                                   "ack s<", ""]))
    most, total = hold_one_of_many(folder, "sctp.pcapng", [], True)
    want(most < total / 4, most, total)


def one_of_many_over_tls_keeps_the_connection(folder):
    """Each record needs those before it."""
    if subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                       "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                       "/CN=sip", "-keyout", "key", "-out", "certificate"],
                      cwd=folder.path, capture_output=True,
                      check=False).returncode:
        return "no openssl"
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder.at("certificate"), folder.at("key"))
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.keylog_filename = folder.at("keys")
    folder.write("tls", in_time(as_tcp(list(
        through_tls((client, server), many_calls())), whole=True)))
    most, total = hold_one_of_many(folder, "tls", ["--keylog", "keys"], False)
    want(most == total - 1, most, total)
    return None


def through_tls(contexts, said):
    """(side, bytes) on the wire."""
    pipes = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    ends = [contexts[side].wrap_bio(*pipes[side], server_side=bool(side))
            for side in range(2)]

    def moved(side):
        data = pipes[side][1].read()
        if data:
            pipes[not side][0].write(data)
            yield side, data

    for _ in range(4):
        for side in range(2):
            try:
                ends[side].do_handshake()
            except ssl.SSLWantReadError:
                pass
            yield from moved(side)
    for side, data in said:
        ends[side].write(data)
        yield from moved(side)
        want(ends[not side].read(65536) == data)


def inputs_are_never_written_over(folder):
    """By any of the options that write, whatever the file is called."""
    os.mkdir(folder.at("all"))
    for name in ("a.pcap", "all/a.pcap"):
        shutil.copy(os.path.join(CAPTURES, "register-ok.pcap"),
                    folder.at(name))
    os.symlink("a.pcap", folder.at("b.pcap"))
    folder.write("keys", "CLIENT_RANDOM none\n")
    for words in (("extract", "-o", "a.pcap", "a.pcap"),
                  ("-o", "./a.pcap", "a*.pcap"),
                  ("frames", "-o", "b.pcap", "a.pcap"),
                  ("-f", "json", "-o", "all/a.pcap", "all"),
                  ("check", "-f", "json=a.pcap", "a.pcap"),
                  ("check", "--write-baseline", "a.pcap", "a.pcap"),
                  ("live", "--follow", "a.pcap", "-w", "a.pcap"),
                  ("tui", "--screen", "none", "--save", "pcap=a.pcap",
                   "a.pcap"),
                  ("sngrep", "-N", "-I", "a.pcap", "-O", "a.pcap"),
                  ("--keylog", "keys", "-o", "keys", "a.pcap")):
        status, _, err = folder.run(*words)
        want(status == 2 and "one of the files to read" in err, words, status,
             err)
    with open(os.path.join(CAPTURES, "register-ok.pcap"), "rb") as f:
        whole = f.read()
    for name in ("a.pcap", "all/a.pcap"):
        with open(folder.at(name), "rb") as f:
            want(f.read() == whole, name)
    # What was made of a folder may lie there, and be made anew.
    for _ in range(2):
        status, _, err = folder.run("-q", "-f", "json", "-o", "all/out.json",
                                    "all")
        want(status == 0, err)


def pipe_that_ends_inside_a_frame_is_told(folder):
    """live follows what comes; that the last frame is cut is no success."""
    with open(os.path.join(CAPTURES, "call-with-video-established.pcap"),
              "rb") as f:
        whole = f.read()
    for given, wanted in ((whole, 0), (whole[:3000], 3)):
        run = subprocess.run([PROGRAM, "live", "--no-sandbox", "--follow",
                              "-"], input=given, capture_output=True,
                             check=False, timeout=30)
        want(run.returncode == wanted, run.returncode, run.stderr)
        want((b"cut off" in run.stderr) == (wanted == 3), run.stderr)


TESTS = [pipe_that_ends_inside_a_frame_is_told,
         inputs_are_never_written_over, bundled_calls_stay_the_same,
         recorded_calls_stay_the_same, fragments_of_fragments_come_along,
         failed_recipes_stay_the_same,
         calls_told_outside_of_sip_come_with_that,
         relays_of_before_come_with_what_they_carry, comments_name_the_evidence,
         other_calls_stay_behind, logs_come_along,
         one_of_many_over_tcp_comes_alone, one_of_many_over_sctp_comes_alone,
         one_of_many_over_tls_keeps_the_connection,
         several_vantages_stay_apart,
         call_that_is_not_there_is_an_error]

if __name__ == "__main__":
    run_tests(TESTS, 2)
