#!/usr/bin/env python3
"""mrascope probe against MRAS and the relays of an Edge, all on loopback: from
signing in to the token and what it opens (TAP).  Skipped where turnserver is
missing."""
import base64
import contextlib
import hashlib
import hmac
import os
import re
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "check"))
sys.path.insert(0, HERE)
import serving  # noqa: E402
from probing import (  # noqa: E402
    ALICE, Answers, COTURN, Coturn, SECRET, errors, hold_analysis, probe,
    steps, trouble)
from support import PROGRAM, run_tests, want  # noqa: E402

serving.PROGRAM = PROGRAM
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


TESTS = [ms_turn_works_over_all_its_transports, a_token_of_mras_opens_the_edge,
         a_token_leads_to_its_relays, the_own_front_gives_tokens,
         signing_in_leads_to_the_edge, busy_mras_is_told,
         kerberos_is_not_spoken, a_refused_token_ends_it]

if __name__ == "__main__":
    if not COTURN:
        print("1..0 # SKIP no turnserver")
        sys.exit(0)
    serving.alone()
    run_tests(TESTS, jobs=8)
