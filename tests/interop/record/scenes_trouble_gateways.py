"""Scenes of what stands between WebRTC and others: Janus (its echo test and
its SIP plugin, which is made of Sofia-SIP), webrtcbin of GStreamer and aiortc.
Packages: janus, gstreamer1.0-nice, gstreamer1.0-plugins-bad, python3-gst-1.0,
python3-aiortc, python3-websockets; janus-gateway and webrtc-adapter of npm, and
those of scenes_trouble_pages.py."""

import json
import os

import lab
from lab import on, tells
from scenes_sipp import BOB
from scenes_trouble_chromium import NO_UDP, PORT, browsers, turn
from scenes_trouble_pages import bundled, seen

AT = {"server": lab.SERVER, "bob": BOB}

JANUS = 'general: { configs_folder = "%s"; plugins_folder = ' \
    '"/usr/lib/x86_64-linux-gnu/janus/plugins"; transports_folder = ' \
    '"/usr/lib/x86_64-linux-gnu/janus/transports"; }\n' \
    'nat: { ice_lite = %s; %s }\n'


def janus(here, lite=False, more="", space="server"):
    folder = here.path("janus")
    os.mkdir(folder)
    for name, text in (
            ("janus", JANUS % (folder, "true" if lite else "false", more)),
            ("janus.transport.websockets",
             "general: { ws = true; ws_port = 8188; }\n"),
            ("janus.plugin.sip", "general: { rtp_port_range = "
             '"20000-20100"; }\n')):
        with open(f"{folder}/{name}.jcfg", "w", encoding="ascii") as file:
            file.write(text)
    program = here.start(space, "janus.log", "janus", "-F", folder, "-C",
                         f"{folder}/janus.jcfg", "-i", AT[space])
    here.wait_for_log("janus.log", "Websockets server started", 20)
    return program


def page(plugin, at=lab.SERVER, **more):
    return ["run", "alice", "janus(%s)" % json.dumps(
        {"url": f"ws://{at}:8188/", "plugin": plugin,
         "pc": {"iceServers": []}} | more)]


ALICE_SIP = {"username": "sip:alice@lab.example", "authuser": "alice",
             "secret": "wonderland", "display_name": "alice",
             "proxy": f"sip:{lab.SERVER}:5060",
             "outbound_proxy": f"sip:{lab.SERVER}:5060"}
ECHO = [["run", "alice", "void mine.echo()"]]
TOLD = [["run", "alice", "window.tell = () => seen"]]


def with_janus(here, name, steps, point="alice"):
    browsers(here, name, TOLD + steps, {"pc": {}}, points=(point,), more={
        "script": bundled(here, "janus_page.js")})


@on("open")
@tells("established")
def trouble_not_janus_echo(here, name):
    """No trouble: Janus sends back what it hears."""
    janus(here)
    with_janus(here, name, [page("echotest"), seen("alice", "attached"), *ECHO,
                            seen("alice", "webrtc true"), ["sleep", 3],
                            ["run", "alice", "void mine.leave()"],
                            ["sleep", 1]])


@on("open")
@tells("established")
def trouble_not_janus_lite(here, name):
    """No trouble: the same with ICE lite."""
    janus(here, lite=True)
    with_janus(here, name, [page("echotest"), seen("alice", "attached"), *ECHO,
                            seen("alice", "webrtc true"), ["sleep", 3],
                            ["run", "alice", "void mine.leave()"],
                            ["sleep", 1]])


@on("cone")
@tells("failed", "probing/no-pair")
def trouble_janus_mapped_wrong(here, name):
    """Janus tells an address that is not its own."""
    janus(here, lite=True, more='nat_1_1_mapping = "203.0.113.99";')
    with_janus(here, name, [page("echotest"), seen("alice", "attached"), *ECHO,
                            ["sleep", 22]])


@on("open")
@tells("established")
def trouble_janus_dies(here, name):
    """Janus is killed in the middle."""
    program = janus(here)
    with_janus(here, name, [
        page("echotest"), seen("alice", "attached"), *ECHO,
        seen("alice", "webrtc true"), ["sleep", 3],
        ["shell", f"kill -9 {program.pid}"], ["sleep", 12]])


def bob(here):
    here.kamailio()
    phone = lab.Baresip(here, "bob", nat=None, more=[
        "audio_codecs=PCMU,PCMA", "answermode=auto"])
    phone.wait_registered()
    return phone


def by_gateway(here, name, steps, point):
    """Janus and bob's phone are beside each other."""
    janus(here, space="bob")
    with_janus(here, name, [
        page("sip", BOB, register=ALICE_SIP), seen("alice", "registered"),
        *steps], point)


CALLS = [["run", "alice", "void mine.call('sip:bob@lab.example')"]]


@on("open")
@tells("established")
def trouble_not_janus_sip(here, name):
    """No trouble: a page calls a phone over Janus, seen by the page."""
    bob(here)
    by_gateway(here, name, [*CALLS, seen("alice", "accepted"), ["sleep", 3],
                            ["run", "alice", "void mine.hangup()"],
                            ["sleep", 1]], "alice")


@on("open")
@tells("established")
def trouble_not_janus_sip_inside(here, name):
    """No trouble: the same, seen by Janus, whose registrar is beside it."""
    bob(here)
    by_gateway(here, name, [*CALLS, seen("alice", "accepted"), ["sleep", 3],
                            ["run", "alice", "void mine.hangup()"],
                            ["sleep", 1]], "bob")


@on("open")
@tells("rejected", "exchange/no-such-user")
def trouble_janus_sip_nobody(here, name):
    """Nobody is called so, seen by Janus."""
    here.kamailio()
    by_gateway(here, name, [*CALLS, seen("alice", "hangup"), ["sleep", 1]],
               "bob")


@on("open")
@tells("failed", "registration/wrong-credentials")
def trouble_janus_sip_password(here, name):
    """Janus has a wrong password of alice's."""
    here.kamailio()
    janus(here, space="bob")
    with_janus(here, name, [
        page("sip", BOB, register=ALICE_SIP | {"secret": "mirror"}),
        seen("alice", "registration_failed"), ["sleep", 1]], "bob")


def python_peer(here, agent, answering, seconds=8):
    """Bob, in the interpreter of the system."""
    return ["shell", " ".join([
        "ip netns exec", f"{here.prefix}-bob", "/usr/bin/python3",
        os.path.join(lab.HERE, "agents", agent),
        f"ws://{lab.SERVER}:{PORT}/", str(seconds), f"'{answering}'",
        f"> {here.path('bob.log')} 2>&1 &"])]


def from_chromium(here, name, agent, bob=None, alice=None, steps=None,
                  keys=False):
    browsers(here, name, [
        python_peer(here, agent, json.dumps(bob or {})), ["sleep", 1.5],
        ["start", "alice"], ["offer", "alice"], *(steps or [
            ["wait", "alice", "connected", 15], ["sleep", 3],
            ["keep", "alice"], ["bye", "alice"], ["sleep", 1]])],
        alice or {"media": "audio", "channel": False}, keys=keys)


@on("open")
@tells("established")
def trouble_not_aiortc(here, name):
    """No trouble: Chromium offers, aiortc answers without trickling."""
    from_chromium(here, name, "aiortc_peer.py")


@on("symmetric")
@tells("established")
def trouble_not_aiortc_relays(here, name):
    """No trouble: NATs of the hard kind, and a relay for both."""
    here.coturn()
    from_chromium(here, name, "aiortc_peer.py", {"servers": [turn("bob")]},
                  {"media": "audio", "pc": {"iceServers": [turn("alice")]}})


@on("open")
@tells("established")
def trouble_not_webrtcbin(here, name):
    """No trouble: Chromium offers, GStreamer answers."""
    from_chromium(here, name, "webrtcbin_peer.py")


@on("open")
@tells("established")
def trouble_not_webrtcbin_tcp(here, name):
    """No trouble: no UDP passes, and GStreamer's libnice has ICE over TCP."""
    here.rules("hub", NO_UDP)
    from_chromium(here, name, "webrtcbin_peer.py")


@on("symmetric")
@tells("failed", "probing/no-pair", "probing/relay-unanswered",
       cause="private address that a side told")
def trouble_webrtcbin_relay(here, name):
    """NATs of the hard kind, and a relay for bob alone, which lets in the
    private address that Chromium tells, and not that which her NAT gives."""
    here.coturn()
    from_chromium(here, name, "webrtcbin_peer.py", {
        "turn": f"turn://bob:{lab.PASSWORDS['bob']}@{lab.SERVER}:3478"},
        steps=[["sleep", 18]])
