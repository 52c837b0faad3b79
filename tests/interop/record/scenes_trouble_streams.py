"""Scenes of media that is not as it should be and are not bundled: SIPps set
the call up, and a small sender says what is heard."""

import os

import lab
from lab import on, tells
from scenes_sipp import ALICE, BOB
from sip_play import play

AT = {"alice": f"{ALICE}:21000", "bob": f"{BOB}:31000"}


def part(port, steps):
    return steps.replace("sdp", f"sdp\n  m=audio {port} RTP/AVP 8\n"
                         "  a=rtpmap:8 PCMA/8000")


def talked(here, name, *users):
    """Five seconds of a call in which these say something."""
    with here.capture("alice", name):
        for user in users:
            here.start(
                user, f"{user}-rtp.log", "/usr/bin/python3", os.path.join(
                    lab.HERE, "agents", "rtp_talker.py"),
                AT[user].partition(":")[2],
                AT["bob" if user == "alice" else "alice"], "after=700",
                "count=220", f"ssrc={len(user)}")
        play(here, part(21000, """
> INVITE sdp
< 200
> ACK
. 5000
> BYE
< 200
"""), part(31000, """
< INVITE
> 200 sdp
< ACK
< BYE
> 200
"""))


@on("open")
@tells("established")
def trouble_not_talk(here, name):
    """No trouble: both talk."""
    talked(here, name, "alice", "bob")


@on("open")
@tells("established", "media/port-closed", "media/one-way",
       cause="nobody listens")
def trouble_mute_side(here, name):
    """Bob sends nothing, and nobody listens there."""
    talked(here, name, "alice")
