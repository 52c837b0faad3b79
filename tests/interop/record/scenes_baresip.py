"""Scenes of baresip: Digest at kamailio, TURN at coturn, ICE and media."""

import re
import time

import lab
from lab import on

MEDIA_SECONDS = 2.5
RINGING_SECONDS = 0.5
WRONG = "looking-glass"


@on("symmetric")
def register_ok(here, name):
    here.kamailio()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice")
        alice.wait_registered()
        alice.quit()


@on("symmetric")
def registration_wrong_password_failed(here, name):
    here.kamailio()
    with here.capture("alice", name):
        lab.Baresip(here, "alice", sip_password=WRONG)
        here.wait_for_log("alice.log", "reg: .* 401 Unauthorized")
        time.sleep(0.5)


@on("symmetric")
def allocate_wrong_password_failed(here, name):
    """No side gets a relayed address, so no pair works; alice gives up."""
    here.kamailio()
    here.coturn()
    bob = lab.Baresip(here, "bob", turn_password=WRONG)
    bob.wait_registered()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", turn_password=WRONG)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING")
        time.sleep(RINGING_SECONDS)
        bob.command("accept")
        for user in ("alice", "bob"):
            here.wait_for_log(f"{user}.log", "connectivity check failed", 20)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")
        time.sleep(0.5)


@on("symmetric")
def call_rejected_486(here, name):
    here.kamailio()
    here.coturn()
    bob = lab.Baresip(here, "bob")
    bob.wait_registered()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice")
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING")
        time.sleep(RINGING_SECONDS)
        bob.command("hangup")
        alice.wait("CALL_CLOSED")
        time.sleep(0.5)


@on("symmetric")
def call_over_relay_established(here, name):
    here.kamailio()
    here.coturn()
    bob = lab.Baresip(here, "bob")
    bob.wait_registered()
    with here.capture("alice", name, "nano"):
        alice = lab.Baresip(here, "alice")
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING")
        time.sleep(RINGING_SECONDS)
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        for user in ("alice", "bob"):
            here.wait_for_log(f"{user}.log",
                              "connectivity check is complete", 30)
        time.sleep(MEDIA_SECONDS)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")
        time.sleep(0.5)
    for user in ("alice", "bob"):
        selected_pair(here, user)


def selected_pair(here, user):
    """What the program itself says, to hold against the capture."""
    pair = re.search(r"^ +\* .*?eth0:(\S+) <---> (\S+)",
                     here.log(f"{user}.log"), re.MULTILINE)
    if not pair or not all(end.startswith("relay:") for end in pair.groups()):
        raise lab.Failed(f"{user} selected no pair of two relayed addresses")
    print(f"{user} selected: {pair[1]} with {pair[2]}")
