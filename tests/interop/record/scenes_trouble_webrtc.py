"""Scenes of libraries for WebRTC: libdatachannel and werift, with JSON over a
WebSocket.  Packages: node, and node-datachannel, werift and ws of npm in the
folder that MRASCOPE_NODE_MODULES names."""

import contextlib
import json
import os
import time

import lab
from lab import on, tells
from scenes_trouble_chromium import NO_UDP, PORT, STUN, signalling, turn

JUICE = "node-datachannel"
WERIFT = "werift"


def peer(here, user, library, role, seconds, options):
    return here.start(user, f"{user}-peer.log", "node", os.path.join(
        lab.HERE, "agents", "webrtc_peer.mjs"), library, user, role,
        f"ws://{lab.SERVER}:{PORT}/", str(seconds), json.dumps(options))


def relay_of(user, password=None):
    """As libdatachannel wants it."""
    return (f"turn:{user}:{password or lab.PASSWORDS[user]}@{lab.SERVER}:3478"
            "?transport=udp")


def talk(here, name, libraries, options=({}, {}), seconds=6,
         points=("alice",), meanwhile=lambda: None):
    """Alice offers when bob is there; both leave after their time."""
    signalling(here)
    with contextlib.ExitStack() as stack:
        for point in points:
            stack.enter_context(here.capture(point, name if len(points) == 1
                                             else f"{name}.{point}"))
        bob = peer(here, "bob", libraries[1], "answer", seconds + 2,
                   options[1])
        time.sleep(1)
        alice = peer(here, "alice", libraries[0], "offer", seconds, options[0])
        meanwhile()
        here.finished(alice, "alice-peer.log", seconds + 20)
        here.finished(bob, "bob-peer.log", 20)


@on("open")
@tells("established")
def trouble_not_juice_host(here, name):
    """No trouble: candidates are told as lines of SDP."""
    talk(here, name, (JUICE, JUICE))


@on("open")
@tells("established", "gathering/resent-otherwise")
def trouble_not_juice_relay(here, name):
    """No trouble: libjuice answers a challenge with the transaction id of what
    was challenged, and at once."""
    here.coturn()
    talk(here, name, (JUICE, JUICE), (
        {"servers": [relay_of("alice")], "relay": True},
        {"servers": [relay_of("bob")], "relay": True}))


@on("symmetric")
@tells("established", "gathering/resent-otherwise", "probing/relay-only")
def trouble_not_juice_symmetric(here, name):
    """No trouble: NATs of the hard kind, a relay for both."""
    here.coturn()
    talk(here, name, (JUICE, JUICE), (
        {"servers": [relay_of("alice")]}, {"servers": [relay_of("bob")]}), 10)


@on("symmetric")
@tells("failed", "probing/no-pair", cause="no relay to fall back on")
def trouble_juice_no_relay(here, name):
    """NATs of the hard kind, and only STUN."""
    here.coturn()
    servers = {"servers": [f"stun:{lab.SERVER}:3478"]}
    talk(here, name, (JUICE, JUICE), (servers, servers), 45)


@on("open")
@tells("established", "probing/consent-lost")
def trouble_juice_cut_off(here, name):
    """The way between the two goes away after four seconds."""
    def cut():
        time.sleep(4)
        here.rules("hub", NO_UDP)
    talk(here, name, (JUICE, JUICE), seconds=35, meanwhile=cut)


@on("cone")
@tells("established")
def trouble_not_werift_cone(here, name):
    """No trouble: mapped addresses both sides."""
    here.coturn()
    servers = {"servers": [STUN]}
    talk(here, name, (WERIFT, WERIFT), (servers, servers), 9)


@on("symmetric")
@tells("established", "probing/two-relays")
def trouble_not_werift_relay(here, name):
    """No trouble: NATs of the hard kind, a relay for both."""
    here.coturn()
    talk(here, name, (WERIFT, WERIFT), (
        {"servers": [turn("alice")]}, {"servers": [turn("bob")]}), 12)


@on("open")
@tells("established")
def trouble_not_juice_and_werift(here, name):
    """No trouble: of two kinds, and seen at both ends."""
    here.coturn()
    talk(here, name, (JUICE, WERIFT), ({}, {"servers": [STUN]}), 8,
         points=("alice", "bob"))
