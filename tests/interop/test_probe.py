#!/usr/bin/env python3
"""mrascope probe against coturn, and against servers that are none, all on
loopback: what it says, how it ends, and that what it recorded is judged like
any capture (TAP).  Skipped where turnserver is missing."""
import base64
import contextlib
import functools
import itertools
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "check"))
sys.path.insert(0, HERE)
import serving  # noqa: E402
from answers import Holder  # noqa: E402
from support import PROGRAM, TOP, run_tests, want  # noqa: E402

serving.PROGRAM = PROGRAM

ALICE = ["--credential", "alice::wonder"]
SECRET = "north"
COTURN = shutil.which("turnserver") or shutil.which("turnserver", path="/usr/sbin")


TAKEN, TAKING = set(), threading.Lock()
# Relays of each turnserver are its own, and no port that the system chooses:
# it shares what others have.
RELAYS = itertools.count(61000, 100)


def free_port(host="127.0.0.1", count=1):
    """A port that UDP and TCP have free, and so the ones behind it; never the
    same twice, since tests run side by side."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(50):
        with contextlib.ExitStack() as held:
            try:
                first = held.enter_context(socket.socket(family))
                first.bind((host, 0))
                port = first.getsockname()[1]
                if port + count > 65000:
                    continue
                for offset in range(count):
                    one = socket.socket(family, socket.SOCK_DGRAM)
                    held.enter_context(one).bind((host, port + offset))
                    if offset:
                        two = held.enter_context(socket.socket(family))
                        two.bind((host, port + offset))
                wanted = set(range(port, port + count))
                with TAKING:
                    if TAKEN & wanted:
                        continue
                    TAKEN.update(wanted)
                return port
            except OSError:
                continue
    raise OSError("no free port")


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def expired_certificate(folder, name):
    key, cert, asked = (folder.at(n) for n in ("old.key", "old.pem", "asked"))
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", asked, "-subj", "/CN=" + name],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", asked, "-signkey", key,
                    "-days", "-1", "-out", cert],
                   check=True, capture_output=True)
    return key, cert


def certificate(folder, name):
    key, cert = folder.at("key.pem"), folder.at("cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=DNS:%s" % name],
                   check=True, capture_output=True)
    return key, cert


class Coturn:
    """A turnserver of its own on loopback; its port in `port`."""

    def __init__(self, folder, *more, hosts=("127.0.0.1",), rest=False):
        self.port = free_port(hosts[0], 3)
        self.tls = self.port + 2
        self.host = hosts[0]
        relays = next(RELAYS)
        command = [COTURN, "-n", "--listening-port=%d" % self.port,
                   "--alt-listening-port=%d" % (self.port + 1),
                   "--tls-listening-port=%d" % self.tls,
                   "--min-port=%d" % relays, "--max-port=%d" % (relays + 99),
                   "--relay-ip=" + hosts[0], "--realm=example.org",
                   "--no-cli", "--simple-log", "--no-multicast-peers",
                   "--allow-loopback-peers",
                   "--pidfile=" + folder.at("pid"),
                   "--log-file=" + folder.at("log"),
                   "--userdb=" + folder.at("db")]
        command += ["--listening-ip=" + host for host in hosts]
        command += ["--use-auth-secret", "--static-auth-secret=" + SECRET] \
            if rest else ["--lt-cred-mech", "--user=alice:wonder"]
        self.out = open(folder.at("out"), "wb")
        self.process = subprocess.Popen(
            command + list(more), cwd=folder.path, stdin=subprocess.DEVNULL,
            stdout=self.out, stderr=subprocess.STDOUT)

    def __enter__(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection((self.host, self.port), 1).close()
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__()
        raise OSError("turnserver does not start")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.out.close()

    def at(self):
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s:%d" % (host, self.port)


def probe(folder, *arguments):
    """(status, document) of a probe."""
    status, out, err = folder.run("probe", "-f", "json", *arguments)
    want(out, "no document", status, err)
    document = json.loads(out)
    hold_schema(document)
    return status, document


@functools.lru_cache
def validator(name):
    """One of a schema that is fine itself; None without jsonschema."""
    try:
        import jsonschema
    except ImportError:
        return None
    path = os.path.join(TOP, "schema", "mrascope.%s-1.schema.json" % name)
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def hold_schema(document):
    for name, part in (("probe", document), ("analysis",
                                             document["analysis"])):
        if part is not None and validator(name):
            broken = next(validator(name).iter_errors(part), None)
            want(broken is None, name, broken)


def steps(server):
    """One letter a step."""
    letters = {"ok": "k", "failed": "x", "untried": ".", "unneeded": "-",
               "needs-credentials": "n"}
    return "".join(letters[s["state"]] for s in server["steps"])


def trouble(server):
    found = [s["trouble"] for s in server["steps"] if s["trouble"]]
    return found[-1] if found else None


def ids(document):
    return sorted((f["rule"], f["key"]) for f in document["findings"])


def hold_analysis(folder, found, recording, *keys):
    """What was recorded is, to analyze, what the probe had said of it."""
    again = folder.json("analyze", "-f", "json", recording, *keys)
    want(ids(again) == ids(found["analysis"]), ids(again),
         ids(found["analysis"]))


def errors(document):
    return [f["rule"] for f in document["analysis"]["findings"]
            if f["severity"] == "error"]


# ---- what is true ----

def udp_and_tcp_work_to_the_end(folder):
    with Coturn(folder) as server:
        status, found = probe(folder, server.at(), *ALICE)
    want(status == 0, status, found["servers"])
    want([s["transport"] for s in found["servers"]] == ["udp", "tcp"])
    udp, tcp = found["servers"]
    want(steps(udp) == "--kkkkkkkk", steps(udp))
    want(steps(tcp) == "k-kkkkkkkk", steps(tcp))
    for one in (udp, tcp):
        want(one["realm"] == "example.org" and "oturn" in one["software"])
        want(one["relayed"].startswith("127.0.0.1:"), one["relayed"])
        want(one["peer_kind"] == "own" and one["echoes_back"] == 2)
        want(one["lifetime_s"] == 600)
    want(errors(found) == [], errors(found))


def tls_works_by_the_right_name(folder):
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = certificate(folder, "localhost")
    with Coturn(folder, "--cert=" + cert, "--pkey=" + key) as server:
        uri = "turns:localhost:%d" % server.tls
        good = probe(folder, uri, "--ca", cert, "--family", "4", *ALICE,
                     "--record", "tls.pcapng")
        wrong = probe(folder, uri, "--ca", cert, "--family", "4", *ALICE,
                      "--server-name", "turn.example.org")
        strange = probe(folder, uri, "--family", "4", *ALICE)
        blind = probe(folder, uri, "--family", "4", *ALICE, "--insecure")
    want(good[0] == 0 and steps(good[1]["servers"][0]) == "kkkkkkkkkk",
         steps(good[1]["servers"][0]))
    want(good[1]["servers"][0]["peer_kind"] == "relay")
    want(errors(good[1]) == [], errors(good[1]))
    want(wrong[0] == 1 and trouble(wrong[1]["servers"][0]) == "tls-name")
    want(strange[0] == 1 and trouble(strange[1]["servers"][0]) == "tls-trust")
    want(blind[0] == 0, blind[1]["servers"])
    # The recording has the keys: another analysis reads what TLS hid.
    again = folder.json("analyze", "-f", "json", "tls.pcapng", *ALICE)
    want(len(again["allocations"]) >= 2, again["counts"])
    want(all(a["transport"] == "tls" and a["integrity"]["verified"]
             for a in again["allocations"] if a["relayed"]))
    want(os.stat(folder.at("tls.pcapng")).st_mode & 0o777 == 0o600)
    return None


def old_certificates_are_told(folder):
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = expired_certificate(folder, "localhost")
    with Coturn(folder, "--cert=" + cert, "--pkey=" + key) as server:
        for more, name in (("", "tls"), ("?transport=udp", "dtls")):
            uri = "turns:localhost:%d%s" % (server.tls, more)
            status, found = probe(folder, uri, "--ca", cert, "--family", "4",
                                  *ALICE)
            step = found["servers"][0]["steps"][1]
            want(status == 1 and step["trouble"] == "tls-expired" and
                 step["reason"] == "certificate has expired", name, step)
            status, found = probe(folder, uri, "--insecure", "--family", "4",
                                  *ALICE)
            want(status == 0 and found["servers"][0]["tls"].startswith(
                name.upper() + "v1."), found["servers"])
    return None


def dtls_works_too(folder):
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = certificate(folder, "localhost")
    with Coturn(folder, "--cert=" + cert, "--pkey=" + key) as server:
        uri = "turns:localhost:%d?transport=udp" % server.tls
        good = probe(folder, uri, "--ca", cert, "--family", "4", *ALICE,
                     "--record", "dtls.pcapng")
        strange = probe(folder, uri, "--family", "4", *ALICE)
    one = good[1]["servers"][0]
    want(good[0] == 0 and one["transport"] == "dtls" and
         steps(one) == "-kkkkkkkkk" and one["echoes_back"] == 2, one)
    want(strange[0] == 1 and
         trouble(strange[1]["servers"][0]) == "tls-trust", strange)
    return None


def ipv6_works(folder):
    if not has_ipv6():
        return "no IPv6 on loopback"
    with Coturn(folder, hosts=("::1",)) as server:
        status, found = probe(folder, server.at(), *ALICE)
    want(status == 0, [steps(s) for s in found["servers"]])
    for one in found["servers"]:
        want(one["relayed"].startswith("[::1]:"), one["relayed"])
        want(one["peer_kind"] == "own")
    return None


def nat_behaviour_is_asked_for(folder):
    with Coturn(folder, hosts=("127.0.0.1", "127.0.0.2")) as server:
        status, found = probe(folder, "stun:" + server.at())
        plain = folder.run("probe", "stun:" + server.at())[1]
    nat = found["servers"][0]["nat"]
    want(status == 0 and steps(found["servers"][0]) == "--k-------")
    want(nat["other"] == "127.0.0.2:%d" % (server.port + 1), nat)
    want(nat["mapping"] == "none" and nat["local"] == nat["mapped"], nat)
    want(nat["filtering"] == "endpoint-independent", nat)
    want("no NAT" in plain, plain)


def wrong_passwords_are_named(folder):
    with Coturn(folder) as server:
        status, found = probe(folder, server.at(), "--credential",
                              "alice::wrong")
        text = folder.run("probe", server.at(), "--credential",
                          "alice::wrong")[1]
    want(status == 1)
    for one in found["servers"]:
        want(trouble(one) == "credentials", one["steps"])
        want([s["code"] for s in one["steps"] if s["trouble"]] == [401])
    want("gathering/wrong-credentials" in errors(found), errors(found))
    want("FAIL" in text and "credentials are refused (401 Unauthorized)" in
         text and "-> check user" in text, text)
    want("wrong" not in text.replace("wrong-credentials", ""), text)


def nobody_gets_as_far_as_the_challenge(folder):
    with Coturn(folder) as server:
        status, found = probe(folder, server.at())
    want(status == 0, status, [s["steps"] for s in found["servers"]],
         errors(found))
    for one in found["servers"]:
        want(steps(one).endswith("kn......"), steps(one))
        want(one["realm"] == "example.org", one)


def rest_credentials_live_and_die(folder):
    def password(user):
        mac = hmac.new(SECRET.encode(), user.encode(), hashlib.sha1)
        return base64.b64encode(mac.digest()).decode()

    past = "%d:bob" % (time.time() - 60)
    with Coturn(folder, rest=True) as server:
        good = probe(folder, server.at(), "--turn-secret", SECRET)
        bad = probe(folder, server.at(), "--turn-secret", "south")
        old = probe(folder, server.at(), "--credential",
                    "%s::%s" % (past, password(past)))
    want(good[0] == 0, [steps(s) for s in good[1]["servers"]])
    want(errors(good[1]) == [], errors(good[1]))
    want(bad[0] == 1 and trouble(bad[1]["servers"][0]) == "credentials")
    want(old[0] == 1 and trouble(old[1]["servers"][0]) == "expired",
         old[1]["servers"][0]["steps"])


def credentials_come_from_a_file(folder):
    folder.write("who", "alice\texample.org\tbase64:%s\n" %
                 base64.b64encode(b"wonder").decode())
    with Coturn(folder) as server:
        status, _ = probe(folder, server.at(), "--credentials", "who",
                          "--transport", "udp")
    want(status == 0)


def peers_that_are_forbidden_are_got_round(folder):
    # Of the two loopback addresses only one may be relayed to: not the one
    # that our own socket has.
    with Coturn(folder, "--denied-peer-ip=127.0.0.1-127.0.0.1",
                hosts=("127.0.0.2", "127.0.0.1")) as server:
        status, found = probe(folder, "127.0.0.1:%d" % server.port, *ALICE,
                              "--transport", "udp")
    one = found["servers"][0]
    want(status == 0 and one["peer_kind"] == "relay", steps(one), one)


def closed_ports_are_told_from_silence(folder):
    port = free_port()
    closed = probe(folder, "127.0.0.1:%d" % port, *ALICE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf, \
            socket.create_server(("127.0.0.1", 0)) as tcp:
        deaf.bind(("127.0.0.1", 0))
        silent = probe(folder, "turn:127.0.0.1:%d" % deaf.getsockname()[1],
                       "turn:127.0.0.1:%d?transport=tcp" %
                       tcp.getsockname()[1], "--timeout", "2", *ALICE)
    want(closed[0] == 1 and
         [trouble(s) for s in closed[1]["servers"]] == ["port-closed"] * 2,
         closed[1]["servers"])
    want("gathering/stun-refused" in
         [f["rule"] for f in closed[1]["analysis"]["findings"]])
    want(silent[0] == 1 and
         [trouble(s) for s in silent[1]["servers"]] == ["unanswered"] * 2,
         silent[1]["servers"])
    binding = silent[1]["servers"][0]["steps"][2]
    want(binding["sends"] == 3 and 1900 < binding["ms"] < 3500, binding)


MRASP = "http://schemas.microsoft.com/2006/09/sip/mrasp"
MRAS_URI = "sip:edge01@example.test;gruu;opaque=srvr:MRAS:x"


class Mras(threading.Thread):
    """An MRAS server over TCP that gives this user's password, and a relay;
    with `reason` other than OK it refuses."""

    def __init__(self, relay_port, reason="OK", token=(b"alice", b"wonder")):
        super().__init__(daemon=True)
        self.token = token
        self.relay_port, self.reason, self.heard = relay_port, reason, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def document(self, request):
        def base(text):
            return base64.b64encode(text).decode()

        def said(name):
            return re.search(' %s="(.*?)"' % name, request).group(1)

        user, password = self.token
        inside = "" if self.reason != "OK" else (
            '<credentialsResponse credentialsRequestID="%s"><credentials>'
            "<username>%s</username><password>%s</password>"
            "<duration>480</duration></credentials><mediaRelayList>"
            "<mediaRelay><location>internet</location>"
            "<hostName>127.0.0.1</hostName><udpPort>%d</udpPort>"
            "</mediaRelay><mediaRelay><location>intranet</location>"
            "<hostName>nothing.invalid</hostName><udpPort>3478</udpPort>"
            "</mediaRelay></mediaRelayList></credentialsResponse>" % (
                said("credentialsRequestID"), base(user), base(password),
                self.relay_port))
        return ('<response xmlns="%s" requestID="%s" version="3.0" '
                'to="%s" from="sip:carol@example.test" '
                'serverVersion="3.0" reasonPhrase="%s">%s</response>' % (
                    MRASP, said("requestID"), MRAS_URI, self.reason, inside))

    def run(self):
        with contextlib.suppress(OSError):
            one, _ = self.socket.accept()
            with one:
                text = b""
                while b"</request>" not in text:
                    text += one.recv(4000)
                self.heard.append(text.decode())
                head = text.decode().split("\r\n\r\n")[0].split("\r\n")
                kept = [line for line in head if line.split(":")[0] in (
                    "Via", "From", "Call-ID", "CSeq", "To")]
                body = self.document(text.decode())
                one.sendall(("\r\n".join(
                    ["SIP/2.0 200 OK"] + kept +
                    ["Content-Type: application/msrtc-media-relay-auth+xml",
                     "Content-Length: %d" % len(body), "", body])).encode())
                one.recv(1)


def a_token_leads_to_its_relays(folder):
    with Coturn(folder) as server:
        mras = Mras(server.port)
        mras.start()
        where = ["--mras", MRAS_URI, "--proxy",
                 "127.0.0.1:%d;transport=tcp" % mras.port]
        # coturn knows no MS-TURN: the token serves in the other dialect.
        status, found = probe(folder, *where, "--dialect", "turn",
                              "--transport", "udp", "--identity",
                              "carol@example.test", "--record", "m.pcapng")
        mras.socket.close()
    token = found["token"]
    want(token["state"] == "ok" and token["duration_min"] == 480, token)
    want([r["host"] for r in token["relays"]] ==
         ["127.0.0.1", "nothing.invalid"], token)
    want(status == 0 and steps(found["servers"][0]) == "--kkkkkkkk", found)
    want("SERVICE " + MRAS_URI in mras.heard[0])
    want('from="sip:carol@example.test"' in mras.heard[0], mras.heard)
    # Stages 2 and 3 of the recording: the token, and the relay that it opened.
    tokens = found["analysis"]["tokens"]
    want([t["kind"] for t in tokens] == ["mras"], tokens)
    granted = [a for a in found["analysis"]["allocations"] if a["relayed"]]
    want(granted and granted[0]["token"] == tokens[0]["id"], granted)
    want(granted[0]["integrity"]["verified"] > 0, granted)
    want("wonder" not in folder.run("analyze", "m.pcapng")[1])


def edge(folder, *more):
    return serving.Server(
        "--ms-turn", "--listen", "udp:127.0.0.1:0", "--listen",
        "tcp:127.0.0.1:0", "--realm", "example.org", "--account",
        "alice:wonder", "--allow-loopback", "--user", "root", "--record",
        folder.at("edge.pcapng"), *more)


def ms_turn_works_over_all_its_transports(folder):
    server = edge(folder)
    try:
        found = []
        for transport, port in (("udp", server.port("udp")),
                                ("tcp", server.port("tcp")),
                                ("pseudo-tls", server.port("tcp"))):
            status, one = probe(folder, "127.0.0.1:%d" % port, *ALICE,
                                "--dialect", "ms-turn", "--transport",
                                transport, "--record", "ms.pcapng")
            want(status == 0, transport, one["servers"])
            hold_analysis(folder, one, "ms.pcapng", *ALICE)
            want(errors(one) == [], errors(one))
            found.append(one["servers"][0])
        bad = probe(folder, "127.0.0.1:%d" % server.port("udp"),
                    "--credential", "alice::wrong", "--dialect", "ms-turn",
                    "--transport", "udp")
    finally:
        server.stop()
    want([steps(s) for s in found] ==
         ["---kk-kkkk", "k--kk-kkkk", "kk-kk-kkkk"],
         [steps(s) for s in found])
    want(all(s["echoes_back"] == 2 for s in found), found)
    want(bad[0] == 1 and trouble(bad[1]["servers"][0]) == "credentials",
         bad[1]["servers"])


def token_of(secret, minutes):
    """One of MRAS, version 2, by the keys that the server makes of the
    secret."""
    def mac(key, text):
        return hmac.new(key, text, hashlib.sha1).digest()

    client, name, password = (mac(secret.encode(), word) for word in
                              (b"client", b"name", b"password"))
    filetime = int((time.time() + 60 * minutes + 11644473600) * 10000000)
    blob = b"\x02\x00\x00\x24" + (filetime & 0xFFFFFFFF).to_bytes(4, "big") \
        + (filetime >> 32).to_bytes(4, "big") \
        + mac(client, b"sip:carol@example.test") + bytes(4)
    user = blob + mac(name, blob)
    return user, mac(password, user)


def a_token_of_mras_opens_the_edge(folder):
    """Stages 2 and 3 from end to end, in Microsoft's dialect."""
    server = edge(folder, "--mras-secret", SECRET)
    try:
        mras = Mras(server.port("udp"), token=token_of(SECRET, 480))
        mras.start()
        status, found = probe(
            folder, "--mras", MRAS_URI, "--proxy",
            "127.0.0.1:%d;transport=tcp" % mras.port, "--transport", "udp")
        mras.socket.close()
        other = Mras(server.port("udp"), token=token_of("south", 480))
        other.start()
        refused = probe(
            folder, "--mras", MRAS_URI, "--proxy",
            "127.0.0.1:%d;transport=tcp" % other.port, "--transport", "udp")
        other.socket.close()
    finally:
        server.stop()
    want(status == 0 and steps(found["servers"][0]) == "---kk-kkkk",
         found["servers"])
    want(errors(found) == [], errors(found))
    granted = [a for a in found["analysis"]["allocations"] if a["relayed"]]
    want(granted and granted[0]["dialect"] == "ms-turn" and
         granted[0]["integrity"]["verified"] > 0 and
         granted[0]["token"] == found["analysis"]["tokens"][0]["id"], granted)
    want(refused[0] == 1 and
         trouble(refused[1]["servers"][0]) == "credentials",
         refused[1]["servers"])


def front(*more):
    """What a client of Lync signs in to, for Carol and Bob."""
    return serving.Server(
        "--listen", "sip:127.0.0.1:0", "--listen", "sips:127.0.0.1:0",
        "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
        "--ms-turn", "--mras-secret", SECRET, "--realm", "example.test",
        "--account", "carol@example.test:wonder", "--account", "bob:wonder",
        "--allow-loopback", "--user", "root", *more)


def the_own_front_gives_tokens(folder):
    """MRAS of `mrascope serve`, by TCP and TLS, with NTLM and with Digest;
    then its relays."""
    for scheme in ("NTLM", "Digest"):
        server = front("--sip-auth", scheme.lower())
        asking = ["--mras", MRAS_URI, "--identity", "sip:carol@example.test",
                  "--insecure"]
        try:
            for proxy in ("127.0.0.1:%d;transport=tcp" % server.port("sip"),
                          "127.0.0.1:%d" % server.port("sips")):
                status, found = probe(
                    folder, *asking, "--proxy", proxy, "--credential",
                    "carol@example.test::wonder")
                want(status == 0 and len(found["servers"]) > 1 and
                     all(s["echoes_back"] == 2 for s in found["servers"]),
                     proxy, found["token"], found["servers"])
                want(found["token"]["sign_in"] == {
                    "scheme": scheme, "registered": True, "unproved": False,
                    "verified": 3}, found["token"])
                want(errors(found) == [], errors(found))
                status, found = probe(
                    folder, *asking, "--proxy", proxy, "--credential",
                    "carol@example.test::wrong")
                want(status == 1 and found["servers"] == [] and
                     found["token"]["trouble"] == "credentials" and
                     found["token"]["step"] == "REGISTER", found["token"])
        finally:
            server.stop()


def signing_in_leads_to_the_edge(folder):
    """As a client of Lync: NTLM, provisioning, the token, its relays; and the
    recording has stages 1 to 3, with every signature proved."""
    server = front()
    at = ["--proxy", "127.0.0.1:%d;transport=tcp" % server.port("sip")]
    try:
        for who, more in (("carol@example.test::wonder", []),
                          ("EXAMPLE\\bob::wonder",
                           ["--identity", "bob@example.test"]),
                          ("bob:EXAMPLE:wonder",
                           ["--identity", "sip:bob@example.test"])):
            who = ["--credential", who]
            status, found = probe(folder, *at, *who, *more, "--record",
                                  "l.pcapng")
            token = found["token"]
            want(status == 0 and token["provisioned"] and
                 "opaque=srvr:MRAS:" in token["uri"], token)
            want(token["sign_in"]["scheme"] == "NTLM" and
                 token["sign_in"]["verified"] == 4, token)
            want(errors(found) == [], errors(found))
            hold_analysis(folder, found, "l.pcapng", *who)
            one, = found["analysis"]["registrations"]
            want(one["scheme"] == "NTLM" and one["digest"] == "verified" and
                 one["state"] == "ok", one)
            signed = one["sign_in"]["integrity"]
            want(signed["verified"] == 8 and signed["bad"] == 0 and
                 signed["unchecked"] == 0, signed)
            stages = {s["stage"]: s["state"]
                      for s in found["analysis"]["calls"][0]["stages"]}
            want([stages[s] for s in ("registration", "token", "gathering")]
                 == ["ok"] * 3, stages)
        text = folder.run("probe", *at, *who, *more)[1]
        want("signed in by NTLM, 4 answers are signed rightly" in text and
             "provisioning names" in text, text)
        status, _, said = folder.run("probe", *at)
        want(status == 2 and "--credential" in said, status, said)
    finally:
        server.stop()


def kerberos_is_not_spoken(folder):
    """What a Front End offers that does neither NTLM nor Digest is named."""
    offers = "".join(
        'WWW-Authenticate: %s realm="SIP Communications Service", '
        'targetname="%s", version=4\r\n' % pair for pair in (
            ("Kerberos", "sip/fe01.example.test"),
            ("TLS-DSK", "fe01.example.test")))

    def challenge(request):
        kept = [line for line in request.decode().split("\r\n")
                if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq",
                                          "To")]
        return "\r\n".join(["SIP/2.0 401 Unauthorized", *kept, offers +
                            "Content-Length: 0\r\n\r\n"]).encode()

    server = Answers(challenge)
    server.start()
    at = ["--proxy", "127.0.0.1:%d;transport=tcp" % server.port,
          "--credential", "carol@example.test::wonder"]
    status, found = probe(folder, *at)
    text = folder.run("probe", *at)[1]
    server.socket.close()
    token = found["token"]
    want(status == 1 and token["trouble"] == "wants-sign-in" and
         token["step"] == "REGISTER" and
         token["reason"] == "Kerberos, TLS-DSK", token)
    want("(401 Kerberos, TLS-DSK)" in text and
         "Kerberos and TLS-DSK are not" in " ".join(text.split()), text)


def a_refused_token_ends_it(folder):
    mras = Mras(3478, "Forbidden")
    mras.start()
    at = "127.0.0.1:%d;transport=tcp" % mras.port
    status, found = probe(folder, "--mras", MRAS_URI, "--proxy", at)
    mras.socket.close()
    want(status == 1 and found["servers"] == [], found)
    want(found["token"]["trouble"] == "mras-refused" and
         found["token"]["reason"] == "Forbidden", found["token"])
    status, text, _ = folder.run("probe", "--mras", MRAS_URI, "--proxy", at)
    want(status == 1 and "No token." in text and "->" in text, text)


def the_own_server_does_all_of_it(folder):
    # Also what coturn does not: SHA-256 and USERHASH are its own to offer.
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = certificate(folder, "localhost")
    with open(cert, "a", encoding="ascii") as chain, \
            open(key, encoding="ascii") as private:
        chain.write(private.read())
    server = serving.Server(
        "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
        "--listen", "tls:127.0.0.1:0", "--realm", "example.org", "--account",
        "alice:wonder", "--allow-loopback", "--user", "root",
        "--certificate", cert, "--record", folder.at("served.pcapng"))
    try:
        status, found = probe(
            folder, "turn:127.0.0.1:%d" % server.port("udp"),
            "turn:127.0.0.1:%d?transport=tcp" % server.port("tcp"),
            "turns:localhost:%d" % server.port("tls"), "--ca", cert,
            "--family", "4", *ALICE)
    finally:
        server.stop()
    want(status == 0, [steps(s) for s in found["servers"]])
    for one in found["servers"]:
        # Nothing is sent again: the relay lets nothing lie about.
        want(one["echoes_sent"] == 2 == one["echoes_back"], one)
    served = folder.json("analyze", "-f", "json", "served.pcapng", *ALICE)
    want(errors(found) == [] and not [
        f for f in served["findings"] if f["severity"] == "error"],
         served["findings"])
    return None


def told(folder, at, code, trouble_id, rule, *more):
    """A server that has nothing left says so, and that is understood."""
    status, found = probe(folder, at, *ALICE, "--transport", "udp", *more)
    one, = found["servers"]
    allocate, = [s for s in one["steps"] if s["state"] == "failed"]
    want(status == 1 and allocate["step"] == "allocate" and
         allocate["code"] == code and trouble(one) == trouble_id, one)
    want(not allocate["unproved"], allocate)
    want(rule in [f["rule"] for f in found["analysis"]["findings"]],
         found["analysis"]["findings"])
    want(not [e for e in errors(found) if e.startswith("engine/")],
         errors(found))


def quotas_of_the_own_server_are_told(folder):
    port = free_port()
    for option, code, trouble_id, rule in (
            (["--user-quota", "1"], 486, "quota", "gathering/quota-reached"),
            (["--total-quota", "1"], 508, "capacity",
             "gathering/no-capacity"),
            (["--ports", "%d-%d" % (port, port)], 508, "capacity",
             "gathering/no-capacity")):
        server = own_server("--account", "alice:wonder", "--ms-turn", *option)
        at = server.port("udp")
        try:
            with Holder(at):
                told(folder, "127.0.0.1:%d" % at, code, trouble_id, rule)
                if code == 486:
                    told(folder, "127.0.0.1:%d" % at, code, trouble_id, rule,
                         "--dialect", "ms-turn")
        finally:
            server.stop()


def quotas_of_coturn_are_told(folder):
    ports = next(RELAYS)
    for option, code, trouble_id, rule in (
            (["--user-quota=1"], 486, "quota", "gathering/quota-reached"),
            (["--total-quota=1"], 486, "quota", "gathering/quota-reached"),
            (["--min-port=%d" % ports, "--max-port=%d" % ports], 508,
             "capacity", "gathering/no-capacity")):
        with Coturn(folder, *option) as server, Holder(server.port):
            told(folder, server.at(), code, trouble_id, rule)


def busy_mras_is_told(folder):
    """The quota of the own front: one token a minute."""
    server = front("--mras-quota", "1")
    at = ["--proxy", "127.0.0.1:%d;transport=tcp" % server.port("sip"),
          "--credential", "carol@example.test::wonder", "--transport", "udp"]
    try:
        first, second = (probe(folder, *at, "--record", "b.pcapng")
                         for _ in range(2))
    finally:
        server.stop()
    want(first[0] == 0, first[0], first[1]["servers"], errors(first[1]))
    token = second[1]["token"]
    want(second[0] == 1 and token["trouble"] == "mras-refused" and
         token["reason"] == "Server Busy" and token["step"] == "SERVICE" and
         token["sign_in"]["registered"], token)
    want("token/refused" in errors(second[1]), errors(second[1]))
    want(not [e for e in errors(second[1]) if e.startswith("engine/")],
         errors(second[1]))


def own_server(*more):
    return serving.Server(
        "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
        "--realm", "example.org", "--allow-loopback", "--user", "root", *more)


OAUTH = "north:A256GCM:" + base64.b64encode(bytes(range(32))).decode()


def token_of_coturn():
    """KID:KEY:TOKEN, by the authorization server's side of coturn."""
    mac = base64.b64encode(b"a-mac-key-of-twenty-").decode()
    made = subprocess.run(
        ["turnutils_oauth", "-e", "-i", "turn.example.org", "-j", "north",
         "-k", OAUTH.split(":")[2], "-l", "%d" % time.time(), "-m", "3600",
         "-n", "A256GCM", "-o", "bm9uY2Utb2YtMTIh", "-p", mac, "-r", "600"],
        capture_output=True, text=True, check=True).stdout
    return "north:%s:%s" % (mac, json.loads(made)["access_token"])


def access_tokens_open_the_relay(folder):
    """RFC 7635: made here for the name that the server says, or given."""
    server = own_server("--oauth-key", OAUTH, "--oauth-name",
                        "turn.example.org")
    at = "127.0.0.1:%d" % server.port("udp")
    try:
        status, found = probe(folder, at, "--transport", "udp", "--oauth-key",
                              OAUTH, "--record", "o.pcapng")
        want(status == 0 and steps(found["servers"][0]) == "--kkkkkkkk",
             found["servers"])
        tokens = found["analysis"]["tokens"]
        want([t["kind"] for t in tokens] == ["oauth"], tokens)
        want(tokens[0]["duration_min"] == 60 and tokens[0]["issued"] and
             tokens[0]["expires"] > tokens[0]["issued"], tokens)
        want(found["analysis"]["allocations"][0]["integrity"]["verified"] > 4)
        hold_analysis(folder, found, "o.pcapng", "--oauth-key", OAUTH)
        status, found = probe(folder, at, "--transport", "udp", "--oauth-key",
                              OAUTH.replace("north", "south"))
        want(status == 1 and
             trouble(found["servers"][0]) == "credentials", found["servers"])
        if shutil.which("turnutils_oauth"):
            status, found = probe(folder, at, "--transport", "udp",
                                  "--access-token", token_of_coturn())
            want(status == 0, found["servers"])
    finally:
        server.stop()


def relays_have_both_families(folder):
    if not has_ipv6():
        return "no IPv6 here"
    server = own_server("--account", "alice:wonder", "--relay-address",
                        "127.0.0.1", "--relay-address", "::1")
    at = "turn:127.0.0.1:%d" % server.port("udp")
    try:
        found = {family: probe(folder, at, *ALICE, "--relay-family", family)
                 for family in ("4", "6", "both")}
    finally:
        server.stop()
    for family, start, peer in (("4", "127.", "own"), ("6", "[::1]", "relay"),
                                ("both", "127.", "own")):
        status, one = found[family]
        want(status == 0 and one["servers"][0]["relayed"].startswith(start)
             and one["servers"][0]["peer_kind"] == peer, family, one)
    want(found["both"][1]["servers"][0]["additional"].startswith("[::1]:"),
         found["both"])
    with Coturn(folder) as server:
        status, one = probe(folder, "turn:" + server.at(), *ALICE,
                            "--relay-family", "6")
        want(status == 1 and trouble(one["servers"][0]) == "family", one)
    return None


class Answers(threading.Thread):
    """A TCP server that says this to whoever says something; or what it makes
    of that."""

    def __init__(self, what):
        super().__init__(daemon=True)
        self.what = what
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                one, _ = self.socket.accept()
                with one:
                    asked = one.recv(4000)
                    one.sendall(self.what(asked) if callable(self.what)
                                else self.what)
                    time.sleep(0.2)


def other_services_are_told(folder):
    http = Answers(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    mute = Answers(b"")
    for one in (http, mute):
        one.start()
    status, found = probe(
        folder, "turn:127.0.0.1:%d?transport=tcp" % http.port,
        "turn:127.0.0.1:%d?transport=tcp" % mute.port,
        "turns:127.0.0.1:%d" % http.port, *ALICE)
    for one in (http, mute):
        one.socket.close()
    want(status == 1)
    want([trouble(s) for s in found["servers"]] ==
         ["other-protocol", "closed", "tls"],
         [trouble(s) for s in found["servers"]])


def names_and_options_are_checked(folder):
    for arguments, status, word in (
            (["nothing.invalid"], 3, "nothing.invalid"),
            (["turn:"], 2, "turn:HOST"),
            (["sip:alice@example.org"], 2, "turn:HOST"),
            (["turns:localhost?transport=sctp"], 2, "turn:HOST"),
            (["localhost", "--transport", "udp,carrier"], 2, "carrier"),
            (["localhost", "--dialect", "french"], 2, "french"),
            (["localhost", "--family", "5"], 2, "5"),
            (["localhost", "--relay-family", "5"], 2, "4, 6 or both"),
            (["localhost", "--access-token", "north:x"], 2, "KID:KEY:TOKEN"),
            (["localhost", "--ca", "no/such"], 2, "no/such"),
            (["localhost", "-f", "html"], 2, "probe"),
            (["localhost", "--credential", "alice"], 2, "USER"),
            ([], 2, "usage")):
        done = folder.run("probe", *arguments)
        want(done[0] == status and word in done[2], arguments, done)


TESTS = [udp_and_tcp_work_to_the_end, tls_works_by_the_right_name,
         old_certificates_are_told, dtls_works_too, ipv6_works,
         nat_behaviour_is_asked_for, wrong_passwords_are_named,
         nobody_gets_as_far_as_the_challenge, rest_credentials_live_and_die,
         credentials_come_from_a_file, peers_that_are_forbidden_are_got_round,
         the_own_server_does_all_of_it, access_tokens_open_the_relay,
         relays_have_both_families,
         ms_turn_works_over_all_its_transports,
         a_token_of_mras_opens_the_edge, a_token_leads_to_its_relays,
         the_own_front_gives_tokens, signing_in_leads_to_the_edge,
         quotas_of_the_own_server_are_told, quotas_of_coturn_are_told,
         busy_mras_is_told, kerberos_is_not_spoken, a_refused_token_ends_it,
         closed_ports_are_told_from_silence, other_services_are_told,
         names_and_options_are_checked]

if __name__ == "__main__":
    if not COTURN:
        print("1..0 # SKIP no turnserver")
        sys.exit(0)
    run_tests(TESTS, jobs=8)
