"""Scenes of coturn in its other modes that are not bundled."""

import time

import lab
from lab import on, tells
from scenes_ice import TURN, libnice
from scenes_sipp import ALICE, BOB
from scenes_trouble_media import AT_BOB


def asks(here, name, *words, seconds=5):
    """An agent that nobody is to call."""
    with here.capture("alice", name):
        libnice(here, "alice", "alice-agent.log", "controlling", ALICE,
                "alice.sdp", "to-alice.sdp", *words)
        time.sleep(seconds)


@on("open")
@tells(None, "gathering/transport-refused", "gathering/refused")
def trouble_no_udp_relay(here, name):
    """The relay has TCP to its peers alone."""
    here.coturn(more=("--no-udp-relay",))
    asks(here, name, TURN, "relay")


@on("open")
@tells(None, "gathering/turn-ignored", "gathering/allocate-unanswered",
       cause="no TURN")
def trouble_stun_alone(here, name):
    """The server has STUN alone."""
    here.coturn(more=("--stun-only",))
    asks(here, name, f"stun={lab.SERVER}", TURN)


@on("open")
@tells(None, "gathering/alternate-unanswered", "gathering/allocate-unanswered",
       cause="sends the client on")
def trouble_alternate_silent(here, name):
    """The relay sends its clients on to another one, which is silent."""
    here.coturn(more=("--alternate-server", f"{BOB}:3478"))
    here.rules("bob", AT_BOB % "udp dport 3478")
    asks(here, name, TURN, "relay")
