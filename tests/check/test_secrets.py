#!/usr/bin/env python3
"""No secret comes out: every place where one may stand, whole and damaged, over
every command and format without --show-secrets (TAP).

Each secret is a marker of its own, so that the report of this test names the
place and the view that told it. `--show-secrets` must tell some of them: else
the places are such as nothing shows, and the test says nothing.
"""
import base64
import os
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "golden"))

import packets  # noqa: E402
from support import PROGRAM, run_tests, want  # noqa: E402

MARK = "SeCRet"


class Places:
    """Gives out markers, and knows what each stands for."""

    def __init__(self):
        self.names = {}

    def __call__(self, name, size=24):
        number = len(self.names)
        marker = "%s%03dx" % (MARK, number)
        self.names[marker] = name
        return marker + "Qf" * ((size - len(marker) + 1) // 2)

    def shown_in(self, text):
        return {name for marker, name in self.names.items() if marker in text}


def headers(secret):
    """Header lines of SIP and HTTP."""
    named = ["Authorization", "AUTHORIZATION", "Proxy-Authorization",
             "authorization ", "Authorizat\x0fon", "Auth\xefrization"]
    lines = []
    for name in named:
        for scheme in ("Basic", "Bearer", "Negotiate", "NTLM", "TLS-DSK"):
            lines.append("%s: %s %s" % (name, scheme, secret(
                name + " " + scheme)))
        for parameter in ("response", "gssapi-data", "cnonce-response",
                          "ticket", "token", "access_token"):
            lines.append('%s: NTLM qop="auth", %s="%s", realm="r"' % (
                name, parameter, secret(name + " " + parameter)))
        lines.append("%s: Digest username=\"a\", response=%s" % (
            name, secret(name + " response without quotes")))
        lines.append("%s: Digest realm=\"r\",\r\n response=\"%s\"" % (
            name, secret(name + " folded")))
        lines.append("%s: Digest realm=\"r\", respon\x13e=\"%s\"" % (
            name, secret(name + " with a damaged parameter")))
        lines.append("%s: Digest realm=\"r\", response=\"%s" % (
            name, secret(name + " without an end")))
    lines += [
        'Authentication-Info: NTLM rspauth="%s", snum="1"' %
        secret("Authentication-Info"),
        'Proxy-Authentication-Info: NTLM rspauth="%s"' %
        secret("Proxy-Authentication-Info"),
        "Cookie: a=%s; b=%s" % (secret("cookie"), secret("second cookie")),
        "Set-Cookie: a=%s; path=/" % secret("Set-Cookie"),
        "cookie: a=%s" % secret("cookie in small letters"),
        "X-MS-WebTicket: opaque=%s" % secret("X-MS-WebTicket"),
        "X-Ms-Passport-Token: %s" % secret("passport token"),
        "X-Auth-Token: %s" % secret("X-Auth-Token"),
        "Contact: <sip:a:%s@192.0.2.1>" % secret("Contact"),
        "Route: <sip:a:%s@192.0.2.1;lr>" % secret("Route"),
        "Refer-To: sip:a:%s@192.0.2.1" % secret("Refer-To"),
        "P-Asserted-Identity: <sips:a:%s@h>" % secret("P-Asserted-Identity"),
        "X-Other: see sip:a:%s@h" % secret("URI in another header"),
        "X-Other: %s|2^31|1:1" % secret("the rest of a key"),
        "X-Other: %s=</password>" % secret("the rest of an element"),
        "X-Other: a%%3Dice-pwd%%3A%s%%0D%%0A" % secret("percent ice-pwd"),
        "X-Other: %%3Cpassword%%3E%s%%3C%%2F" % secret("percent element"),
        "X-Other: gssapi-data%%3D%%22%s%%22" % secret("percent gssapi-data"),
        "X-Other: Authorization%%3A%%20Basic%%20%s" % secret("percent Basic"),
        "Expires: 7200 Authentication-I\x17fo: NTLM rspauth=\"%s\"" %
        secret("behind a damaged line end"),
    ]
    return lines


def description(secret, of):
    """Lines of SDP."""
    pwds = ["a=ice-pwd:%s", "a=ice<pwd:%s", "a=ice-pwd %s", "a=ice-pwd: %s",
            "a=ice-pwd:\r\n%s", "a=ice-\r\npwd:%s", "a=ICE-PWD:%s", "a=icd-pwd:%s", "a=ice-pd:%s", "a=ice-pwd\x01%s", "b=ice-pwd:%s",
            " a=ice-pwd:%s", "a=ice-p\xf7d:%s"]
    keys = ["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s|2^31|1:1",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inlyne:%s|2^31|1:1",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\r\n%s|2^31|1:1",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inli\r\nne:%s|2^31|1:1",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAA\r\n%s|2^31",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline;%s",
            "a=crypto:2 AES_CM_128_HMAC_SHA1_80 INLINE:%s|2^31",
            "a=crypto:broken inline:%s", "a=cripto:1 X inline:%s",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 %s",
            "a=cryptoscale:1 client AES_CM_128_HMAC_SHA1_80 inline:%s|2^31",
            "a=crypto:1 F8_128_HMAC_SHA1_80 inline:x|2^20|1:4;inline:%s|2^20",
            "k=clear:%s", "k=base64:%s", "k=cmear:%s", "k=%s",
            "a=key-mgmt:mikey %s", "a=3GPP-Integrity-Key:%s"]
    candidates = [
        "a=candidate:Us3rAAAAAAAA 1 %s UDP 0.9 192.0.2.1 50000",
        "a=candidate:Us3rBBBBBBBB 1 %s BROKEN",
        "a=candidatm:Us3rCCCCCCCC 1 %s UDP 0.9 192.0.2.1 50000",
        "a=remote-candidate:Us3r %s"]
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1",
             "t=0 0", "m=audio 5000 RTP/SAVP 8", "a=ice-ufrag:abcd"]
    for line in pwds + keys + candidates[:3]:
        lines.append(line % secret("%s: %r" % (of, line), 32))
    lines.append("a=remote-candidate:abcdefgh")
    return "".join(line + "\r\n" for line in lines)


MRAS = """\
<response xmlns="http://schemas.microsoft.com/2006/09/sip/mrasp" \
requestID="1" version="2.0" serverVersion="2.0" to="sip:m@h" from="sip:a@h" \
reasonPhrase="OK"><credentialsResponse credentialsRequestID="1"><credentials>\
<username>AgAAJMgGvgNGdYHPATqLU3nwMpvEv1n9</username>%s<duration>480</duration>\
</credentials></credentialsResponse></response>"""


def xml_bodies(secret):
    passwords = ["<password>%s</password>", "<m:password>%s</m:password>",
                 "<password x='1'>%s</password>", "<Password>%s</Password>",
                 "<password>\r\n  %s\r\n</password>", "<passvord>%s</passvord>",
                 "<password><![CDATA[%s]]></password>", "<password>%s"]
    for form in passwords:
        yield ("application/msrtc-media-relay-auth+xml",
               MRAS % form % secret("MRAS " + form))
    wst = ("<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'>"
           "<s:Header>%s</s:Header></s:Envelope>")
    for form in (
            "<wsse:Password Type='x'>%s</wsse:Password>",
            "<wsse:BinarySecurityToken>%s</wsse:BinarySecurityToken>",
            "<wst:BinarySecret>%s</wst:BinarySecret>",
            "<xenc:CipherValue>%s</xenc:CipherValue>",
            "<SignatureValue>%s</SignatureValue>",
            "<wst:RequestedSecurityToken><saml:Assertion AssertionID='x'>%s"
            "</saml:Assertion></wst:RequestedSecurityToken>",
            "<AccessToken>%s</AccessToken>"):
        yield "text/xml", wst % form % secret("SOAP " + form)
    for form in (
            "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='%s' "
            "ufrag='abcd'/>",
            '<crypto crypto-suite="A" key-params="inline:%s|2^20" tag="1"/>',
            "<service type='turn' host='192.0.2.3' username='u' "
            "password='%s'/>",
            "<auth mechanism='PLAIN'>%s</auth>",
            "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</response>",
            "<services><service password = \"%s\"/></services>"):
        yield "application/xmpp+xml", "<iq>%s</iq>" % (
            form % secret("XMPP " + form))


def other_bodies(secret):
    for form in (
            '{"username":"1:u","password":"%s","ttl":86400,"uris":[]}',
            '{"password" : "%s"}', '{"iceServers":[{"credential":"%s"}]}',
            '{"credentials":"%s"}', '{"access_token":"%s"}',
            '{"refresh_token":"%s"}', '{"id_token":"%s"}',
            '{"client_secret":"%s"}', '{"icePwd":"%s"}', '{"ice_pwd":"%s"}',
            '{"pwd":"%s"}', "{'password':'%s'}", '{"passwd":"%s"}',
            '{"mac_key":"%s"}', '{"token":"%s"}', '{"secret":"%s"}',
            '{"sdp":"v=0\\r\\na=ice-ufrag:abcd\\r\\na=ice-pwd:%s\\r\\n"}',
            '{\\"ice-pwd\\":\\"%s\\"}'):
        yield "application/json", form % secret("JSON " + form)
    for form in ("grant_type=password&username=a&password=%s",
                 "access_token=%s&token_type=bearer", "client_secret=%s",
                 "wresult=x&Passwd=%s", "assertion=%s"):
        yield "application/x-www-form-urlencoded", form % secret(
            "form " + form)
    for kind in ("application/sdp", "application/trickle-ice-sdpfrag",
                 "text/plain"):
        yield kind, description(secret, kind)
    yield ("multipart/alternative;boundary=b",
           "--b\r\nContent-Type: application/sdp\r\n\r\n%s--b--\r\n" %
           description(secret, "multipart"))


def messages(secret):
    """Whole messages of SIP: (is a request, text)."""
    head = ("Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%d\r\n"
            "From: <sip:a:%s@h>;tag=1\r\nTo: <sip:b:%s@h>\r\n"
            "Call-ID: secrets-%d\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n")
    bodies = list(xml_bodies(secret)) + list(other_bodies(secret))
    for line in headers(secret):
        bodies.append((line, None))
    for number, (kind, body) in enumerate(bodies):
        method = "INVITE" if body and "v=0" in body else "SERVICE"
        lines = head % (number, secret("From"), secret("To"), number, method)
        if body is None:
            lines += "%s\r\nContent-Length: 0\r\n" % kind
        else:
            lines += "Content-Type: %s\r\nContent-Length: %d\r\n" % (
                kind, len(body))
        lines += "\r\n" + (body or "")
        yield "%s sip:b:%s@h SIP/2.0\r\n%s" % (
            method, secret("the first line"), lines)
        yield "SIP/2.0 200 OK\r\n" + lines.replace(
            ">\r\nCall", ">;tag=2\r\nCall")
    yield from run_together(secret, head)


def run_together(secret, head):
    """A header whose line end is damaged, and credentials behind it."""
    lines = (head % (9000, "x", "y", 9000, "INVITE")).split("\r\n")
    for i, line in enumerate(lines[:-1]):
        rest = list(lines)
        rest[i] = '%s\x01Authorization: NTLM response="%s"' % (
            line, secret("behind " + line[:8]))
        for first in ("INVITE sip:b@h SIP/2.0", "SIP/2.0 403 Forbidden"):
            yield "%s\r\n%sContent-Length: 0\r\n\r\n" % (
                first, "\r\n".join(rest))


def stun(kind, *attributes):
    body = b"".join(struct.pack("!HH", a, len(v)) + v + bytes(-len(v) % 4)
                    for a, v in attributes)
    return struct.pack("!HH", kind, len(body)) + b"SECRETSECRET-ID!" + body


def packets_of(secret, texts):
    """The messages as UDP, HTTP over TCP, and STUN."""
    for number, text in enumerate(texts):
        ends = (packets.ALICE, packets.BOB)
        yield packets.udp(*(ends if number % 2 == 0 else ends[::-1]),
                          text.encode("latin-1"))
    # Shared Secret of RFC 3489: user name and password in clear.
    client = ("192.0.2.1", 40000)
    yield packets.udp(client, packets.TURN, stun(0x0002))
    yield packets.udp(packets.TURN, client, stun(
        0x0102, (6, b"user"), (7, secret("STUN PASSWORD").encode())))
    yield from http(secret)


def http(secret):
    """Requests and replies, each a connection of its own."""
    port = 41000
    bodies = list(xml_bodies(secret)) + list(other_bodies(secret))
    parts = [([line], "text/plain", "") for line in headers(secret)]
    parts += [([], kind, body) for kind, body in bodies]
    for lines, kind, body in parts:
        client, server, port = ("192.0.2.1", port), ("192.0.2.9", 80), port + 1
        fields = "".join(line + "\r\n" for line in lines)
        rest = "%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (
            fields, kind, len(body), body)
        ask = ("POST /CertProv/CertProvisioningService.svc?token=%s HTTP/1.1"
               "\r\nHost: lyncdiscover.example\r\n" % secret("HTTP target") +
               rest).encode("latin-1")
        reply = ("HTTP/1.1 200 OK\r\n" + rest).encode("latin-1")
        yield packets.tcp(client, server, 0, b"", 2, 0)
        yield packets.tcp(server, client, 0, b"", 0x12, 1)
        yield packets.tcp(client, server, 1, ask)
        yield packets.tcp(server, client, 1, reply, ack=1 + len(ask))


def client_log(texts):
    """UccApi: lines that are passed over, traces, and the messages."""
    line = "02/03/2015|09:07:%02d.045 2A4C:1B0 INFO  :: %s\r\n"
    peer = "192.0.2.10:5061 (From Local Address: 192.0.2.35:49731) 1 bytes"
    out = []
    for number, text in enumerate(texts):
        for part in text.split("\r\n"):
            if MARK in part and part.isprintable():
                out.append(line % (number % 60, "MRAS ICE " + part))
                out.append(line % (number % 60, part))
        out.append(line % (number % 60, "Sending Packet - %s:" % peer))
        out.append(line % (number % 60, text))
        out.append(line % (number % 60, "End of Sending Packet - " + peer))
    return "".join(out)


def diagnostic(prefix, said, fields):
    """A record that is a finding of the call whose fields these are."""
    names = [line for line in fields.split("\r\n")
             if line.startswith(("Call-ID:", "CSeq:"))]
    return "%s$$begin_record\r\n%s\r\n$$end_record\r\n" % (
        prefix.replace("TL_INFO(TF_PROTOCOL)", "TL_WARN(TF_DIAG)"),
        "\r\n".join(["Severity: warning", "Text: " + said,
                     "Result-Code: 0xc3e93c5e SIPPROXY_E_ROUTING"] +
                    ["SIP-" + name for name in names]))


def server_log(texts):
    out = []
    for number, text in enumerate(texts):
        head, _, body = text.partition("\r\n\r\n")
        start, _, fields = head.partition("\r\n")
        prefix = ("TL_INFO(TF_PROTOCOL) [0]0B2C.0F18::03/09/2013-14:22:%02d."
                  "518.%08x (SIPStack,A::B:C.cpp(1))" % (number % 60, number))
        out.append("%s$$begin_record\r\nDirection: incoming\r\n"
                   "Peer: fe01.h:5061\r\nStart-Line: %s\r\n%s\r\n"
                   "Message-Body: %s\r\n$$end_record\r\n" % (
                       prefix, start, fields, body or "-"))
        for part in text.split("\r\n"):
            if MARK in part:
                out.append("%s$$begin_record\r\nSeverity: warning\r\n"
                           "Text: %s\r\nResult-Code: 0x1\r\n$$end_record\r\n" %
                           (prefix, part))
                out.append(diagnostic(prefix, part, fields))
    return "".join(out)


def inputs(folder, secret):
    """Writes the files; (name, a view of it is short)."""
    texts = list(messages(secret))
    folder.write("all.pcap", packets.pcap(list(packets_of(secret, texts))))
    folder.write("client.uccapilog", client_log(texts).encode("latin-1"))
    folder.write("server.log", server_log(texts).encode("latin-1"))
    folder.write("plain.txt", "\r\n".join(texts).encode("latin-1"))
    return ["all.pcap", "client.uccapilog", "server.log", "plain.txt"]


def forms_of(marker):
    """How a marker may look in a text."""
    raw = marker.encode()
    yield marker
    yield raw.hex()
    yield raw.hex().upper()
    yield " ".join("%02x" % b for b in raw[:9])
    for skip in range(3):
        whole = base64.b64encode(bytes(skip) + raw).decode()
        yield whole[4:-4] if skip else whole[:-4]


def told(secret, text):
    """Names of the places whose secrets are in it."""
    if MARK not in text and not any(
            f in text for f in forms_of(MARK) if len(f) > 6):
        return set()
    names = secret.shown_in(text)
    for marker, name in secret.names.items():
        names |= {name for f in forms_of(marker) if f in text}
    return names


def hold(secret, text, what):
    names = sorted(told(secret, text))
    want(not names, "%s tells %d secrets:" % (what, len(names)),
         *names[:40])


VIEWS = [["analyze"]] + [["analyze", "-f", f] for f in (
    "json", "ndjson", "html", "csv", "mermaid", "junit", "sarif")] + [
        ["frames"], ["analyze", "--paths"], ["analyze", "--paths", "-f", "csv"],
        ["check"], ["check", "-f", "tap"], ["check", "-f", "json"]]


def held_in_views(folder, name):
    secret = Places()
    inputs(folder, secret)
    failures = []
    for view in VIEWS:
        _, out, err = folder.run(*view, name)
        names = sorted(told(secret, out + err))
        if names:
            failures.append("%s %s: %d: %s" % (
                " ".join(view), name, len(names), "; ".join(names[:12])))
    want(not failures, *failures)
    shown = folder.run("analyze", "-f", "html", "--show-secrets", name)[1]
    want(told(secret, shown), "--show-secrets shows none")


def no_view_of_packets_tells(folder):
    held_in_views(folder, "all.pcap")


def no_view_of_a_client_log_tells(folder):
    held_in_views(folder, "client.uccapilog")


def no_view_of_a_server_log_tells(folder):
    held_in_views(folder, "server.log")


def no_view_of_plain_text_tells(folder):
    held_in_views(folder, "plain.txt")


KEYS = ["Enter", "Enter Enter", "Enter F6", "F6", "Enter Enter F6",
        "Enter Down Down Enter", "P", "L", "!", "i", "Enter !", "Enter L",
        "Space Down Space =", "Enter Space Down Space", "Enter Enter Tab",
        "Enter x"]


def no_screen_tells(folder):
    secret = Places()
    failures = []
    for name in inputs(folder, secret):
        for keys in KEYS:
            status, out, err = folder.run("tui", "--config", "none",
                                          "--screen", "200x400", "--keys",
                                          keys, name)
            want(status == 0 and out, keys, err)
            names = told(secret, out + err)
            if names:
                failures.append("%s %s: %s" % (name, keys,
                                               "; ".join(sorted(names)[:9])))
    want(not failures, *failures)


def nothing_live_tells(folder):
    """A file that grows while it is read; the end is a signal."""
    secret = Places()
    inputs(folder, secret)
    with open(folder.at("all.pcap"), "rb") as f:
        whole = f.read()
    path = folder.write("grows.pcap", whole[:len(whole) // 2])
    with open(folder.at("events"), "w+", encoding="utf-8") as events, \
            subprocess.Popen(
                [PROGRAM, "live", "--no-sandbox", "--follow", path, "-w",
                 folder.at("written.pcapng")], stdin=subprocess.DEVNULL,
                stdout=events, stderr=subprocess.STDOUT) as live:
        try:
            wait_until(lambda: '"event"' in folder.read("events"))
            with open(path, "ab") as f:
                f.write(whole[len(whole) // 2:])
            wait_until(lambda: "attempt web" in folder.read("events"))
            live.send_signal(signal.SIGINT)
            live.wait(60)
        finally:
            live.kill()
    out = folder.read("events")
    want(live.returncode == 0 and '"event"' in out, out[-300:])
    hold(secret, out, "live --follow")


def wait_until(holds):
    end = time.monotonic() + 60
    while not holds():
        want(time.monotonic() < end, "nothing came")
        time.sleep(0.05)


def nothing_saved_as_text_tells(folder):
    """Captures hold the packets themselves; what stands beside them does
    not."""
    secret = Places()
    inputs(folder, secret)
    status, out, err = folder.run("extract", "-c", "1", "-o", "one.pcapng",
                                  "all.pcap")
    want(status == 0, err)
    hold(secret, out + err, "extract")
    with open(folder.at("one.pcapng"), "rb") as f:
        blocks = f.read()
    own = b"".join(frame for _, frame in packets.pcapng_frames(blocks))
    for line in blocks.split(b"\0"):
        if MARK.encode() in line and line not in own:
            want(any(line[i:i + 40] in own for i in range(len(line))), line)
    want(folder.run("diff", "all.pcap", "plain.txt")[0] in (0, 1, 3))
    for form in ([], ["-f", "json"]):
        hold(secret, "".join(folder.run("diff", *form, "-c", "1", "-c", "2",
                                        "all.pcap", "all.pcap")[1:]), "diff")


def keys_that_are_given_are_not_told(folder):
    secret = Places()
    folder.write("all.pcap", packets.pcap([packets.udp(
        ("192.0.2.1", 4000), packets.TURN, stun(3))]))
    given = [
        ["--credential", "user:realm:%s" % secret("--credential")],
        ["--credential", secret("a --credential without colons")],
        ["--credential", "%s:" % secret("a broken --credential")],
        ["--turn-secret", secret("--turn-secret")],
        ["--oauth-key", "k:A256GCM:%s" % secret("a broken --oauth-key")],
        ["--oauth-key", secret("an --oauth-key without colons")],
        ["--credentials", folder.write("c", "user\trealm\t%s\n%s\n" % (
            secret("--credentials"), secret("a line without tabs")))],
        ["--credentials", folder.write("d", "user\trealm\t%s\n" % secret(
            "--credentials"))],
        ["--keylog", folder.write("k", "CLIENT_RANDOM %s %s\n" % (
            "00" * 32, secret("a broken --keylog")))],
        ["--rsa-key", folder.write("r", "-----BEGIN PRIVATE KEY-----\n%s\n" %
                                   secret("a broken --rsa-key"))]]
    for options in given:
        for view in (["analyze"], ["analyze", "-f", "json"],
                     ["analyze", "-f", "html"], ["frames"]):
            out = folder.run(*view, *options, "all.pcap")[1:]
            hold(secret, "".join(out), " ".join(view + options[:1]))
    for form in ([], ["-f", "json"]):
        for server in ("turn:127.0.0.1:9", "turn:127.0.0.1:9?transport=tcp"):
            out = folder.run("probe", "--timeout", "0.2", *form, *given[0],
                             *given[3], server)[1:]
            hold(secret, "".join(out), "probe")
    for line in ("user = %s", "user = a:%s", "secret = %s", "key = %s",
                 "turn-secret = %s x", "%s"):
        out = folder.run("serve", "--config", folder.write(
            "s", line % secret("serve: " + line) + "\n"))[1:]
        hold(secret, "".join(out), "serve with " + line)


TESTS = [no_view_of_packets_tells, no_view_of_a_client_log_tells,
         no_view_of_a_server_log_tells, no_view_of_plain_text_tells,
         no_screen_tells, nothing_live_tells, nothing_saved_as_text_tells,
         keys_that_are_given_are_not_told]

if __name__ == "__main__":
    run_tests(TESTS, 2)
