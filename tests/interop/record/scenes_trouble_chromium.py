"""Scenes of two Chromiums that call each other with JSON over a WebSocket.
Packages: chromium, node, and playwright-core and ws of npm in the folder that
MRASCOPE_NODE_MODULES names."""

import contextlib
import json
import os
import subprocess

import lab
from lab import on, tells
from scenes_trouble_media import AT_BOB
from scenes_trouble_servers import certificate

PORT = 8080
STUN = {"urls": f"stun:{lab.SERVER}:3478"}
NO_UDP = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		meta l4proto udp drop
	}
}
"""


def turn(user, *schemes, password=None):
    return {"urls": [scheme.replace("@", lab.SERVER) for scheme in schemes
                     or ["turn:@:3478?transport=udp"]],
            "username": user,
            "credential": password or lab.PASSWORDS[user]}


def relayed(user, *schemes, password=None):
    return {"iceServers": [turn(user, *schemes, password=password)],
            "iceTransportPolicy": "relay"}


def rules_step(here, space, text):
    path = here.path(f"{space}-{len(os.listdir(here.folder))}.nft")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return ["shell", f"ip netns exec {here.prefix}-{space} nft -f {path}"]


def signalling(here, *more):
    program = here.start(
        "server", "signalling.log", "node", os.path.join(
            lab.HERE, "agents", "signalling.mjs"), str(PORT), *more)
    here.wait_for_log("signalling.log", "ready")
    return program


def connected(talk=2):
    """Most of the scenes: they start, one offers, and both are connected."""
    return [["start", "bob"], ["start", "alice"], ["offer", "alice"],
            ["wait", "alice", "connected", 15],
            ["wait", "bob", "connected", 15], ["say", "alice"],
            ["sleep", talk]]


HANG_UP = [["keep", "alice"], ["keep", "bob"], ["bye", "alice"],
           ["sleep", 1]]
MINE = {"channel": True, "media": "audio"}


def browsers(here, name, steps, alice=None, bob=None, points=("alice",),
             deflate=False, fail=False, keys=False, more=(), others=()):
    """They are launched before, and ended after the recording; `more`: what
    else stands in the plan; `others`: whom its steps launch."""
    if "MRASCOPE_NODE_MODULES" not in os.environ:
        raise lab.Failed("MRASCOPE_NODE_MODULES names no folder of npm")
    signalling(here, *["deflate"] * deflate)
    ready, recording = here.path("ready"), here.path("recording")
    people = {"alice": MINE | (alice or {}), "bob": bob or {}}
    people.update(others)
    people["bob"].setdefault("media", people["alice"]["media"])
    plan = {"prefix": here.prefix, "folder": here.folder,
            "url": f"ws://{lab.SERVER}:{PORT}/", "people": people,
            "steps": [["launch", "alice"], ["launch", "bob"],
                      ["shell", f"touch {ready}; until [ -e {recording} ];"
                                " do sleep 0.1; done"], *steps]}
    plan.update(more)
    if keys:
        plan["keys"] = here.path(name + ".keys")
    with open(here.path("plan.json"), "w", encoding="ascii") as file:
        json.dump(plan, file)
    with open(here.path("peers.log"), "w", encoding="ascii") as log:
        program = subprocess.Popen(
            ["node", os.path.join(lab.HERE, "agents", "chromium.mjs"),
             here.path("plan.json"), here.path("result.json")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    here.programs.append(program)
    here.wait_until(lambda: os.path.exists(ready), 60, "Chromium",
                    lambda: here.log("peers.log"))
    with contextlib.ExitStack() as stack:
        for point in points:
            stack.enter_context(here.capture(point, name if len(points) == 1
                                             else f"{name}.{point}"))
        with open(recording, "w", encoding="ascii"):
            pass
        here.finished(program, "peers.log", 120, status=3 if fail else 0)


@on("open")
@tells("established")
def trouble_not_chromium_host(here, name):
    """No trouble: two hosts of one network, names of mDNS replaced by
    addresses since both may use the microphone."""
    browsers(here, name, connected() + HANG_UP)


@on("open")
@tells("established")
def trouble_not_chromium_mdns(here, name):
    """No trouble: only names ending with .local for candidates, and multicast
    DNS that finds them."""
    browsers(here, name, connected() + HANG_UP,
             {"media": None, "mdns": True}, {"mdns": True})


@on("open")
@tells("established")
def trouble_not_chromium_relay(here, name):
    """No trouble: relayed both sides over UDP."""
    here.coturn()
    browsers(here, name, connected() + HANG_UP, {"pc": relayed("alice")},
             {"pc": relayed("bob")})


@on("open")
@tells("established")
def trouble_not_chromium_relay_tcp(here, name):
    """No trouble: alice reaches her relay over TCP, bob his over UDP."""
    here.coturn()
    browsers(here, name, connected() + HANG_UP,
             {"pc": relayed("alice", "turn:@:3478?transport=tcp"),
              "media": "video"}, {"pc": relayed("bob")})


@on("open")
@tells("established")
def trouble_not_chromium_restart(here, name):
    """No trouble: alice restarts ICE in the middle, and offers again."""
    browsers(here, name, connected() + [
        ["offer", "alice", {"iceRestart": True}], ["sleep", 3]] + HANG_UP)


@on("open")
@tells("failed", "gathering/wrong-credentials",
       cause="refuses user name or password")
def trouble_chromium_turn_password(here, name):
    """Relay only, and the password of alice's relay is wrong."""
    here.coturn()
    browsers(here, name, [["start", "bob"], ["start", "alice"],
                          ["offer", "alice"], ["sleep", 20]],
             {"pc": relayed("alice", password="looking-glass")},
             {"pc": relayed("bob")})


@on("open")
@tells("established", "probing/consent-lost", cause="broke in the call")
def trouble_chromium_cut_off(here, name):
    """The way between the two goes away after two seconds."""
    browsers(here, name, connected() + [
        rules_step(here, "hub", NO_UDP), ["sleep", 25]],)


@on("symmetric")
@tells("established")
def trouble_not_chromium_symmetric(here, name):
    """No trouble: NATs of the hard kind, a relay for both."""
    here.coturn()
    ways = [turn("alice"), STUN], [turn("bob"), STUN]
    browsers(here, name, connected() + HANG_UP,
             {"pc": {"iceServers": ways[0]}}, {"pc": {"iceServers": ways[1]}})


@on("cone")
@tells("established")
def trouble_not_chromium_cone(here, name):
    """No trouble: mapped addresses both sides."""
    here.coturn()
    browsers(here, name, connected() + HANG_UP,
             {"pc": {"iceServers": [STUN]}}, {"pc": {"iceServers": [STUN]}})


@on("symmetric")
@tells("failed", "probing/no-pair")
def trouble_chromium_no_relay(here, name):
    """NATs of the hard kind, and only STUN."""
    here.coturn()
    browsers(here, name, [["start", "bob"], ["start", "alice"],
                          ["offer", "alice"], ["sleep", 22]],
             {"pc": {"iceServers": [STUN]}}, {"pc": {"iceServers": [STUN]}})


STAYS = [["start", "bob"], ["start", "alice"], ["offer", "alice"]]
NOT_BACK = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		meta l4proto udp ip saddr 203.0.113.40 drop
		meta l4proto udp ip6 saddr 2001:db8::40 drop
	}
}
"""


@on("open")
@tells("established")
def trouble_not_chromium_unbundled(here, name):
    """No trouble: audio, video and data have ways of their own."""
    browsers(here, name, connected() + HANG_UP,
             {"media": "video", "change": ["a=group:BUNDLE.*\r\n", ""]})


@on("open")
@tells("established")
def trouble_not_chromium_rejected_section(here, name):
    """No trouble: bob takes audio and rejects video."""
    browsers(here, name, connected() + HANG_UP,
             {"media": "video"}, {"media": None, "reject": [1]})


@on("open")
@tells("established")
def trouble_not_chromium_simulcast(here, name):
    """No trouble: alice would send her picture in two sizes."""
    browsers(here, name, connected() + HANG_UP,
             {"media": "video", "simulcast": True, "form": "event"},
             {"form": "event"})


@on("open")
@tells("established")
def trouble_not_chromium_relay_tls(here, name):
    """No trouble: alice asks her relay over TLS, which cannot be read, and the
    direct way is taken."""
    certificate(here)
    here.coturn(secure=("--cert", here.path("turn.crt"), "--pkey",
                        here.path("turn.pem")))
    browsers(here, name, connected() + HANG_UP,
             {"pc": {"iceServers": [turn("alice",
                                         "turns:@:5349?transport=tcp")]}})


@on("open")
@tells("established", "gathering/udp-blocked")
def trouble_chromium_udp_blocked(here, name):
    """UDP does not get to the relay, TCP does; relay only."""
    here.coturn()
    here.rules("hub", NO_UDP)
    ways = "turn:@:3478?transport=udp", "turn:@:3478?transport=tcp"
    browsers(here, name, connected() + HANG_UP,
             {"pc": relayed("alice", *ways)}, {"pc": relayed("bob", *ways)})


@on("open")
@tells("failed", "gathering/allocate-unanswered", "probing/no-pair")
def trouble_chromium_nothing_passes(here, name):
    """No UDP at all, and no other way to the relay."""
    here.coturn()
    here.rules("hub", NO_UDP)
    browsers(here, name, STAYS + [["sleep", 30]],
             {"pc": {"iceServers": [turn("alice")]}},
             {"pc": {"iceServers": [turn("bob")]}})


@on("open")
@tells("established", "gathering/wrong-credentials")
def trouble_chromium_relay_refused_direct(here, name):
    """The relay refuses alice, and nobody needs it."""
    here.coturn()
    browsers(here, name, connected() + HANG_UP,
             {"pc": {"iceServers": [turn("alice", password="mirror")]}},
             {"pc": {"iceServers": [turn("bob")]}})


@on("open")
@tells("in-progress")
def trouble_chromium_no_answer(here, name):
    """Bob is there and says nothing."""
    browsers(here, name, [["start", "alice"], ["offer", "alice"],
                          ["sleep", 8], ["bye", "alice"], ["sleep", 1]])


@on("open")
@tells("established")
def trouble_not_chromium_deaf(here, name):
    """Bob does not take alice's candidates, but learns from her checks."""
    browsers(here, name, connected() + HANG_UP, {}, {"deaf": True})


@on("open")
@tells("unknown")
def trouble_chromium_both_deaf(here, name):
    """Neither takes the candidates of the other: nothing is checked, and
    nothing in the capture says why."""
    browsers(here, name, STAYS + [["sleep", 22]], {"deaf": True},
             {"deaf": True})


@on("open")
@tells("failed", "probing/one-side-fails")
def trouble_chromium_one_direction_at_bob(here, name):
    """The same where bob is, who is heard by nobody."""
    here.rules("hub", NOT_BACK)
    browsers(here, name, STAYS + [["sleep", 25]], points=("bob",))


@on("open")
@tells("failed", "probing/one-side-fails", cause="network refuses")
def trouble_chromium_refused(here, name):
    """Bob's own host refuses what comes to it over UDP, and says so."""
    here.rules("bob", AT_BOB.replace("drop", "reject") % "meta l4proto udp")
    browsers(here, name, STAYS + [["sleep", 25]])


@on("open")
@tells("failed", "probing/no-pair")
def trouble_chromium_one_direction(here, name):
    """Nothing that bob sends over UDP gets to alice."""
    here.rules("hub", NOT_BACK)
    browsers(here, name, STAYS + [["sleep", 25]])


@on("open")
@tells("failed", "probing/no-pair", "probing/lost-between-vantages",
       "probing/answer-lost-between-vantages")
def trouble_chromium_one_direction_both(here, name):
    """The same, seen at both ends."""
    here.rules("hub", NOT_BACK)
    browsers(here, name, STAYS + [["sleep", 25]], points=("alice", "bob"))


@on("open")
@tells("established")
def trouble_not_chromium_network_changes(here, name):
    """No trouble: alice gets another address and loses IPv6 in the middle;
    media takes another pair, until ICE is restarted."""
    space = f"{here.prefix}-alice"
    browsers(here, name, connected() + [
        ["shell", f"ip -n {space} addr add 203.0.113.31/24 dev eth0;"
                  f"ip -n {space} -6 addr flush dev eth0 scope global"],
        ["sleep", 3], ["offer", "alice", {"iceRestart": True}],
        ["sleep", 4]] + HANG_UP)


@on("open")
@tells("established")
def trouble_not_chromium_whole(here, name):
    """No trouble: descriptions are told with all their candidates, in a string
    inside of JSON; messages are compressed."""
    mine = {"trickle": False, "form": "envelope"}
    browsers(here, name, connected() + HANG_UP, mine, mine, deflate=True)


@on("open")
@tells("established")
def trouble_not_chromium_one_relayed(here, name):
    """No trouble: alice has her relay alone, bob his host."""
    here.coturn()
    browsers(here, name, connected() + HANG_UP, {"pc": relayed("alice")})


@on("open")
@tells("established")
def trouble_not_chromium_both_ends(here, name):
    """No trouble: seen at both ends and at the relay."""
    here.coturn()
    browsers(here, name, connected() + HANG_UP, {"pc": relayed("alice")},
             points=("alice", "server", "bob"))


@on("open")
@tells("established", "probing/consent-lost")
def trouble_chromium_closes(here, name):
    """Bob closes in the middle and says nothing of it."""
    browsers(here, name, connected() + [
        ["keep", "bob"], ["close", "bob"], ["sleep", 22]])


@on("open")
@tells("established", "probing/consent-lost")
def trouble_chromium_dies(here, name):
    """Bob's machine loses its network."""
    browsers(here, name, connected() + [
        ["shell", f"ip -n {here.prefix}-hub link set to-bob down"],
        ["sleep", 35]])
