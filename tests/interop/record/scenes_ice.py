"""Scenes of ICE agents: libnice is alice, aioice is bob, unless said.

SIPp calls SIPp to carry their descriptions, and an agent learns the other's
only when the message that carries it has come.  No registrar.
"""

import contextlib
import os
import re
import subprocess
import time

import lab
from lab import on, tells
from scenes_sipp import ALICE, ALICE6, BOB, BOB6, answering

TURN = f"turn={lab.SERVER},alice,wonderland"
# SIP may pass between alice and bob, and nothing may pass to the relay.
ONLY_SIP = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		meta l4proto udp udp dport != 5060 drop
	}
}
"""
KINDS = ("relay", "srflx", "host")


def libnice(here, *arguments):
    program = here.path("nice_agent")
    if not os.path.exists(program):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "nice"],
                               check=True, capture_output=True, text=True)
        sources = (os.path.join(lab.HERE, "agents", name)
                   for name in ("nice_agent.c", "nice_common.c"))
        subprocess.run(["cc", "-O1", "-o", program, *sources,
                        *flags.stdout.split()], check=True)
    return here.start(*arguments[:2], program, *arguments[2:])


def aioice(here, *arguments):
    """With the interpreter of the system, which has the system's aioice."""
    return here.start(*arguments[:2], "/usr/bin/python3", os.path.join(
        lab.HERE, "agents", "aioice_agent.py"), *arguments[2:])


def described(here, user):
    """Session lines for what the agent of a user wrote."""
    def written():
        return os.path.exists(here.path(f"{user}.sdp"))
    here.wait_until(written, 90, f"{user}.sdp")
    with open(here.path(f"{user}.sdp"), encoding="ascii") as file:
        lines = file.read().split("\n")[:-1]
    kinds = {}
    for line in lines:
        found = re.search(r" (\S+) (\d+) typ (\w+)", line)
        if found:
            kinds[found[3]] = found     # of two the last, which is passive
    address, port, _ = kinds[min(kinds, key=KINDS.index)].groups()
    version = 6 if ":" in address else 4
    protocol = "TCP/RTP/AVP" if " tcptype " in "".join(lines) else "RTP/AVP"
    return [f"c=IN IP{version} {address}", "t=0 0",
            f"m=audio {port} {protocol} 8", "a=rtpmap:8 PCMA/8000", *lines]


def scenario(here, name, user):
    with open(os.path.join(lab.HERE, "sipp", name + ".xml"),
              encoding="ascii") as file:
        text = file.read()
    lines = ("\n" + 6 * " ").join(described(here, user))
    with open(here.path(name + ".xml"), "w", encoding="ascii") as file:
        file.write(text.replace("@DESCRIPTION@", lines))
    return ["-sf", here.path(name + ".xml")]


def begun(here, seconds, addresses, space="bob"):
    """The call; the agents are running."""
    alice, bob = addresses
    answering(here, scenario(here, "carry-answer", "bob"), space, bob)
    return here.sipp(
        "alice", "uac.log", *scenario(here, "carry-offer", "alice"), "-i",
        alice, "-p", "5060", "-s", "bob", "-m", "1", "-d",
        str(int(seconds * 1000)), bob + ":5060")


def carried(here, seconds, addresses, space="bob"):
    """The same until it ends."""
    here.finished(begun(here, seconds, addresses, space), "uac.log",
                  seconds + 20)


def outcome(here, wanted):
    """What the agents say, to hold against the capture."""
    for user in ("alice", "bob"):
        here.wait_for_log(f"{user}-agent.log", wanted, 20)
        print(f"{user}:", re.search(r"(?m)^(selected|failed).*",
                                    here.log(f"{user}-agent.log"))[0])


def agents(here, alice, bob, addresses, options=((), ())):
    for user, agent, role, address, more in zip(
            ("alice", "bob"), (alice, bob), ("controlling", "controlled"),
            addresses, options):
        agent(here, user, f"{user}-agent.log", role, address.strip("[]"),
              f"{user}.sdp", f"to-{user}.sdp", *more)


@on("open")
def call_over_ipv6_host_established(here, name):
    addresses = ALICE6, BOB6
    with here.capture("alice", name):
        agents(here, libnice, aioice, addresses)
        carried(here, 2.5, addresses)
        outcome(here, "selected: .*")


@on("open")
def call_over_ice_tcp_established(here, name):
    """libnice with libnice, and nothing but ICE over TCP."""
    with here.capture("alice", name):
        agents(here, libnice, libnice, (ALICE, BOB), (["tcp"], ["tcp"]))
        carried(here, 2.5, (ALICE, BOB))
        outcome(here, "selected: .*")


@on("open")
def call_over_one_relay_established(here, name):
    """Alice has only a relayed candidate, bob has only those of his host."""
    here.coturn()
    with contextlib.ExitStack() as points:
        for space, point in (("alice", ".caller"), ("server", ".relay"),
                             ("bob", ".callee")):
            points.enter_context(here.capture(space, name + point, "nano"))
        agents(here, libnice, aioice, (ALICE, BOB), ([TURN, "relay"], []))
        carried(here, 2.5, (ALICE, BOB))
        outcome(here, "selected: .*")
        time.sleep(0.5)


@on("open")
@tells("failed", "probing/no-counterpart",
       cause="no kind of address in common")
def call_families_apart_failed(here, name):
    """Alice has a relay of IPv4 alone, and bob a host of IPv6 alone: no
    candidate may pair with another, and nobody checks."""
    here.coturn()
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB6), ([TURN, "relay"], []))
        carried(here, 9, (ALICE, BOB))
        time.sleep(0.3)


@on("open")
def call_only_sip_passes_failed(here, name):
    """A firewall lets nothing but SIP through: no relay and no pair."""
    here.coturn()
    here.rules("hub", ONLY_SIP)
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB), ([TURN], []))
        carried(here, 11, (ALICE, BOB))
        outcome(here, "failed.*")


@on("open")
def checks_without_signalling_established(here, name):
    """The agents know of each other by a way that is not in the capture."""
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB))
        for user, other in (("alice", "bob"), ("bob", "alice")):
            described(here, user)
            os.link(here.path(f"{user}.sdp"), here.path(f"to-{other}.sdp"))
        outcome(here, "media: .*")
        time.sleep(0.5)


@on("open")
@tells("established", "probing/role-conflict")
def call_role_conflict_established(here, name):
    """Both believe to be the controlling side, and bob gives in."""
    with here.capture("alice", name):
        for user, agent, address, more in (
                ("alice", libnice, ALICE, ()),
                ("bob", aioice, BOB, ("yields",))):
            agent(here, user, f"{user}-agent.log", "controlling", address,
                  f"{user}.sdp", f"to-{user}.sdp", *more)
        carried(here, 2.5, (ALICE, BOB))
        outcome(here, "selected: .*")
