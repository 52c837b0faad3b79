"""Scenes of baresip: Digest at kamailio, TURN at coturn, ICE and media."""

import contextlib
import re
import time

import lab
from lab import on

MEDIA_SECONDS = 2.5
SHORT_SECONDS = 0.6
RINGING_SECONDS = 0.5
WRONG = "looking-glass"
TURN_BARRED = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport 3478 drop
	}
}
"""


@contextlib.contextmanager
def ringing(here, name, precision="micro", kind=lab.Baresip, **account):
    """Alice calls bob and it rings; gives both, ends when he knows it over."""
    here.kamailio()
    bob = kind(here, "bob", **account)
    bob.wait_registered()
    with here.capture("alice", name, precision):
        alice = kind(here, "alice", **account)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING", 50)
        time.sleep(RINGING_SECONDS)
        yield alice, bob
        time.sleep(0.5)


@contextlib.contextmanager
def answered(here, name, precision="micro", **account):
    """Bob answers; the body waits for what comes, then alice hangs up."""
    with ringing(here, name, precision, **account) as (alice, bob):
        bob.command("accept")
        yield
        alice.command("hangup")
        bob.wait("CALL_CLOSED")


def both_logs(here, pattern, seconds=30):
    for user in ("alice", "bob"):
        here.wait_for_log(f"{user}.log", pattern, seconds)


def connected(here, kind, seconds=MEDIA_SECONDS):
    """What the programs themselves say, to hold against the capture."""
    both_logs(here, "connectivity check is complete")
    time.sleep(seconds)
    for user in ("alice", "bob"):
        pair = re.search(r"^ +\* .*?eth0:(\S+) <---> (\S+)",
                         here.log(f"{user}.log"), re.MULTILINE)
        if not pair or not all(end.startswith(kind) for end in pair.groups()):
            raise lab.Failed(f"{user} selected no pair of two {kind}")
        print(f"{user} selected: {pair[1]} with {pair[2]}")


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
    here.coturn()
    with answered(here, name, turn_password=WRONG):
        both_logs(here, "connectivity check failed")


def nothing_allocated(here, name):
    """Without an answer of the TURN server alice does not even call."""
    here.kamailio()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice")
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        alice.wait("CALL_CLOSED", 60)
        time.sleep(0.5)


@on("symmetric")
def allocate_silent_server_failed(here, name):
    """A firewall drops what goes to the TURN server, and says nothing."""
    here.rules("server", TURN_BARRED)
    nothing_allocated(here, name)


@on("symmetric")
def allocate_closed_port_failed(here, name):
    """No TURN server runs, and the host says so by ICMP."""
    nothing_allocated(here, name)


@on("symmetric")
def call_no_pair_failed(here, name):
    """Nobody has a relay, and both NATs are symmetric."""
    here.coturn()
    with answered(here, name, nat="stun"):
        both_logs(here, "connectivity check failed")


@on("symmetric")
def call_rejected_486(here, name):
    here.coturn()
    with ringing(here, name) as (alice, bob):
        bob.command("hangup")
        alice.wait("CALL_CLOSED")


@on("symmetric")
def call_over_relay_established(here, name):
    here.coturn()
    with answered(here, name, "nano"):
        connected(here, "relay:")


@on("symmetric")
def call_over_two_relays_established(here, name):
    """The same, seen by all three: the proxy's host is also the relay's."""
    here.coturn()
    with here.capture("server", name + ".server", "nano"), \
            here.capture("bob", name + ".callee", "nano"), \
            answered(here, name + ".caller", "nano"):
        connected(here, "relay:", SHORT_SECONDS)


@on("cone")
def call_over_srflx_established(here, name):
    here.coturn()
    with answered(here, name, nat="stun"):
        connected(here, "srflx:", SHORT_SECONDS)


@on("open")
def call_over_host_established(here, name):
    with answered(here, name, nat="ice"):
        connected(here, "host:", SHORT_SECONDS)


@on("open")
def call_without_ice_established(here, name):
    with answered(here, name, nat=None):
        time.sleep(SHORT_SECONDS)
