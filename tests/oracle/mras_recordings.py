"""Answers of MRAS ([MS-AVEDGEA]), and what a mutant of theirs is: for
test_engine.py.

They are of the bundled calls of Lync, and of `mrascope serve`, which is asked
here for what those calls do not ask for: each version, several tokens at once,
and what has to be refused.

Not asked for is what nobody could find: a shorter duration (the server's
longest may be that), another relay or port, another token, a refusal that says
nothing of the request (Server Busy, Forbidden, ...).
"""
import copy
import glob
import os
import re
import socket
import sys
import xml.etree.ElementTree as ET

import capture_file

HERE = os.path.dirname(os.path.abspath(__file__))
INTEROP = os.path.join(HERE, "..", "interop")
SPACE = "http://schemas.microsoft.com/2006/09/sip/mrasp"
TYPE = "application/msrtc-media-relay-auth+xml"
WHO, EDGE = "sip:alice@example.test", "sip:MRASLoc.example.test@example.test"
ET.register_namespace("", SPACE)


def named(name):
    return "{%s}%s" % (SPACE, name)


class Sip:
    """A message of SIP whose body can be changed."""

    def __init__(self, text):
        head, self.body = text.split(b"\r\n\r\n", 1)
        self.lines = head.decode("utf-8").split("\r\n")

    def header(self, name):
        for line in self.lines[1:]:
            key, _, value = line.partition(":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return ""

    def bytes(self, body=None, **changes):
        """changes: a header with _ for -, and its value; None drops it;
        start, the first line."""
        body = self.body if body is None else body
        new = {k.replace("_", "-").lower(): v for k, v in changes.items()}
        out = [new.pop("start", self.lines[0])]
        for line in self.lines[1:]:
            key = line.partition(":")[0].strip()
            value = new.get(key.lower(), line.partition(":")[2].strip())
            if key.lower() == "content-length":
                value = len(body)
            if value is not None:
                out.append("%s: %s" % (key, value))
        return "\r\n".join(out).encode() + b"\r\n\r\n" + body


def cut(data):
    """For capture_file.pieces."""
    blank = len(data) - len(data.lstrip(b"\r\n"))
    if blank:
        return 0, blank
    end = data.find(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", data[:end + 2], re.I)
    return (0, end + 4 + int(length.group(1))) if end > 0 and length else None


class Exchange:
    def __init__(self, at, reply, request):
        self.at, self.reply, self.request = at, reply, request
        self.asked = None
        if request.body.rstrip().endswith(b"</request>"):
            self.asked = ET.fromstring(request.body)
        self.root = ET.fromstring(reply.body) if reply.body else None
        self.reason = self.root.get("reasonPhrase") \
            if self.root is not None else None
        self.good = self.reason == "OK"
        self.version = self.asked.get("version") \
            if self.asked is not None else ""

    def changed(self, change):
        """The answer with its document changed."""
        root = copy.deepcopy(self.root)
        change(root)
        return self.reply.bytes(ET.tostring(root))


def parts(root, name):
    """Each with what holds it."""
    return [(parent, e) for parent in root.iter() for e in list(parent)
            if e.tag == named(name)]


def setting(name, value):
    return lambda root: root.set(name, value)


def lacking(name):
    return lambda root: root.attrib.pop(name)


def without(name):
    def change(root):
        for parent, e in parts(root, name):
            parent.remove(e)
    return change


def twice(name):
    def change(root):
        parent, e = parts(root, name)[0]
        parent.insert(list(parent).index(e), copy.deepcopy(e))
    return change


def telling(name, text):
    def change(root):
        parts(root, name)[0][1].text = text
    return change


def in_front(name, other):
    def change(root):
        parent, e = parts(root, name)[0]
        before = parts(root, other)[0][1]
        parent.remove(e)
        parent.insert(list(parent).index(before), e)
    return change


def adding(where, name, text):
    def change(root):
        ET.SubElement(parts(root, where)[0][1], named(name)).text = text
    return change


def refusing(phrase, *, keep=False, echo=True, **attributes):
    def change(root):
        if not keep:
            without("credentialsResponse")(root)
        for name in () if echo else ("requestID", "to", "from"):
            root.attrib.pop(name, None)
        root.set("reasonPhrase", phrase)
        for name, value in attributes.items():
            root.set(name, value)
    return change


def echoes(x):
    for name in ("requestID", "to", "from"):
        if x.root.get(name):
            yield ("echo", name, x.changed(setting(
                name, x.root.get(name) + "9")), [name + " is"])
            yield ("missing", name, x.changed(lacking(name)),
                   [name + " is missing"])
        else:
            yield ("echo", name + " in spite of all", x.changed(setting(
                name, "sip:alice@example.test")), [name + " stands"])


def missing(x):
    for name in ("version", "reasonPhrase"):
        yield ("missing", name, x.changed(lacking(name)), [name])
    if not x.good:
        return
    for name in ("credentialsResponse", "credentials", "username", "password",
                 "duration", "mediaRelayList", "mediaRelay", "location",
                 "hostName"):
        if parts(x.root, name):
            yield ("missing", name, x.changed(without(name)), [{
                "credentials": "username",
                "mediaRelayList": "mediaRelay"}.get(name, name)])

    def portless(root):
        without("udpPort")(root)
        without("tcpPort")(root)
    yield ("missing", "both ports", x.changed(portless), ["Port"])
    yield ("missing", "credentialsRequestID", x.changed(
        lambda root: parts(root, "credentialsResponse")[0][1].attrib.clear()),
        ["credentialsRequestID"])
    yield ("missing", "the document", x.reply.bytes(b"", content_type=None),
           ["response of MRAS is missing"])


def added(x):
    if x.version == "1.0":
        yield ("added", "serverVersion", x.changed(setting(
            "serverVersion", "3.0")), ["serverVersion"])
    if not x.good:
        def grant(root):
            c = ET.SubElement(root, named("credentialsResponse"))
            c.set("credentialsRequestID", "1")
        yield ("added", "credentialsResponse", x.changed(grant),
               ["credentialsResponse"])
        return
    for name in ("credentialsResponse", "credentials", "username", "duration",
                 "mediaRelayList", "udpPort", "location"):
        yield ("added", "one more " + name, x.changed(twice(name)), [name])
    yield ("added", "an address beside the name", x.changed(adding(
        "mediaRelay", "directIPAddress", "192.0.2.9")), ["directIPAddress"])


def reasons(x):
    if x.good:
        for phrase, words in (("Request Malformed", {"echo": False}),
                              ("Request Too Large", {}),
                              ("Oll Korrect", {}), ("Ok", {})):
            yield ("reason", phrase + " for OK", x.changed(refusing(
                phrase, **words)), [phrase])
        yield ("reason", "Version Mismatch for one that is had", x.changed(
            refusing("Version Mismatch", serverVersion=x.version)),
            ["Version Mismatch"])
        for phrase in ("Server Busy", "Forbidden"):
            yield ("reason", phrase + " with tokens", x.changed(refusing(
                phrase, keep=True)), [phrase])
        return
    yield ("accepted", "OK for " + x.reason, x.changed(refusing("OK")),
           ["\"OK\"; a refusal is due"]) if x.reason != "Version Mismatch" \
        else ("reason", "Malformed for a version", x.changed(refusing(
            "Request Malformed", echo=False)), ["Request Malformed"])
    others = {"Request Malformed": "Request Too Large",
              "Request Too Large": "Version Mismatch",
              "Version Mismatch": "Request Too Large"}
    if x.reason in others:
        yield ("reason", "%s for %s" % (others[x.reason], x.reason), x.changed(
            refusing(others[x.reason])), [others[x.reason]])


def versions(x):
    if x.good:
        other = "3.0" if x.version == "2.0" else "2.0"
        yield ("version", "of the answer", x.changed(setting(
            "version", other)), ["version is \"%s\"" % other])
    if x.root.get("serverVersion") and x.good and x.version != "1.0":
        yield ("version", "of the server, below", x.changed(setting(
            "serverVersion", "1.0")), ["serverVersion is \"1.0\""])
    for value in ("two", "2", "123.45"):
        yield ("version", value, x.changed(setting("version", value)),
               ["\"%s\"" % value])
        if x.root.get("serverVersion"):
            yield ("version", "of the server: " + value, x.changed(setting(
                "serverVersion", value)), ["\"%s\"" % value])


def durations(x):
    asked = x.asked.findtext(".//" + named("duration")) if x.good else None
    if asked:
        for value in (int(asked) + 1, int(asked) * 2, int(asked) + 10000):
            yield ("duration", "%u for %s" % (value, asked), x.changed(telling(
                "duration", "%u" % value)), ["duration is %u" % value])
    if asked and len(x.root) > 1:
        def less(root):
            parts(root, "duration")[0][1].text = "7"
            parts(root, "duration")[1][1].text = "9"
        yield ("duration", "two that are the longest", x.changed(less),
               ["duration is 7"])
    for value in ("0", "-5", "long") if x.good else ():
        yield ("duration", value, x.changed(telling("duration", value)),
               ["duration", "\"%s\"" % value])


def relays(x):
    if not x.good:
        return
    if x.asked.find(".//" + named("location")) is not None:
        here = x.asked.findtext(".//" + named("location"))
        there = "intranet" if here == "internet" else "internet"
        yield ("location", "%s for %s" % (there, here), x.changed(telling(
            "location", there)), ["location is \"%s\"" % there])
    yield ("location", "moon", x.changed(telling("location", "moon")),
           ["location", "moon"])
    for name in ("udpPort", "tcpPort"):
        for value in ("0", "65536", "sip"):
            if parts(x.root, name):
                yield ("port", "%s %s" % (name, value), x.changed(telling(
                    name, value)), [name])
    for name, value in (("hostName", "av example"), ("hostName", ""),
                        ("directIPAddress", "192.0.2")):
        if parts(x.root, name):
            yield ("address", "%s %s" % (name, value), x.changed(telling(
                name, value)), [name])
    for name in ("username", "password"):
        for value in ("***", "QU=J", ""):
            yield ("token", "%s %s" % (name, value), x.changed(telling(
                name, value)), [name])


def order(x):
    if not x.good:
        return
    for name, other in (("duration", "username"), ("password", "username"),
                        ("mediaRelayList", "credentials"),
                        ("udpPort", "location"), ("tcpPort", "hostName")):
        if parts(x.root, name) and parts(x.root, other):
            yield ("order", "%s before %s" % (name, other), x.changed(in_front(
                name, other)), ["order", other])


def ids(x):
    def other(root):
        parts(root, "credentialsResponse")[0][1].set(
            "credentialsRequestID", "other")

    def long(root):
        parts(root, "credentialsResponse")[0][1].set(
            "credentialsRequestID", "7" * 65)

    def same(root):
        for _, e in parts(root, "credentialsResponse"):
            e.set("credentialsRequestID",
                  root[0].get("credentialsRequestID"))
    if x.good:
        yield ("id", "another", x.changed(other),
               ["credentialsRequestID \"other\""])
        yield ("id", "too long", x.changed(long), ["7777777"])
    if x.good and len(x.root) > 1:
        yield ("id", "one for both", x.changed(same), ["credentialsRe"])


def carriers(x):
    r = x.reply
    yield ("carrier", "Content-Type", r.bytes(
        content_type="application/sdp+xml"), ["Content-Type"])
    yield ("carrier", "tag of From", r.bytes(
        **{"from": r.header("From").replace("tag=", "tag=x")}),
        ["tag of From"])
    yield ("carrier", "To", r.bytes(
        to=r.header("To").replace("sip:", "sip:x", 1)), ["To is not"])
    yield ("carrier", "no XML", r.bytes(b"<response xmlns='%s'>" %
                                        SPACE.encode()), ["document"])
    yield ("carrier", "a request", r.bytes(x.request.body), ["document"]) \
        if x.asked is not None else (
            "carrier", "an empty document", r.bytes(b"<a/>"), ["document"])
    if x.good:
        yield ("carrier", "OK under 500", r.bytes(
            start="SIP/2.0 500 Server Internal Error"), ["status 500"])
        yield ("carrier", "415 that takes what was sent", r.bytes(
            b"", start="SIP/2.0 415 Unsupported Media Type",
            content_type="%s\r\nAccept: %s" % (TYPE, TYPE)),
            ["Accept lists"])


def bare(x):
    """Refusals without a document."""
    name = "Accept" if x.reply.lines[0].split()[1] == "415" else "Allow"
    yield ("missing", name, x.reply.bytes(**{name.lower(): None}),
           [name + " is missing"])
    yield ("accepted", "200 for a refusal", x.reply.bytes(
        start="SIP/2.0 200 OK"), ["a refusal is due"])


MAKERS = (echoes, missing, added, reasons, versions, durations, relays, order,
          ids, carriers)


class MrasRecording:
    credentials = ()

    def __init__(self, name, packets, share):
        self.name, self.share = name, share  # how many mutants of it
        self.packets = list(capture_file.pieces(packets, cut))
        self.exchanges = list(self.find())

    def options(self):
        return []

    def find(self):
        """One answer for each request, that of the first hop."""
        asked = {}
        for i, p in enumerate(self.packets):
            data = p.payload() if p.udp else b""
            if b"SERVICE" not in data or b"\r\n\r\n" not in data:
                continue
            m = Sip(data)
            key = m.header("Call-ID"), m.header("CSeq")
            if not m.lines[0].startswith("SIP/2.0"):
                asked.setdefault(key, (m, p.ends()))
            elif key in asked and asked[key][1][::-1] == p.ends() and \
                    m.lines[0].split()[1] in ("200", "405", "415"):
                yield Exchange(i, m, asked.pop(key)[0])

    def mutants(self):
        """As MsRecording.mutants; no key is of use."""
        for x in self.exchanges:
            for make in MAKERS if x.root is not None else (bare,):
                for kind, what, reply, words in make(x):
                    yield (kind, "%s, %s: %s" % (x.reason, x.version, what),
                           x.at, reply, words, True)


# ---- our own server, asked for what Lync's clients do not ----

def request(version="2.0", count=1, inside="<location>internet</location>"
            "<duration>60</duration>", *, route="", who=WHO):
    one = "".join(
        '<credentialsRequest credentialsRequestID="c%u"><identity>%s'
        '</identity>%s</credentialsRequest>' % (i, WHO, inside)
        for i in range(count))
    return ('<request requestID="71" version="%s" to="%s" from="%s"%s '
            'xmlns="%s">%s</request>' % (version, EDGE, who, route, SPACE,
                                         one)).encode()


ASKED = [("SERVICE", TYPE, request("1.0")), ("SERVICE", TYPE, request("2.0")),
         ("SERVICE", TYPE, request("3.0", 2)),
         ("SERVICE", TYPE, request("2.0", 3, "<duration>480</duration>",
                                   route=' route="directip"')),
         ("SERVICE", TYPE, request("3.0", 1, "")),
         ("SERVICE", TYPE, request(who="tel:1")),
         ("SERVICE", TYPE, request(count=0)),
         ("SERVICE", TYPE, b"<request"),
         ("SERVICE", TYPE, request(count=101)),
         ("SERVICE", TYPE, request("4.0")),
         ("SERVICE", "text/xml", request())]


def ask(sock, number, method, kind, body):
    sock.sendall((
        "%s %s SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK%u\r\n"
        "Max-Forwards: 70\r\nFrom: <%s>;tag=a%u\r\nTo: <%s>\r\n"
        "Call-ID: ask-%u\r\nCSeq: 1 %s\r\nContact: <%s>\r\n"
        "Content-Type: %s\r\nContent-Length: %u\r\n\r\n" % (
            method, EDGE, number, WHO, number, EDGE, number, method, WHO,
            kind, len(body))).encode() + body)
    come = b""
    while not cut(come) or cut(come)[1] > len(come):
        more = sock.recv(65536)
        if not more:
            raise RuntimeError("the server hung up: %r" % come)
        come += more


def of_serve(work, *more):
    sys.path.insert(0, INTEROP)
    import serving  # pylint: disable=import-outside-toplevel
    path = os.path.join(work, "mras.pcapng")
    server = serving.Server(
        "--listen", "sip:127.0.0.1:0", "--sip-auth", "none", "--mras-secret",
        "north wind", "--mras-relay", "internet:av.example.test:3478:443",
        "--mras-relay", "intranet:in.example.test:3478:443", "--record", path, *more)
    with socket.create_connection(
            ("127.0.0.1", server.port("sip")), 10) as sock:
        for number, what in enumerate(ASKED):
            ask(sock, number, *what)
    server.stop()
    return MrasRecording("MRAS of serve", capture_file.read(path), 120)


def all_of_them(work):
    yield of_serve(work)
    for phrase in ("Server Busy", "Time Out", "Internal Server Error"):
        busy = of_serve(work, "--mras-answer", phrase)
        busy.name, busy.share = "%s (%s)" % (busy.name, phrase), 8
        assert busy.exchanges[0].reason == phrase
        yield busy
    folder = os.path.join(HERE, "..", "..", "captures", "lync-*.pcapng")
    for path in sorted(glob.glob(folder)):
        yield MrasRecording("MRAS of " + os.path.basename(path),
                            capture_file.read(path), 8)
