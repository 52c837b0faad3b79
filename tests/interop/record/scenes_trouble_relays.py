"""Scenes of coturn in its other modes that are not bundled."""

import time

from lab import on, tells
from scenes_ice import TURN, libnice
from scenes_sipp import ALICE


@on("open")
@tells(None, "gathering/transport-refused", "gathering/refused")
def trouble_no_udp_relay(here, name):
    """The relay has TCP to its peers alone."""
    here.coturn(more=("--no-udp-relay",))
    with here.capture("alice", name):
        libnice(here, "alice", "alice-agent.log", "controlling", ALICE,
                "alice.sdp", "to-alice.sdp", TURN, "relay")
        time.sleep(4)
