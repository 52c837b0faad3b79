"""Scenes of plain SIP: SIPp calls SIPp; no registrar, no ICE, no media.

The called side is always bob at 203.0.113.40 (or 2001:db8::40), but over TCP,
where it is the server behind the NAT of alice.
"""

import os
import time

import lab
from lab import on

ALICE, BOB = "203.0.113.30", "203.0.113.40"
ALICE6, BOB6 = "[2001:db8::30]", "[2001:db8::40]"
# The first packet with a certain word in its SIP start line is lost.
LOSE_FIRST = """
table bridge wire {
	chain pass {
		type filter hook forward priority 0;
		udp dport 5060 @th,64,32 0x494e5649 \\
			limit rate 1/hour burst 1 packets drop comment "INVI"
		udp sport 5060 @th,128,32 0x32303020 \\
			limit rate 1/hour burst 1 packets drop comment "200 "
	}
}
"""
# All fragments but the first ones are lost: those have no ports.
DROP_FRAGMENTS = """
table bridge wire {
	chain pass {
		type filter hook forward priority 0;
		ether type ip ip frag-off & 0x1fff != 0 drop
	}
}
"""
SILENT = """
table inet silent {
	chain in {
		type filter hook input priority 0;
		udp dport 5060 drop
	}
}
"""


def scenario(name):
    return ["-sf", os.path.join(lab.HERE, "sipp", name + ".xml")]


def answering(here, what, space="bob", address=BOB, transport="udp"):
    mode = "t1" if transport == "tcp" else "u1"
    program = here.sipp(space, "uas.log", *what, "-t", mode, "-i", address,
                        "-p", "5060")
    here.wait_for_port(program, transport + "6" * (":" in address), 5060)


def call(here, what, *more, target=BOB, source=ALICE, seconds=30, status=0):
    program = here.sipp(
        "alice", "uac.log", *what, "-i", source, "-p", "5060", "-s", "bob",
        "-m", "1", "-d", "300", "-timeout", str(seconds), *more,
        target + ":5060")
    here.finished(program, "uac.log", seconds + 10, status)


@on("open")
def call_over_udp_established(here, name):
    answering(here, ["-sn", "uas"])
    with here.capture("alice", name):
        call(here, ["-sn", "uac"])


@on("open")
def call_over_ipv6_established(here, name):
    answering(here, ["-sn", "uas"], address=BOB6)
    with here.capture("alice", name):
        call(here, ["-sn", "uac"], target=BOB6, source=ALICE6)


@on("symmetric")
def call_over_tcp_established(here, name):
    """Three calls one after the other over one connection."""
    answering(here, ["-sn", "uas"], "server", lab.SERVER, "tcp")
    with here.capture("alice", name):
        call(here, ["-sn", "uac"], "-t", "t1", "-m", "3", "-l", "1", "-r",
             "10", "-d", "200", target=lab.SERVER, source="10.1.0.2")


@on("open")
def call_invite_fragmented_established(here, name):
    answering(here, ["-sn", "uas"])
    with here.capture("alice", name):
        call(here, scenario("large"))


@on("open")
def call_declined_603(here, name):
    answering(here, scenario("decline"))
    with here.capture("alice", name):
        call(here, ["-sn", "uac"], status=1)


@on("open")
def call_cancelled_487(here, name):
    answering(here, scenario("ring"))
    with here.capture("alice", name):
        call(here, scenario("cancel"))


@on("open")
def call_lost_packets_established(here, name):
    """The wire loses the first INVITE and the first 200."""
    answering(here, ["-sn", "uas"])
    here.rules("hub", LOSE_FIRST)
    with here.capture("alice", name + ".caller", "nano"), \
            here.capture("bob", name + ".callee", "nano"):
        call(here, ["-sn", "uac"])


@on("open")
def call_fragments_dropped_failed(here, name):
    """A firewall drops fragments; bob's host says so after 30 s."""
    answering(here, ["-sn", "uas"])
    here.rules("hub", DROP_FRAGMENTS)
    with here.capture("alice", name + ".caller"), \
            here.capture("bob", name + ".callee"):
        call(here, scenario("large"), "-default_behaviors", "none",
             seconds=36, status=1)


@on("open")
def call_silent_host_unanswered(here, name):
    """Until timer B ends it; nobody answers, not even with ICMP."""
    here.rules("bob", SILENT)
    with here.capture("alice", name):
        call(here, ["-sn", "uac"], "-default_behaviors", "none", seconds=40,
             status=1)


@on("open")
def call_closed_port_failed(here, name):
    """Nothing listens at bob's port, and his kernel says so by ICMP."""
    with here.capture("alice", name):
        here.sipp("alice", "uac.log", "-sn", "uac", "-i", ALICE, "-p", "5060",
                  "-s", "bob", "-m", "1", BOB + ":5060")
        time.sleep(3)
