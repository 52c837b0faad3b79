#!/usr/bin/env python3
"""Real clients sign in to `mrascope serve`: pidgin-sipe through libpurple, over
TCP and TLS, with NTLM; it is provisioned and gets a token of MRAS, with which
libnice connects over the relay of the same process; what was recorded shows the
three stages, without an error.  sipp signs in with Digest, and our own prober
with NTLM.  On the loopback; prints TAP."""
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import serving  # noqa: E402
import test_serve_ms  # noqa: E402

USER, PASSWORD, DOMAIN = "alice", "won der:land", "example.test"


def build(folder, name, sources, *packages):
    """A client made of C; None where what it wants is missing."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *packages],
                           capture_output=True, text=True, check=False)
    if flags.returncode or not shutil.which("cc"):
        return None
    made = os.path.join(folder, name)
    subprocess.run(["cc", "-O1", "-rdynamic", "-o", made,
                    *(os.path.join(HERE, source) for source in sources),
                    *flags.stdout.split(), "-ldl"], check=True)
    return made


def serve(folder, *more):
    return serving.Server(
        "--listen", "sip:127.0.0.1:0", "--listen", "sips:127.0.0.1:0",
        "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
        "--ms-turn", "--mras-secret", "north wind", "--realm", "rtcmedia",
        "--account", "%s:%s" % (USER, PASSWORD), "--allow-loopback",
        "--media-ports", "50000-50039", "--record",
        os.path.join(folder, "recording.pcapng"), *more)


def analysed(folder, *options):
    done = subprocess.run(
        [serving.PROGRAM, "analyze", "-f", "json", "-q", *options,
         os.path.join(folder, "recording.pcapng")],
        capture_output=True, text=True, timeout=240, check=False)
    return json.loads(done.stdout)


def no_errors(tap, what, found):
    errors = ["%s: %s" % (f["rule"], f["message"]) for f in found["findings"]
              if f["rule"] != test_serve_ms.ITS_OWN and (
                  f["severity"] == "error" or f["severity"] == "warning" and
                  f["rule"].startswith("engine/"))]
    tap.ok(not errors, what + ": no errors are found", *errors)


# ---- pidgin-sipe ----

def certificate(folder):
    """A certificate that libpurple has seen before."""
    path = os.path.join(folder, "server.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", path + ".key", "-out",
         path], check=True, capture_output=True)
    for name in ("", ".key"):
        os.chmod(path + name, 0o644)
    return path


def sign_in(client, folder, transport, server, password=PASSWORD):
    """Exit status and what the client said."""
    purple = os.path.join(folder, "purple-%s-%d" % (transport, time.time_ns()))
    peers = os.path.join(purple, "certificates", "x509", "tls_peers")
    os.makedirs(peers)
    shutil.copy(os.path.join(folder, "server.pem"),
                os.path.join(peers, "127.0.0.1"))
    port = server.port("sips" if transport == "tls" else "sip")
    done = subprocess.run(
        [client, purple, transport, "127.0.0.1:%d" % port,
         "%s@%s" % (USER, DOMAIN), "EXAMPLE\\" + USER, password],
        capture_output=True, text=True, timeout=240, check=False,
        env=dict(os.environ, SIPE_CLIENT_PATIENCE="120"))
    return done.returncode, done.stdout.splitlines()


def judge_relay(tap, what, found):
    """The allocations with the token that the capture shows."""
    captured = [t["id"] for t in found["tokens"]
                if t["kind"] == "mras" and t["state"] == "ok"]
    mine = [a for a in found["allocations"] if a["token"] in captured]
    tap.ok(len(mine) >= 2 and len(mine) == len(found["allocations"]),
           what + ": all relays are had with the token of MRAS",
           found["allocations"])
    verified = sum(a["integrity"]["verified"] for a in mine)
    other = sum(a["integrity"][k] for a in mine
                for k in ("bad", "no-key-fits", "unchecked"))
    tap.ok(verified >= 8 and other == 0,
           what + ": every integrity is verified with it", verified, other)


def judge_sign_in(tap, what, found):
    regs = [r for r in found["registrations"]
            if r["party"] and r["scheme"] == "NTLM"]
    tap.ok(len(regs) == 1 and regs[0]["state"] == "ok" and
           "opaque=srvr:MRAS:" in (regs[0]["mras_uri"] or ""),
           what + ": the registration is seen, and where MRAS is", regs)
    tokens = [t for t in found["tokens"] if t["kind"] == "mras"]
    tap.ok(len(tokens) == 1 and tokens[0]["state"] == "ok" and
           tokens[0]["duration_min"] == 480 and len(tokens[0]["relays"]) == 1,
           what + ": the token is seen", tokens)
    stages = {s["stage"]: s["state"] for c in found["calls"]
              for s in c["stages"] if c["from"] == "sip:%s@%s" % (
                  USER, DOMAIN)}
    tap.ok(stages.get("registration") == "ok" and stages.get("token") == "ok",
           what + ": stages 1 and 2 are established", found["calls"])


def purple(tap, folder, client, agent):
    pem = certificate(folder)
    for transport in ("tcp", "tls"):
        what = "pidgin-sipe over " + transport
        server = serve(folder, "--certificate", pem, "--key", pem + ".key")
        code, said = sign_in(client, folder, transport, server)
        if code == 77:
            server.stop()
            return False
        words = dict(line.split(" ", 1) for line in said)
        tap.ok(code == 0 and words.get("signed") == "off",
               what + " signs in and out", *said)
        tap.ok(words.get("relay") == "127.0.0.1 %d %d" % (
            server.port("tcp"), server.port("udp")),
            what + " is told the relay", *said)
        if agent and "token" in words:
            own = os.path.join(folder, transport)
            os.mkdir(own)
            codes, last = test_serve_ms.connect(
                agent, own, server, "oc2007r2", "udp",
                words["token"].split(" "))
            tap.ok(codes == [0, 0], what + ": libnice connects by relay alone",
                   *last)
        status, complaint = server.stop()
        tap.ok(status == 0, what + ": the server ends well", complaint)
        found = analysed(folder)
        judge_sign_in(tap, what, found)
        if agent:
            judge_relay(tap, what, found)
        no_errors(tap, what, found)
    server = serve(folder)
    code, said = sign_in(client, folder, "tcp", server, "wrong")
    server.stop()
    tap.ok(code == 1 and any(line.startswith("refused") for line in said),
           "pidgin-sipe with a wrong password is refused", *said)
    found = analysed(folder)
    tap.ok([r["state"] for r in found["registrations"]] == ["failed"],
           "and so says the recording", found["registrations"])
    return True


# ---- Digest ----

REGISTER = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="register">
  <send><![CDATA[
REGISTER sip:{domain} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{user}@{domain}>;tag=[call_number]
To: <sip:{user}@{domain}>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:{user}@[local_ip]:[local_port];transport=tcp>
Expires: 600
Content-Length: 0

]]></send>
  <recv response="401" auth="true"/>
  <send><![CDATA[
REGISTER sip:{domain} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{user}@{domain}>;tag=[call_number]
To: <sip:{user}@{domain}>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:{user}@[local_ip]:[local_port];transport=tcp>
Expires: 600
[authentication username={user} password={password}]
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""


def sipp(tap, folder):
    scenario = os.path.join(folder, "register.xml")
    with open(scenario, "w", encoding="ascii") as f:
        f.write(REGISTER.format(user=USER, domain=DOMAIN, password="secret"))
    server = serving.Server(
        "--listen", "sip:127.0.0.1:0", "--account", USER + ":secret",
        "--realm", "rtcmedia", "--sip-auth", "md5", "--record",
        os.path.join(folder, "recording.pcapng"))
    done = subprocess.run(
        ["sipp", "-sf", scenario, "-t", "t1", "-m", "20", "-r", "50",
         "-i", "127.0.0.1", "-timeout", "120", "-nostdin",
         "127.0.0.1:%d" % server.port("sip")],
        cwd=folder, capture_output=True, text=True, timeout=240, check=False,
        stdin=subprocess.DEVNULL, env=dict(os.environ, TERM="dumb"))
    server.stop()
    tap.ok(done.returncode == 0, "sipp signs in twenty times with Digest",
           done.stdout[-800:], done.stderr[-800:])
    found = analysed(folder, "--credential", USER + ":rtcmedia:secret")
    regs = found["registrations"]
    tap.ok(len(regs) == 20 and all(r["state"] == "ok" and
                                   r["digest"] == "verified" for r in regs),
           "sipp: each digest is verified", regs[:2])
    no_errors(tap, "sipp", found)


def probe(tap):
    """Our own client of MRAS signs in by NTLM, and probes the relay that it is
    led to."""
    server = serving.Server(
        "--listen", "sip:127.0.0.1:0", "--listen", "udp:127.0.0.1:0",
        "--ms-turn", "--mras-secret", "north wind", "--account", "bob:secret",
        "--allow-loopback")
    done = subprocess.run(
        [serving.PROGRAM, "probe", "-f", "json", "--mras",
         "sip:MRASLoc.%s@%s" % (DOMAIN, DOMAIN), "--proxy",
         "127.0.0.1:%d;transport=tcp" % server.port("sip"), "--identity",
         "sip:bob@" + DOMAIN, "--credential", "bob:mrascope:secret"],
        capture_output=True, text=True, timeout=240, check=False)
    server.stop()
    tap.ok(done.returncode == 0, "probe signs in, finds MRAS, and its relay",
           done.stdout[-800:], done.stderr)
    # The id of the request that was challenged is not the one to repeat.
    tap.ok("token/echo-differs" not in done.stdout,
           "and that MRAS repeats what was asked last", done.stdout[-800:])


def main():
    serving.alone()
    tap = serving.Tap()
    with serving.folder() as folder:
        client = build(folder, "client", ["sipe_client.c"], "purple",
                       "glib-2.0", "libxml-2.0")
        agent = build(folder, "agent-of-nice",
                      [os.path.join("record", "agents", name) for name in
                       ("nice_file_agent.c", "nice_common.c")], "nice")
        signed_in = client and purple(tap, folder, client, agent)
        probe(tap)
        if shutil.which("sipp"):
            sipp(tap, folder)
        elif not signed_in:
            serving.skip("pidgin-sipe with libpurple-dev, and sipp, are "
                         "missing")
    tap.finish()


if __name__ == "__main__":
    main()
