#!/usr/bin/env python3
"""libnice in its modes for Microsoft's clients (MS-TURN, and the dialect of
MSN) and in the RFC's, two agents at a time, connected through the relays of `mrascope serve`
and nothing else; what the server recorded is analysed without an error, and
every integrity is verified.  On the loopback; the tokens of MRAS are made
here, from the published layout alone.  Prints TAP."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import serving  # noqa: E402

SECRET = b"north wind"
COUNT = 20
# libnice now and then answers a check of a peer that it does not know yet with
# a 400 whose reason it forgets to pad.
ITS_OWN = "gathering/stun-attribute-overrun"
# Draft-06 (oc2007) over a stream is left out: libnice's controlled side never
# nominates there; the top of nice_file_agent.c tells why.
PAIRS = (("oc2007", "udp"), ("oc2007r2", "udp"), ("wlm2009", "udp"),
         ("oc2007r2", "tcp"), ("oc2007r2", "tls"), ("rfc5245", "udp"),
         ("rfc5245", "tcp"))
ACCOUNT = ["alice", "wonder"]


def token(life=3600):
    """User name and password of a token of version 2."""
    client, name, password = (
        hmac.new(SECRET, what, hashlib.sha1).digest()
        for what in (b"client", b"name", b"password"))
    expiry = int((time.time() + life) * 10**7) + 116444736000000000
    blob = struct.pack(">BBHII", 2, 0, 0x24, expiry & 0xFFFFFFFF, expiry >> 32)
    blob += hmac.new(client, b"sip:alice@example.org", hashlib.sha1).digest()
    blob += bytes(4)
    user = blob + hmac.new(name, blob, hashlib.sha1).digest()
    return [base64.b64encode(b).decode() for b in (
        user, hmac.new(password, user, hashlib.sha1).digest())]


def build(folder):
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "nice"],
                           capture_output=True, text=True, check=False)
    if flags.returncode or not shutil.which("cc"):
        serving.skip("libnice-dev or a compiler is missing")
    agent = os.path.join(folder, "agent")
    subprocess.run(["cc", "-O1", "-o", agent,
                    *(os.path.join(HERE, "record", "agents", name)
                      for name in ("nice_file_agent.c", "nice_common.c")),
                    *flags.stdout.split()], check=True)
    return agent


def connect(agent, folder, server, mode, transport, who):
    """Both agents' exit statuses and last words."""
    port = str(server.port("udp" if transport == "udp" else "tcp"))
    name = os.path.join(folder, mode + transport)
    agents = [subprocess.Popen(
        [agent, mode, role, "127.0.0.1", name + mine, name + theirs, transport,
         "127.0.0.1", port, *who, str(COUNT)], stdout=subprocess.PIPE,
        text=True)
        for role, mine, theirs in (("controlled", ".b", ".a"),
                                   ("controlling", ".a", ".b"))]
    said = [a.communicate(timeout=240)[0].strip() for a in agents]
    return [a.returncode for a in agents], said


def analysed(recording, folder, who):
    keys = os.path.join(folder, "keys")
    with open(keys, "w", encoding="ascii") as f:
        f.write("base64:%s\trtcmedia\tbase64:%s\n" % tuple(who))
        f.write("%s\trtcmedia\t%s\n" % tuple(ACCOUNT))
    done = subprocess.run(
        [serving.PROGRAM, "analyze", "-f", "json", "-q", "--credentials", keys,
         recording], capture_output=True, text=True, timeout=120, check=False)
    return json.loads(done.stdout)


def main():
    serving.alone()
    tap = serving.Tap()
    with serving.folder() as folder:
        agent = build(folder)
        who = token()
        for mode, transport in PAIRS:
            recording = os.path.join(folder, "recording.pcapng")
            server = serving.Server(
                "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
                "--ms-turn", "--mras-secret", SECRET.decode(), "--realm",
                "rtcmedia", "--account", ":".join(ACCOUNT),
                "--allow-loopback", "--record", recording)
            codes, said = connect(agent, folder, server, mode, transport,
                                  ACCOUNT if mode == "rfc5245" else who)
            status, complaint = server.stop()
            what = "%s over %s" % (mode, transport)
            tap.ok(codes == [0, 0], what + " connects by relay alone", *said)
            tap.ok(status == 0, what + ": the server ends well", complaint)
            found = analysed(recording, folder, who)
            errors = [f["message"] for f in found["findings"]
                      if f["severity"] == "error" and f["rule"] != ITS_OWN]
            tap.ok(not errors, what + ": no errors are found", *errors)
            verified = sum(a["integrity"]["verified"]
                           for a in found["allocations"])
            wrong = sum(a["integrity"]["bad"] + a["integrity"]["no-key-fits"]
                        for a in found["allocations"])
            # MSN's are signed with the password alone, and not judged here.
            tap.ok(mode == "wlm2009" or (verified >= 4 and not wrong),
                   what + ": integrity is verified", verified, wrong)
            os.unlink(recording)
        expired = token(-60)
        server = serving.Server(
            "--listen", "udp:127.0.0.1:0", "--ms-turn", "--mras-secret",
            SECRET.decode(), "--realm", "rtcmedia", "--allow-loopback")
        codes, said = connect(agent, folder, server, "oc2007r2", "udp",
                              expired)
        server.stop()
        tap.ok(codes == [1, 1] and said == ["no relay", "no relay"],
               "a token that is over gets no relay", *said)
    tap.finish()


if __name__ == "__main__":
    main()
