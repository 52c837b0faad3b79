#!/usr/bin/env python3
"""ICE agents that others wrote (aioice, Chromium, baresip), two at a time,
connected through `mrascope serve` and nothing else; what the server recorded
is analysed without an error, and shows all stages of baresip's call.  In a
network namespace of its own; each is left out where it is missing.  Prints
TAP."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import serving  # noqa: E402

ADDRESS = "10.9.0.1"
PACKETS = 20
MODULES = os.environ.get("MRASCOPE_NODE_MODULES", "")
AGENT = os.path.join(HERE, "record", "agents", "aioice_agent.py")
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's modules


def network():
    """The namespace's: an interface that is not the loopback one, since ICE
    agents leave that out."""
    for command in ("link set lo up",
                    "link add outside type veth peer name inside",
                    "addr add %s/24 dev outside" % ADDRESS,
                    "link set outside up", "link set inside up",
                    "route add default dev outside"):
        subprocess.run(["ip", *command.split()], check=True,
                       capture_output=True)


def analysed(recording):
    """The rules of its errors, and the document."""
    done = subprocess.run(
        [serving.PROGRAM, "analyze", "-f", "json", "-q", "--credential",
         "alice::wonder", recording], capture_output=True, text=True,
        timeout=120, check=False)
    found = json.loads(done.stdout)
    return [f["rule"] for f in found["findings"]
            if f["severity"] == "error"], found


def certificate(folder):
    """One for the address, with its key behind it; made once."""
    path, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key")
    if not os.path.exists(path):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec",
                        "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", path, "-days", "2", "-subj",
                        "/CN=relay", "-addext", "subjectAltName=IP:" + ADDRESS],
                       check=True, capture_output=True)
        with open(path, "a", encoding="ascii") as chain, \
                open(key, encoding="ascii") as private:
            chain.write(private.read())
    return path


@contextlib.contextmanager
def served(tap, name, folder, *more):
    """A server; afterwards its recording is judged."""
    recording = os.path.join(folder, name.replace(" ", "-") + ".pcapng")
    server = serving.Server(
        *(word for transport in ("udp", "tcp", "tls")
          for word in ("--listen", "%s:%s:0" % (transport, ADDRESS))),
        "--realm", "example.org", "--account", "alice:wonder",
        "--allow-private", "--user", "root", "--record", recording,
        "--certificate", certificate(folder), *more)
    try:
        yield server
    finally:
        status, said = server.stop()
    tap.ok(status == 0, name + ": the server ends well", status, said)
    errors, found = analysed(recording)
    granted = [a for a in found["allocations"] if a["relayed"]]
    tap.ok(errors == [], name + ": recorded without an error", errors,
           [f["message"] for f in found["findings"]])
    tap.ok(len(granted) >= 2 and
           all(a["integrity"]["bad"] == 0 and a["integrity"]["verified"]
               for a in granted), name + ": both have relays, all signed",
           [(a["transport"], a["integrity"]) for a in granted])


# ---- aioice ----

def has_aioice():
    return subprocess.run([PYTHON, "-c", "import aioice"],
                          capture_output=True, check=False).returncode == 0


def aioice(tap, folder, transport):
    name = "aioice over " + transport
    how = {"tls": ["transport=tcp", "tls"], "tcp": ["transport=tcp"],
           "udp": []}[transport]
    with served(tap, name, folder) as server:
        place = tempdir(folder, name)
        common = ["turn=%s,alice,wonder" % ADDRESS, "relay",
                  "port=%d" % server.port(transport, ADDRESS),
                  "patience=60", *how]
        both = [subprocess.Popen(
            [PYTHON, AGENT, role, ADDRESS, os.path.join(place, mine),
             os.path.join(place, theirs), *common], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env=dict(os.environ, SSL_CERT_FILE=certificate(folder)))
            for role, mine, theirs in (("controlling", "a", "b"),
                                       ("controlled", "b", "a"))]
        said = [one.communicate(timeout=240)[0] for one in both]
    for text in said:
        got = re.search(r"(\d+) packets sent, (\d+) received", text)
        tap.ok(bool(got) and got[1] == got[2] and " typ relay" in text,
               name + ": connected, all media came", text)


def tempdir(folder, name):
    path = os.path.join(folder, name.replace(" ", "-") + ".d")
    os.mkdir(path)
    return path


# ---- Chromium ----

def has_chromium():
    return (shutil.which("node") and shutil.which("chromium") and
            os.path.isdir(os.path.join(MODULES, "playwright-core")))


def chromium(tap, folder, transport):
    name = "Chromium over " + transport
    with served(tap, name, folder) as server:
        uri = "turn%s:%s:%d?transport=%s" % (
            "s" if transport == "tls" else "", ADDRESS,
            server.port(transport, ADDRESS),
            "udp" if transport == "udp" else "tcp")
        done = subprocess.run(
            ["node", os.path.join(HERE, "relay_page.mjs"), MODULES,
             shutil.which("chromium"),
             json.dumps({"urls": uri, "username": "alice",
                         "credential": "wonder"}), str(PACKETS)],
            capture_output=True, text=True, timeout=240, check=False,
            env=dict(os.environ, HOME=folder))
    try:
        page = json.loads(done.stdout)
    except ValueError:
        page = {}
    tap.ok(page.get("state") == "connected" and
           page.get("heard") == PACKETS and page.get("local") == "relay",
           name + ": connected, all messages came", page, done.stderr)


# ---- baresip ----

BARESIP = """\
poll_method epoll
sip_listen %(address)s:%(sip)d
call_max_calls 1
audio_source ausine,440
audio_player aubridge,nobody
audio_alert aubridge,nobody
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 1
rtp_ports 10000-10099
rtcp_mux yes
net_interface outside
ringback_disabled yes
ctrl_tcp_listen 127.0.0.1:%(control)d
module_path %(modules)s
module g711.so
module ausine.so
module aubridge.so
module stun.so
module turn.so
module ice.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
"""


def baresip_modules():
    for path in ("/usr/lib/baresip/modules",
                 "/usr/lib/x86_64-linux-gnu/baresip/modules"):
        if os.path.exists(os.path.join(path, "ice.so")):
            return path
    return None


# All that goes from a phone not to the server's port, or comes from elsewhere.
# Were one relay enough, either phone could choose the other's and give its own
# up, which ends both.
BARRED = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp sport 10000-10099 udp dport != %d drop
		udp dport 10000-10099 udp sport != %d drop
	}
}
"""


def has_baresip():
    return shutil.which("baresip") and baresip_modules() and \
        shutil.which("nft")


def phone(folder, name, port, server):
    """One that registers with the server, and has its relay there."""
    place = tempdir(folder, name)
    values = {"address": ADDRESS, "sip": port, "control": port + 1,
              "modules": baresip_modules()}
    files = {
        "config": BARESIP % values, "contacts": "",
        "accounts": '<sip:%s@example.org;transport=tcp>;regint=600;'
                    'auth_user=%s;auth_pass=wonder;'
                    'outbound="sip:%s:%d;transport=tcp";medianat=ice;'
                    'answermode=%s;audio_codecs=PCMA;'
                    'stunserver="turn:%s:%d";stunuser=alice;stunpass=wonder'
                    '\n' % (name, name, ADDRESS, server.port("sip", ADDRESS),
                            "auto" if name == "bob" else "manual",
                            ADDRESS, server.port("udp", ADDRESS))}
    for file, text in files.items():
        with open(os.path.join(place, file), "w", encoding="ascii") as f:
            f.write(text)
    log = open(os.path.join(place, "log"), "wb")
    with log:
        return subprocess.Popen(["baresip", "-4", "-v", "-f", place],
                                stdin=subprocess.DEVNULL, stdout=log,
                                stderr=subprocess.STDOUT), log.name


def command(port, name, params=""):
    import socket
    text = json.dumps({"command": name, "params": params}).encode()
    with socket.create_connection(("127.0.0.1", port), 60) as control:
        control.sendall(b"%d:%s," % (len(text), text))
        time.sleep(0.1)


def said(path):
    with open(path, "rb") as f:
        return f.read().decode("utf-8", "replace")


def listens(port):
    import socket
    try:
        socket.create_connection(("127.0.0.1", port), 20).close()
        return True
    except OSError:
        return False


def media_of(recording):
    """Packets of RTP that the server has recorded so far."""
    return analysed(recording)[1]["counts"]["rtp"]


def baresip(tap, folder):
    """Both sign in to the server's front and call through it.  Host candidates
    are there, too: baresip has no mode without them."""
    name = "baresip over udp"
    recording = os.path.join(folder, name.replace(" ", "-") + ".pcapng")
    with served(tap, name, folder, "--listen", "sip:%s:0" % ADDRESS,
                "--account", "bob:wonder", "--sip-auth", "md5") as server:
        relay = server.port("udp", ADDRESS)
        subprocess.run(["nft", "-f", "-"], input=BARRED % (relay, relay),
                       text=True, check=True)
        alice, alice_log = phone(folder, "alice", 5070, server)
        bob, bob_log = phone(folder, "bob", 5080, server)
        try:
            serving.wait_for(lambda: listens(5071) and listens(5081))
            serving.wait_for(lambda: "200 OK" in said(alice_log) and
                             "200 OK" in said(bob_log))
            command(5071, "dial", "sip:bob@example.org")
            connected = serving.wait_for(
                lambda: "connectivity check is complete" in said(alice_log)
                and "connectivity check is complete" in said(bob_log))
            # Media may begin late where the machine is busy.
            serving.wait_for(lambda: os.path.getsize(recording) and
                             media_of(recording) > 20)
            command(5071, "hangup")
            time.sleep(0.3)
        finally:
            for one in (alice, bob):
                one.terminate()
            for one in (alice, bob):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    one.wait(5)
                one.kill()
    pairs = re.findall(r"^ +\* .*?outside:(\w+):\S+ <---> (\w+):",
                       said(alice_log) + said(bob_log), re.MULTILINE)
    tap.ok(connected and len(pairs) >= 2 and
           all(pair == ("relay", "relay") for pair in pairs),
           name + ": connected by the relay", pairs, said(alice_log)[-1500:])
    _, found = analysed(recording)
    tap.ok(found["counts"]["rtp"] > 20, name + ": media went through it",
           found["counts"])
    judge_stages(tap, name, found)


def judge_stages(tap, name, found):
    """All five, of the one call that there was."""
    calls = [c for c in found["calls"] if c["kind"] == "call"]
    stages = {s["stage"]: s["state"] for c in calls for s in c["stages"]}
    tap.ok(len(calls) == 1 and
           calls[0]["verdict"]["outcome"] == "established" and
           [stages.get(stage) for stage in (
               "registration", "token", "gathering", "exchange", "probing")]
           == ["ok", "inferred", "ok", "ok", "ok"],
           name + ": the recording shows all five stages of the call", stages,
           [c["verdict"] for c in calls])


def inside(folder):
    network()
    tap = serving.Tap()
    if has_aioice():
        for transport in ("udp", "tcp", "tls"):
            aioice(tap, folder, transport)
    if has_chromium():
        for transport in ("udp", "tcp", "tls"):
            chromium(tap, folder, transport)
    if has_baresip():
        baresip(tap, folder)
    tap.finish()


if __name__ == "__main__":
    if "--inside" in sys.argv:
        with serving.folder() as made:
            inside(made)
    if not shutil.which("openssl"):
        serving.skip("no openssl")
    if not (has_aioice() or has_chromium() or has_baresip()):
        serving.skip("no aioice, Chromium or baresip")
    if subprocess.run(["unshare", "-n", "ip", "link", "add", "outside", "type",
                       "veth", "peer", "name", "inside"],
                      capture_output=True,
                      check=False).returncode:
        serving.skip("no network namespaces")
    os.execvp("unshare", ["unshare", "-n", sys.executable, __file__,
                          "--inside"])
