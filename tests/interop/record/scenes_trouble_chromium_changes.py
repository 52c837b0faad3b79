"""Scenes of two Chromiums whose way breaks, moves or is offered anew, and of
their relays that go wrong.  Packages: see scenes_trouble_chromium.py."""

import base64
import hashlib
import hmac
import time

import lab
from lab import on, tells
from scenes_trouble_chromium import (HANG_UP, NO_UDP, STAYS, browsers,
                                     connected, relayed, rules_step)
from scenes_turn import SECRET

NO_UDP6 = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		ether type ip6 meta l4proto udp drop
	}
}
"""
NO_DTLS = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		meta l4proto udp @th,64,8 0x16 drop
	}
}
"""
RELAYS = {"pc": relayed("alice")}, {"pc": relayed("bob")}
RESTART = ["offer", "alice", {"iceRestart": True}]


def opened(here):
    return ["shell", f"ip netns exec {here.prefix}-hub nft flush ruleset"]


@on("open")
@tells("established", "media/interrupted")
def trouble_chromium_back_over_ipv4(here, name):
    """IPv6 is barred in the middle: the pair of IPv4 that was used for an
    instant is taken again."""
    browsers(here, name, connected() + [
        rules_step(here, "hub", NO_UDP6), ["sleep", 12]] + HANG_UP)


@on("open")
@tells("established", "media/interrupted")
def trouble_chromium_interrupted(here, name):
    """Nothing passes for six seconds."""
    browsers(here, name, connected() + [
        rules_step(here, "hub", NO_UDP), ["sleep", 6], opened(here),
        ["sleep", 5]] + HANG_UP)


@on("open")
@tells("established")
def trouble_chromium_restart_heals(here, name):
    """Nothing passes for eight seconds, then ICE is restarted: one call."""
    browsers(here, name, connected() + [
        rules_step(here, "hub", NO_UDP), ["sleep", 8], opened(here), RESTART,
        ["sleep", 5]] + HANG_UP)


@on("open")
@tells("established", "probing/consent-lost", cause="broke in the call")
def trouble_chromium_restart_fails(here, name):
    """Nothing passes any more, and a restart does not help: one call."""
    browsers(here, name, connected() + [
        rules_step(here, "hub", NO_UDP), ["sleep", 8], RESTART,
        ["sleep", 25]])


@on("open")
@tells("established", "media/dtls-not-begun")
def trouble_chromium_no_dtls(here, name):
    """A firewall lets STUN pass and no handshake."""
    here.rules("hub", NO_DTLS)
    browsers(here, name, STAYS + [["sleep", 20]])


@on("open")
@tells("established", "gathering/relay-gone", cause="relay went away")
def trouble_chromium_relay_dies(here, name):
    """The relay of both crashes in the call."""
    relay = here.coturn()
    browsers(here, name, connected() + [
        ["shell", f"kill -KILL {relay.pid}"], ["sleep", 25]], *RELAYS)


@on("open")
@tells("failed", "gathering/quota-reached", "gathering/refused",
       cause="grants no more")
def trouble_chromium_quota(here, name):
    """Each user may have one allocation, and Chromium asks for a second one
    for a section that is to be bundled."""
    here.coturn(more=("--user-quota=1",))
    browsers(here, name, STAYS + [["sleep", 8]], *RELAYS)


@on("open")
@tells("failed", "token/expired", cause="had ended")
def trouble_chromium_credentials_ended(here, name):
    """Alice's page was open for too long: what it was given for the relay is
    over."""
    here.coturn("--use-auth-secret", "--static-auth-secret", SECRET)
    browsers(here, name, STAYS + [["sleep", 12]], *(
        {"pc": {"iceTransportPolicy": "relay", "iceServers": [issued(
            user, int(time.time()) + more)]}}
        for user, more in (("alice", -3600), ("bob", 3600))))


def issued(user, until):
    """As TURN REST issues it."""
    named = f"{until}:{user}"
    password = hmac.digest(SECRET.encode(), named.encode(), hashlib.sha1)
    return {"urls": f"turn:{lab.SERVER}:3478", "username": named,
            "credential": base64.b64encode(password).decode()}
