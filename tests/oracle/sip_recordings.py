"""Answers of registrars (RFC 3261 8.2, 10.3, 22; RFC 6665; [MS-SIPAE]), and what
a mutant of theirs is: for test_engine.py.

They are of Kamailio, which baresip registered with, of the bundled sign-ins of
Lync, and of `mrascope serve`, which is asked here for what those do not ask
for: a refresh, a query, a removal, too brief a time, a malformed "*", wrong
passwords, provisioning.

Not asked for is what nobody could find: a shorter time, more bindings than
one's own, a refusal that says nothing of the request (403, 404, 5xx; 401 to a nonce
that is not new), another nonce, a nextnonce that nobody uses, a tag of To.
"""
import copy
import glob
import hashlib
import json
import os
import re
import socket
import sys

import capture_file
from mras_recordings import HERE, INTEROP, Sip, cut

USER, PASSWORD, REALM = "alice", "wonderland", "example.test"
AOR = "sip:%s@%s" % (USER, REALM)
STRANGE = "sip:mallory@203.0.113.66:5060"


def edited(reply, change):
    """The bytes of an answer whose lines were changed."""
    out = copy.copy(reply)
    out.lines = change(list(reply.lines))
    return out.bytes()


def started(reply, start):
    return lambda lines: [start] + lines[1:]


def name_of(line):
    return line.partition(":")[0].strip().lower()


def without(*names):
    wanted = [n.lower() for n in names]
    return lambda lines: [x for i, x in enumerate(lines)
                          if i == 0 or name_of(x) not in wanted]


def adding(*lines):
    return lambda old: old[:1] + list(lines) + old[1:]


def replacing(name, pattern, text, flags=re.I):
    def change(lines):
        return [re.sub(pattern, text, x, count=1, flags=flags)
                if name_of(x) == name.lower() else x for x in lines]
    return change


def both(*changes):
    def change(lines):
        for c in changes:
            lines = c(lines)
        return lines
    return change


class Exchange:
    def __init__(self, at, reply, request):
        self.at, self.reply, self.request = at, reply, request
        self.status = int(reply.lines[0].split()[1])
        self.method = request.lines[0].split()[0]
        self.auth = request.header("Authorization") or request.header(
            "Proxy-Authorization")
        self.digest = self.auth.startswith("Digest")
        self.contacts = [x for x in request.lines if name_of(x) == "contact"]
        self.asked = self.time_asked()

    def time_asked(self):
        """Of the first Contact; None: it says nothing."""
        for text in self.contacts + ["expires=" + self.request.header(
                "Expires")]:
            m = re.search(r"expires=(\d+)", text)
            if m:
                return int(m.group(1))
        return None

    @property
    def binds(self):
        return self.method == "REGISTER" and self.status == 200 and \
            self.contacts and "*" not in self.contacts[0] and self.asked != 0

    def lists(self):
        return [x for x in self.reply.lines if name_of(x) == "contact"]

    def has(self, name):
        return bool(self.reply.header(name))


def echoes(x):
    for name, pattern, text, words in (
            ("From", r"tag=", "tag=x", "tag of From"),
            ("From", r"sip:", "sip:x", "URI of From"),
            ("To", r"sip:", "sip:x", "URI of To")):
        yield ("echo", words, replacing(name, pattern, text), [words])
    yield ("echo", "a Via behind", lambda lines: lines + [
        "Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKnever"], ["Via"])
    yield ("method", "of INVITE", replacing(
        "CSeq", x.method, "INVITE"), ["another method"])


def codes(x):
    def refused(status, *more):
        return both(started(x.reply, "SIP/2.0 %u No" % status),
                    without("Contact", "Expires", "WWW-Authenticate"),
                    adding(*more))
    if x.method != "REGISTER":
        return
    for status in (481, 486, 487, 488, 491, 606):
        yield ("code", "%u for %u" % (status, x.status), refused(status),
               ["answered with %u" % status])
    yield ("code", "420 for what requires nothing", refused(
        420, "Unsupported: timer"), ["answered with 420"])
    yield ("code", "415 without a body", refused(
        415, "Accept: application/sdp"), ["answered with 415"])
    yield ("code", "439 without a flow", refused(439), ["answered with 439"])
    if not x.asked or x.asked >= 3600:
        yield ("code", "423 for %s" % x.asked, refused(
            423, "Min-Expires: 7200"), ["answered with 423"])
    if x.status == 200:
        yield ("code", "202 for 200", started(x.reply, "SIP/2.0 202 Accepted"),
               ["status is 202"])
    yield ("missing", "Allow beside 405", both(refused(405), without("Allow")),
           ["Allow is missing"])
    yield ("missing", "Contact beside 302", refused(302),
           ["Contact is missing beside 302"])
    yield ("missing", "Proxy-Authenticate beside 407", refused(407),
           ["Proxy-Authenticate is missing"])
    yield ("missing", "WWW-Authenticate beside 401", refused(401),
           ["WWW-Authenticate is missing"])
    if x.asked and x.asked < 3600 and "*" not in x.contacts[0]:
        yield ("missing", "Min-Expires beside 423", both(
            refused(423), without("Min-Expires")), ["Min-Expires is missing"])
        yield ("code", "423 with no more than was asked", refused(
            423, "Min-Expires: %u" % x.asked) if not x.has("Min-Expires") else
            replacing("Min-Expires", r"\d+", "%u" % x.asked),
            ["Min-Expires is %u" % x.asked])


def added(x):
    if x.status == 200:
        yield ("added", "WWW-Authenticate", adding(
            'WWW-Authenticate: Digest realm="%s", nonce="9"' % REALM),
            ["WWW-Authenticate does not belong"])
        yield ("added", "Min-Expires", adding("Min-Expires: 60"),
               ["Min-Expires does not belong"])
        yield ("added", "Unsupported", adding("Unsupported: path"),
               ["Unsupported does not belong"])
    else:
        yield ("added", "Service-Route", adding(
            "Service-Route: <sip:p.example.test;lr>"),
            ["Service-Route does not belong"])
        yield ("added", "P-Associated-URI", adding(
            "P-Associated-URI: <%s>" % AOR),
            ["P-Associated-URI does not belong"])


def contacts(x):
    if x.method != "REGISTER" or x.status != 200:
        return
    if not x.contacts:
        return
    if not x.binds:
        mine = "*" not in x.contacts[0]
        yield ("contact", "one that was removed", adding(
            (re.sub(r";\s*expires=\d+", "", x.contacts[0]) if mine else
             "Contact: <%s>" % STRANGE) + ";expires=300"),
            ["was removed is listed" if mine else "all were removed"])
        return
    yield ("missing", "Contact", without("Contact"), ["Contact is missing"])
    yield ("contact", "of another", both(without("Contact"), adding(
        "Contact: <%s>;expires=60" % STRANGE)), ["not among"])
    if "proxy=replace" not in x.contacts[0]:
        yield ("contact", "another port", replacing(
            "Contact", r"(sip:[^;>]*?)(:\d+)?(?=[;>])", r"\1:9"),
            ["not among"])
    yield ("contact", "no address", both(without("Contact"), adding(
        "Contact: <nowhere;expires=60")), ["no address"])
    yield ("missing", "expires", both(
        without("Expires"), replacing("Contact", r";\s*expires=\d+", "")),
        ["expires is missing"])
    for value in ("soon", "-5"):
        yield ("lifetime", value, replacing(
            "Contact", r"expires=\d+", "expires=" + value) if
            re.search("expires=", x.lists()[0]) else replacing(
                "Expires", r"\d+$", value), ["is no time"])
    yield ("lifetime", "0", granting(x, 0), ["expires is 0"])
    if x.asked:
        for value in (max(x.asked, 3600) + 1, x.asked * 10 + 3600, 10**9):
            yield ("lifetime", "%u for %u" % (value, x.asked),
                   granting(x, value), ["expires is %u" % value])


def granting(x, seconds):
    return both(replacing("Contact", r"expires=\d+", "expires=%u" % seconds),
                replacing("Expires", r"\d+$", "%u" % seconds))


def subscriptions(x):
    if x.method == "SUBSCRIBE" and x.status == 200 and x.asked is not None:
        for value in (x.asked + 1, x.asked * 2 + 10, 10**6):
            yield ("lifetime", "%u for %u" % (value, x.asked), both(
                without("Expires"), adding("Expires: %u" % value)),
                ["Expires is %u" % value])


def challenges(x):
    if x.status != 401 or not x.has("WWW-Authenticate"):
        return
    first = x.reply.header("WWW-Authenticate")
    if first.startswith("Digest"):
        for name in ("nonce", "realm"):
            yield ("challenge", "without " + name, replacing(
                "WWW-Authenticate", r'%s="[^"]*",? *' % name, ""),
                [name + " is missing"])
        yield ("challenge", "an empty nonce", replacing(
            "WWW-Authenticate", r'nonce="[^"]*"', 'nonce=""'),
            ["nonce is missing"])
    else:
        for name in ("realm", "targetname", "version"):
            yield ("challenge", "without " + name, replacing(
                "WWW-Authenticate", r', *%s=("[^"]*"|\d+)' % name if
                name != "realm" else r'realm="[^"]*", *', ""),
                [name + " is missing"])
    if "gssapi-data=" in first:
        for name, words in (("gssapi-data", "gssapi-data is missing"),
                            ("opaque", "opaque is missing")):
            yield ("challenge", "without " + name, replacing(
                "WWW-Authenticate", r'%s="[^"]*",? *' % name, ""), [words])
        yield ("challenge", "no CHALLENGE", replacing(
            "WWW-Authenticate", r'gssapi-data="[^"]*"',
            'gssapi-data="TlRMTVNTUAADAAAA"'), ["no CHALLENGE"])
        yield ("challenge", "another targetname", replacing(
            "WWW-Authenticate", r'targetname="', 'targetname="x'),
            ["targetname is another"])
    if x.digest:
        nonce = re.search(r'nonce="([^"]*)"', x.auth).group(1)
        yield ("nonce", "stale brings the same", both(
            without("WWW-Authenticate"), adding(
                'WWW-Authenticate: Digest realm="%s", nonce="%s", stale=true'
                % (re.search(r'realm="([^"]*)"', x.auth).group(1), nonce))),
            ["brings the nonce"])


def routes(x):
    if x.status != 200 or x.method != "REGISTER":
        return
    yield ("route", "Service-Route without lr", adding(
        "Service-Route: <sip:p.example.test>"), ["loose route"])
    yield ("route", "Service-Route that is none", adding(
        "Service-Route: nowhere"), ["loose route"])
    if x.request.header("Path"):
        yield ("route", "another Path", both(without("Path"), adding(
            "Path: <sip:other.example.test;lr>")), ["Path does not end"])
    if x.has("ms-keep-alive"):
        yield ("route", "ms-keep-alive of a UAC", replacing(
            "ms-keep-alive", "UAS", "UAC"), ["ms-keep-alive"])


def signatures(x):
    """What the server signs; of a class of their own are those for whose
    finding the password is needed."""
    name = "Authentication-Info"
    info = x.reply.header(name)
    if x.status != 200 or not info:
        return
    if x.digest:
        for what, pattern in (("cnonce", r'cnonce="'), ("nc", r"nc=0*")):
            yield ("signature", what, replacing(
                name, pattern, r"\g<0>9"), [what + " of Authentication-Info"])
        yield ("signature", "rspauth, cut", replacing(
            name, r'rspauth="..', 'rspauth="'), ["rspauth"])
        yield ("signature", "an empty nextnonce", replacing(
            name, "$", ', nextnonce=""'), ["nextnonce is empty"])
        yield ("signature", "qop", replacing(
            name, r"qop=\S*?,", "qop=never,"), ["qop"])
        return
    yield ("missing", name, without(name), [name + " is missing"])
    for what in ("opaque", "realm", "targetname"):
        yield ("signature", "another " + what, replacing(
            name, r'%s="' % what, r"\g<0>9"), [what + " of the signature"])
        yield ("signature", "no " + what, replacing(
            name, r', *%s="[^"]*"' % what, ""), [what + " of the signature"])
    yield ("signature", "another scheme", replacing(
        name, "NTLM", "Kerberos"), ["another scheme"])
    yield ("signature", "rspauth, cut", replacing(
        name, r'rspauth="..', 'rspauth="'), ["rspauth"])
    yield ("signature", "rspauth, of another sequence", replacing(
        name, r'rspauth="01000000(.{16})64000000', r'rspauth="02000000\1'
        "65000000"), ["rspauth"]) if re.search(
            r'rspauth="01000000.{16}64000000', info) else (
                "signature", "rspauth, no digits", replacing(
                    name, r'rspauth="..', 'rspauth="zz'), ["rspauth"])
    yield ("signature", "snum", replacing(
        name, r'snum="?\d+', 'snum="x'), ["snum"])
    yield ("signature", "srand", replacing(
        name, r'srand="[^"]*"', 'srand=""'), ["srand"])


MAKERS = (echoes, codes, added, contacts, subscriptions, challenges, routes,
          signatures)


def keyed(x, good):
    """Only the password tells."""
    name = "Authentication-Info"
    if x.digest and x.has(name) and "rspauth" in x.reply.header(name):
        yield ("rspauth", "of another password", replacing(
            name, r'rspauth="[^"]*"',
            lambda m: 'rspauth="%s"' % m.group(0)[9:-1][::-1], 0),
            ["rspauth does not fit"])
    if not x.digest or x.method != "REGISTER" or x.asked == 0:
        return
    if x.status == 200 and good and "nc=00000001" in x.auth:
        realm = re.search(r'realm="([^"]*)"', x.auth).group(1)
        yield ("refused", "401 for right credentials", both(
            started(x.reply, "SIP/2.0 401 Unauthorized"),
            without("Contact", "Expires", name), adding(
                'WWW-Authenticate: Digest realm="%s", nonce="0"' % realm)),
            ["fit the password"])
    if x.status == 401 and not good and x.contacts:
        yield ("accepted", "200 for wrong credentials", both(
            started(x.reply, "SIP/2.0 200 OK"), without("WWW-Authenticate"),
            adding(x.contacts[0] + ";expires=60")),
            ["do not fit the password"])


def is_right(x, credentials):
    """Does the response fit what was given?  RFC 2617 and 7616 with qop=auth,
    or without qop."""
    p = dict(re.findall(r'(\w+)="?([^",]*)"?', x.auth.partition(" ")[2]))
    algorithm = p.get("algorithm", "MD5").upper()
    h = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]
    for c in credentials:
        if c["username"] != p["username"] or c["realm"] != p["realm"]:
            continue
        a1 = h(":".join((p["username"], p["realm"],
                         c["password"])).encode()).hexdigest()
        a2 = h((x.method + ":" + p["uri"]).encode()).hexdigest()
        middle = [p["nonce"]] + ([p["nc"], p["cnonce"], p["qop"]]
                                 if "qop" in p else [])
        return h(":".join([a1] + middle + [a2]).encode()).hexdigest() == \
            p["response"]
    return None


class SipRecording:
    def __init__(self, name, packets, share, credentials=()):
        self.name, self.share = name, share
        self.credentials = list(credentials)
        self.packets = list(capture_file.pieces(packets, cut))
        self.exchanges = list(self.find())

    def options(self):
        out = []
        for c in self.credentials:
            out += ["--credential", "%s:%s:%s" % (
                c["username"], c["realm"], c["password"])]
        return out

    def find(self):
        asked = {}
        for i, p in enumerate(self.packets):
            data = p.payload() if p.udp else b""
            if b"SIP/2.0" not in data or b"\r\n\r\n" not in data:
                continue
            m = Sip(data)
            key = m.header("Call-ID"), m.header("CSeq"), m.header(
                "Via").partition("branch=")[2].partition(";")[0]
            if m.lines[0].split()[0] in ("REGISTER", "SUBSCRIBE"):
                asked.setdefault(key, m)
            elif m.lines[0].startswith("SIP/2.0 ") and key in asked and \
                    m.lines[0].split()[1] >= "200":
                yield Exchange(i, m, asked.pop(key))

    def mutants(self):
        """As Recording.mutants of test_engine.py."""
        for x in self.exchanges:
            good = is_right(x, self.credentials) if x.digest else None
            for blind, made in [(True, list(make(x))) for make in MAKERS] + [
                    (False, list(keyed(x, good)) if good is not None else [])]:
                for kind, what, change, words in made:
                    text = edited(x.reply, change)
                    if text != x.reply.bytes():
                        yield (kind, "%s, %u: %s" % (x.method, x.status, what),
                               x.at, text, words, blind)
        yield from self.stale()

    def stale(self):
        """A challenge calls a nonce stale, and it is accepted later."""
        signed = [x for x in self.exchanges if x.digest and x.status == 200]
        for x, then in zip(signed, signed[1:]):
            nonce = re.search(r'[ ,]nonce="([^"]*)"', x.auth).group(1)
            if nonce not in then.auth or x.request.header("From").partition(
                    ";")[0] != then.request.header("From").partition(";")[0]:
                continue
            realm = re.search(r'realm="([^"]*)"', x.auth).group(1)
            yield ("stale", "a stale nonce is accepted", x.at, edited(
                x.reply, both(
                    started(x.reply, "SIP/2.0 401 Unauthorized"),
                    without("Contact", "Expires", "Authentication-Info"),
                    adding('WWW-Authenticate: Digest realm="%s", '
                           'nonce="fresh-1", stale=true' % realm))),
                ["called stale"], True)


# ---- our own server ----

class Client:
    def __init__(self, sock):
        self.sock, self.cseq, self.nonce, self.nc = sock, 0, None, 0
        self.call, self.more = "client", ()

    def ask(self, *lines, method="REGISTER", body=b""):
        self.cseq += 1
        head = ["%s sip:%s SIP/2.0" % (method, REALM),
                "Via: SIP/2.0/TCP 127.0.0.1:%u;branch=z9hG4bK%s%u" % (
                    self.sock.getsockname()[1], self.call, self.cseq),
                "Max-Forwards: 70", "From: <%s>;tag=a1" % AOR,
                "To: <%s>" % AOR, "Call-ID: " + self.call,
                "CSeq: %u %s" % (self.cseq, method), *self.more, *lines,
                "Content-Length: %u" % len(body)]
        self.sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        come = b""
        while not cut(come) or cut(come)[1] > len(come):
            more = self.sock.recv(65536)
            if not more:
                raise RuntimeError("the server hung up: %r" % come)
            come += more
        return Sip(come[:cut(come)[1]].lstrip(b"\r\n"))

    def credentials(self, password=PASSWORD, algorithm="MD5",
                    method="REGISTER"):
        h = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

        def of(*parts):
            return h(":".join(parts).encode()).hexdigest()
        self.nc += 1
        nc, cnonce, uri = "%08x" % self.nc, "c%u" % self.nc, "sip:" + REALM
        response = of(of(USER, REALM, password), self.nonce, nc, cnonce,
                      "auth", of(method, uri))
        return ('Authorization: Digest username="%s", realm="%s", nonce="%s", '
                'uri="%s", response="%s", algorithm=%s, qop=auth, nc=%s, '
                'cnonce="%s"' % (USER, REALM, self.nonce, uri, response,
                                 algorithm, nc, cnonce))

    def challenged(self, reply):
        self.nonce = re.search(r'[ ,]nonce="([^"]*)"', reply.header(
            "WWW-Authenticate")).group(1)
        self.nc = 0


def converse(sock, algorithm):
    c = Client(sock)
    c.call = "call-" + algorithm
    here = "Contact: <sip:alice@127.0.0.1:5099;transport=tcp>"
    c.challenged(c.ask(here, "Expires: 600"))
    c.ask(here, "Expires: 600", c.credentials(algorithm=algorithm))
    c.ask(here + ";expires=5000", c.credentials(algorithm=algorithm))
    c.ask(here, "Expires: 5", c.credentials(algorithm=algorithm))
    c.ask(c.credentials(algorithm=algorithm))
    c.ask("Contact: *", "Expires: 7", c.credentials(algorithm=algorithm))
    c.ask(here + ";expires=0", c.credentials(algorithm=algorithm))
    c.ask(here, "Expires: 600", c.credentials(algorithm=algorithm))
    c.ask("Contact: *", "Expires: 0", c.credentials(algorithm=algorithm))
    c.ask(here, "Expires: 600", c.credentials("wrong", algorithm))
    c.ask("Contact: <sip:alice@127.0.0.1:5099>", "Expires: 600",
          "Event: presence", c.credentials(algorithm=algorithm,
                                           method="SUBSCRIBE"),
          method="SUBSCRIBE")


def of_serve(work):
    sys.path.insert(0, INTEROP)
    import serving  # pylint: disable=import-outside-toplevel
    path = os.path.join(work, "registrar.pcapng")
    server = serving.Server(
        "--listen", "sip:127.0.0.1:0", "--sip-auth", "digest,md5", "--realm",
        REALM, "--account", "%s:%s" % (USER, PASSWORD), "--record", path)
    for algorithm in ("MD5", "SHA-256"):
        with socket.create_connection(
                ("127.0.0.1", server.port("sip")), 10) as sock:
            converse(sock, algorithm)
    server.stop()
    packets = list(capture_file.read(path))
    for i, p in enumerate(packets):
        p.ns += i * 10**9  # as slow as a person
    return SipRecording("a registrar: serve", packets, 150, [
        {"username": USER, "realm": REALM, "password": PASSWORD}])


def all_of_them(work, root):
    yield of_serve(work)
    for path in sorted(glob.glob(os.path.join(
            root, "recorded", "baresip-*", "capture.pcap*"))):
        with open(os.path.join(os.path.dirname(path), "truth.json"),
                  encoding="utf-8") as f:
            given = [c for c in json.load(f)["credentials"]
                     if c["kind"] == "sip-digest"]
        yield SipRecording(
            "a registrar: " + os.path.basename(os.path.dirname(path)),
            [p for p in capture_file.read(path)
             if p.udp and 5060 in p.ports()], 8, given)
    for path in sorted(glob.glob(os.path.join(
            HERE, "..", "..", "captures", "lync-*.pcapng"))):
        yield SipRecording("a registrar: " + os.path.basename(path),
                           capture_file.read(path), 6)
