"""The scenes that are recorded, one function each, named like its capture.

usage: scenes.py PREFIX FOLDER NAME...    leaves FOLDER/NAME/NAME.pcap

A scene is recorded on the interface of alice, the caller.  What it must show
in the end is held by check.py.
"""

import os
import re
import signal
import sys
import time

import lab

MEDIA_SECONDS = 2.5
RINGING_SECONDS = 0.5
WRONG = "looking-glass"


def register_ok(here, pcap):
    here.kamailio()
    with here.capture("alice", pcap, "micro"):
        alice = lab.Baresip(here, "alice")
        alice.wait_registered()
        alice.quit()


def registration_wrong_password_failed(here, pcap):
    here.kamailio()
    with here.capture("alice", pcap, "micro"):
        lab.Baresip(here, "alice", sip_password=WRONG)
        here.wait_for_log("alice.log", "reg: .* 401 Unauthorized")
        time.sleep(0.5)


def allocate_wrong_password_failed(here, pcap):
    """No side gets a relayed address, so no pair works; alice gives up."""
    here.kamailio()
    here.coturn()
    bob = lab.Baresip(here, "bob", turn_password=WRONG)
    bob.wait_registered()
    with here.capture("alice", pcap, "micro"):
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


def call_rejected_486(here, pcap):
    here.kamailio()
    here.coturn()
    bob = lab.Baresip(here, "bob")
    bob.wait_registered()
    with here.capture("alice", pcap, "micro"):
        alice = lab.Baresip(here, "alice")
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING")
        time.sleep(RINGING_SECONDS)
        bob.command("hangup")
        alice.wait("CALL_CLOSED")
        time.sleep(0.5)


def call_over_relay_established(here, pcap):
    here.kamailio()
    here.coturn()
    bob = lab.Baresip(here, "bob")
    bob.wait_registered()
    with here.capture("alice", pcap, "nano"):
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


def call_over_tcp_established(here, pcap):
    """Three calls of SIPp one after the other over one connection."""
    answering = here.start(
        "server", "uas.log", "sipp", "-sn", "uas", "-t", "t1", "-i",
        lab.SERVER, "-p", "5060", "-nostdin")
    here.wait_for_port(answering, "tcp", 5060)
    with here.capture("alice", pcap, "micro"):
        calling = here.start(
            "alice", "uac.log", "sipp", "-sn", "uac", "-t", "t1", "-i",
            "10.1.0.2", "-p", "5060", "-s", "bob", "-m", "3", "-l", "1",
            "-r", "10", "-d", "200", "-timeout", "20", "-nostdin",
            f"{lab.SERVER}:5060")
        if calling.wait(30) != 0:
            raise lab.Failed(here.log("uac.log")[-2000:])


def main(prefix, folder, names):
    for name in names:
        scene = globals()[name.replace("-", "_")]
        began = time.monotonic()
        with lab.Lab(prefix, os.path.join(folder, name)) as here:
            scene(here, name + ".pcap")
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)


def interrupted(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise lab.Failed("interrupted")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    try:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
    except lab.Failed as failure:
        sys.exit(f"record: {failure}")
