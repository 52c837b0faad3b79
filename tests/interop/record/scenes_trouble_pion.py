"""Scenes of Pion: its peers, its TURN server and its TURN client.  Packages:
golang-go, golang-github-pion-webrtc.v3-dev, golang-github-pion-turn.v2-dev,
and those of scenes_trouble_chromium.py."""

import contextlib
import json
import os
import subprocess
import time

import lab
from lab import on, tells
from scenes_sipp import BOB
from scenes_trouble_chromium import (
    NO_UDP, PORT, browsers, signalling)
from scenes_trouble_webrtc import peer as library_peer
from scenes_turn import client, peer

CODE = "/usr/share/gocode"
LAB = {"realm": "lab.example", "port": 3478, "users": lab.PASSWORDS}


def pion(here, space, log, *words):
    program = here.path("pion")
    if not os.path.exists(program):
        # where the package does not stand by its name of a version
        beside = here.path("go/src/github.com/pion/webrtc")
        os.makedirs(beside)
        os.symlink(f"{CODE}/src/github.com/pion/webrtc", f"{beside}/v3")
        subprocess.run(
            ["go", "build", "-o", program, os.path.join(
                lab.HERE, "agents", "pion.go")], check=True,
            env={**os.environ, "GO111MODULE": "off",
                 "GOPATH": f"{here.path('go')}:{CODE}"})
    return here.start(space, log, program, *words)


def relay(here, **more):
    pion(here, "server", "relay.log", "server", lab.SERVER,
         json.dumps(LAB | more))
    here.wait_for_log("relay.log", "ready")


def server(user, password=None, scheme="turn:@:3478?transport=udp"):
    return {"urls": [scheme.replace("@", lab.SERVER)], "username": user,
            "credential": password or lab.PASSWORDS[user]}


def talk(here, name, alice, bob, seconds=5, points=("alice",)):
    """Two of Pion; bob offers nothing before alice does."""
    signalling(here)
    pion(here, "bob", "none.log", "none")
    with contextlib.ExitStack() as stack:
        for point in points:
            stack.enter_context(here.capture(point, name if len(points) == 1
                                             else f"{name}.{point}"))
        url = f"ws://{lab.SERVER}:{PORT}/"
        pion(here, "bob", "bob.log", "peer", "answer", url, str(seconds + 2),
             json.dumps(bob))
        time.sleep(1)
        caller = pion(here, "alice", "alice.log", "peer", "offer", url,
                      str(seconds), json.dumps(alice))
        here.finished(caller, "alice.log", seconds + 20)
        time.sleep(0.5)


def from_chromium(here, name, bob, steps=None, alice=None, rules=None):
    """Chromium offers, Pion answers."""
    pion(here, "bob", "none.log", "none")
    if rules:
        here.rules("hub", rules)
    answering = " ".join([
        "ip netns exec", f"{here.prefix}-bob", here.path("pion"), "peer answer",
        f"ws://{lab.SERVER}:{PORT}/", "12", f"'{json.dumps(bob)}'",
        f"> {here.path('bob.log')} 2>&1 &"])
    browsers(here, name, [["shell", answering], ["sleep", 0.5],
                          *(steps or ONE_ENDS)],
             {"media": None, **(alice or {})})


ONE_ENDS = [["start", "alice"], ["offer", "alice"],
            ["wait", "alice", "connected", 15], ["say", "alice"],
            ["sleep", 2], ["keep", "alice"], ["bye", "alice"], ["sleep", 1]]
ONE_WAITS = [["start", "alice"], ["offer", "alice"], ["sleep", 18]]


@on("open")
@tells("established")
def trouble_not_pion(here, name):
    """No trouble: two peers of Pion, host to host."""
    talk(here, name, {}, {})


@on("open")
@tells("established")
def trouble_not_pion_late(here, name):
    """No trouble: alice's candidates come four seconds late, and bob has
    learnt of her before."""
    talk(here, name, {"late": 4}, {}, 7)


@on("symmetric")
@tells("established", "probing/relay-only")
def trouble_not_pion_relays(here, name):
    """No trouble: NATs of the hard kind, and Pion's own relay."""
    relay(here)
    talk(here, name, {"servers": [server("alice")]},
         {"servers": [server("bob")]}, 8)


@on("symmetric")
@tells("failed", "gathering/refused",
       "gathering/credentials-answered-400", cause="400")
def trouble_pion_password(here, name):
    """Pion's relay, and alice has a wrong password; she asks for a relay
    only."""
    relay(here)
    talk(here, name, {"servers": [server("alice", "mirror")], "relay": True},
         {"servers": [server("bob")]}, 12)


@on("symmetric")
@tells("failed", "probing/no-pair",
       cause="no relay to fall back on")
def trouble_pion_no_relay(here, name):
    """NATs of the hard kind, and only STUN, which Pion's relay has, too."""
    relay(here)
    stun = {"servers": [{"urls": [f"stun:{lab.SERVER}:3478"]}]}
    talk(here, name, stun, stun, 40)


@on("open")
@tells("established")
def trouble_not_pion_chromium(here, name):
    """No trouble: Chromium offers, Pion answers."""
    from_chromium(here, name, {})


@on("open")
@tells("established")
def trouble_not_pion_lite(here, name):
    """No trouble: Pion is an SFU with ICE lite."""
    from_chromium(here, name, {"lite": True})


@on("open")
@tells("established")
def trouble_not_pion_tcp(here, name):
    """No trouble: no UDP passes, and the SFU listens on TCP."""
    from_chromium(here, name, {"lite": True, "tcp": True}, rules=NO_UDP)


@on("cone")
@tells("failed", "probing/no-pair")
def trouble_pion_mapped_wrong(here, name):
    """An SFU with ICE lite tells an address that is not its own."""
    from_chromium(here, name, {"lite": True, "mapped": ["203.0.113.99"]},
                  ONE_WAITS)


@on("open")
@tells("ok")
def trouble_not_pion_relay_uclient(here, name):
    """No trouble: coturn's client with Pion's relay."""
    relay(here)
    peer(here)
    with here.capture("alice", name):
        client(here, "-X", "-y", "-u", "alice", "-w", "wonderland")


@on("open")
@tells("failed", "gathering/peer-refused",
       cause="may not send to the peer")
def trouble_pion_peer_denied(here, name):
    """Pion's relay does not let alice send to bob."""
    relay(here, refuse=True)
    peer(here)
    with here.capture("alice", name):
        asks(here, "udp", "wonderland")


@on("open")
@tells("ok")
def trouble_not_pion_client_tcp(here, name):
    """No trouble: Pion's client over TCP with coturn."""
    here.coturn()
    peer(here)
    with here.capture("alice", name):
        asks(here, "tcp", "wonderland")


@on("open")
@tells("failed", "gathering/wrong-credentials")
def trouble_pion_client_password(here, name):
    """Pion's client with coturn, and a wrong password."""
    here.coturn()
    with here.capture("alice", name):
        asks(here, "udp", "mirror")


def asks(here, transport, password):
    pion(here, "alice", "alice.log", "client", f"{lab.SERVER}:3478",
         transport, "alice", password, f"{BOB}:3480", "2")
    time.sleep(4)


@on("open")
@tells("established")
def trouble_not_pion_and_werift(here, name):
    """No trouble: werift offers, Pion answers."""
    signalling(here)
    pion(here, "bob", "none.log", "none")
    with here.capture("alice", name):
        url = f"ws://{lab.SERVER}:{PORT}/"
        pion(here, "bob", "bob.log", "peer", "answer", url, "8", "{}")
        time.sleep(1)
        alice = library_peer(here, "alice", "werift", "offer", 6, {})
        here.finished(alice, "alice-peer.log", 26)
