"""Scenes of media that is not as it should be and are not bundled: SIPps set
the call up, and a small sender says what is heard."""

import os
import time

import lab
from lab import on, tells
from scenes_sipp import ALICE, BOB
from scenes_trouble_requests import END, ENDED
from sip_play import play

AT = {"alice": f"{ALICE}:21000", "bob": f"{BOB}:31000"}


def part(port, steps):
    return steps.replace("sdp", f"sdp\n  m=audio {port} RTP/AVP 8\n"
                         "  a=rtpmap:8 PCMA/8000")


TALK = """
> INVITE sdp
< 200
> ACK
. 5000
"""
HEAR = """
< INVITE
> 200 sdp
< ACK
"""


def talked(here, name, *users, times=1, count=220, behind=0):
    """A call in which these say something; each INVITE goes before five
    seconds of it."""
    with here.capture("alice", name):
        for user in users:
            here.start(
                user, f"{user}-rtp.log", "/usr/bin/python3", os.path.join(
                    lab.HERE, "agents", "rtp_talker.py"),
                AT[user].partition(":")[2],
                AT["bob" if user == "alice" else "alice"], "after=700",
                f"count={times * count}", f"ssrc={len(user)}")
        play(here, part(21000, times * TALK + END),
             part(31000, times * HEAR + ENDED))
        time.sleep(behind)


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


@on("open")
@tells("established", "media/loss")
def trouble_loss_in_a_refreshed_call(here, name):
    """Eight of a hundred are lost; a session timer refreshes the call, and
    changes nothing."""
    here.slow_wire("bob", 10, 2, 0.08)
    talked(here, name, "alice", "bob", times=2)


@on("open")
@tells("established", "media/behind-bye")
def trouble_behind_bye(here, name):
    """Both go on sending for seconds when the call is over."""
    talked(here, name, "alice", "bob", count=450, behind=5)
