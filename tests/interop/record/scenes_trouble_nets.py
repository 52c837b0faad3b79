"""Scenes of networks that are not bundled: two NATs one behind the other, a
translator between IPv6 and IPv4, an address that changes in the call, ways
that are too narrow or long.  Package: tayga."""

import os
import time

import lab
from lab import on, tells
from scenes_baresip import answered, ringing
from scenes_ice import aioice, libnice, outcome, scenario
from scenes_sipp import BOB, answering
from scenes_trouble import inside
from scenes_trouble_media import encrypted

# Routers behind the hub share its address; nobody comes in, nor back.
CARRIER = """
table ip nat {
	chain out {
		type nat hook postrouting priority 100;
		oifname "br0" ip saddr 100.64.0.0/24 masquerade
	}
}
table ip guard {
	chain in {
		type filter hook input priority 0;
		ct state new drop
	}
	chain through {
		type filter hook forward priority 0;
		iifname "br0" ct state new drop
	}
}
"""
NARROW = """
table bridge narrow {
	chain pass {
		type filter hook forward priority 0;
		udp dport 20000-40000 ip length > 500 drop
	}
}
"""

def carrier(here, *users):
    """The NATs of these users are behind another one, the hub."""
    inside(here, "hub", "ip", "link", "add", "br1", "type", "bridge")
    inside(here, "hub", "ip", "addr", "add", "100.64.0.1/24", "dev", "br1")
    inside(here, "hub", "ip", "link", "set", "br1", "up")
    inside(here, "hub", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    for user in users:
        nat = "nat" + user[0]
        inside(here, "hub", "ip", "link", "set", f"to-{nat}", "master", "br1")
        inside(here, nat, "ip", "addr", "flush", "dev", "eth0")
        inside(here, nat, "ip", "addr", "add", "100.64.0.%d/24" % (
            10 if user == "alice" else 20), "dev", "eth0")
        inside(here, nat, "ip", "route", "add", "default", "via",
               "100.64.0.1")
    here.rules("hub", CARRIER)


@on("cone")
@tells("failed", "probing/hairpin-unanswered", "probing/no-pair")
def trouble_one_carrier(here, name):
    """Both are behind one carrier's NAT, which sends nothing back."""
    carrier(here, "alice", "bob")
    here.coturn()
    with answered(here, name, nat="stun"):
        time.sleep(11)


@on("cone")
@tells("established")
def trouble_not_two_nats(here, name):
    """No trouble: each side is captured behind its own NAT."""
    here.coturn()
    with here.capture("bob", name + ".callee"), \
            answered(here, name + ".caller", nat="stun"):
        time.sleep(5)


@on("cone")
@tells("established")
def trouble_not_at_the_router(here, name):
    """No trouble: alice's router shows each packet on both of its sides."""
    here.coturn()
    with here.capture("nata", name, interface="any"), \
            answered(here, name + ".caller", nat="stun"):
        time.sleep(5)
    os.unlink(here.path(name + ".caller.pcap"))


# ---- a translator (RFC 7915) ----

TRANSLATED = "2001:db8:64::"


def translator(here):
    """Alice has IPv6 alone, and finds IPv4 behind a prefix."""
    with open(here.path("tayga.conf"), "w", encoding="ascii") as file:
        file.write("tun-device nat64\nipv4-addr 192.0.2.1\n"
                   f"ipv6-addr 2001:db8:63::1\nprefix {TRANSLATED}/96\n"
                   "dynamic-pool 192.0.2.0/24\n"
                   f"data-dir {here.folder}\n")
    steps = [("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0",
            "net.ipv6.conf.default.disable_ipv6=0",
            "net.ipv6.conf.br0.disable_ipv6=0"),
           ("ip", "addr", "add", "2001:db8::1/64", "dev", "br0", "nodad"),
           ("tayga", "-c", here.path("tayga.conf"), "--mktun"),
           ("ip", "link", "set", "nat64", "up"),
           ("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1",
            "net.ipv4.ip_forward=1"),
           ("ip", "route", "add", "192.0.2.0/24", "dev", "nat64"),
           ("ip", "-6", "route", "add", TRANSLATED + "/96", "dev", "nat64")]
    for command in steps:
        inside(here, "hub", *command)
    here.start("hub", "tayga.log", "tayga", "-d", "-c",
               here.path("tayga.conf"))
    inside(here, "alice", "ip", "addr", "del", "203.0.113.30/24", "dev",
           "eth0")
    inside(here, "alice", "ip", "-6", "route", "add", "default", "via",
           "2001:db8::1")
    time.sleep(1)   # it says nothing before it ends


def translated(address):
    return "[" + TRANSLATED + "%02x%02x:%02x%02x]" % tuple(
        int(x) for x in address.split("."))


@on("open")
@tells("established")
def trouble_not_translated_ice(here, name):
    """No trouble: alice has IPv6 alone, bob IPv4, and ICE finds through."""
    translator(here)
    here.coturn()
    with here.capture("alice", name + ".caller"), \
            here.capture("bob", name + ".callee"):
        libnice(here, "alice", "alice-agent.log", "controlling",
                "2001:db8::30", "alice.sdp", "to-alice.sdp",
                "stun=" + translated(lab.SERVER).strip("[]"))
        aioice(here, "bob", "bob-agent.log", "controlled", BOB, "bob.sdp",
               "to-bob.sdp")
        answering(here, scenario(here, "carry-answer", "bob"), "bob", BOB)
        call = here.sipp(
            "alice", "uac.log", *scenario(here, "carry-offer", "alice"),
            "-i", "2001:db8::30", "-p", "5060", "-s", "bob", "-m", "1", "-d",
            "6000", translated(BOB) + ":5060")
        here.finished(call, "uac.log", 30)
        outcome(here, "(selected|failed).*")


@on("open")
@tells("established", "exchange/family-differs", cause="IPv6")
def trouble_translated_plain(here, name):
    """The same without ICE: the addresses in SDP are of another family than
    who gets them has."""
    translator(here)
    with here.capture("alice", name + ".caller"), \
            here.capture("bob", name + ".callee"):
        callee = here.sipp("bob", "callee.log", "-sn", "uas", "-i", BOB, "-p",
                           "5060")
        here.wait_for_port(callee, "udp", 5060)
        call = here.sipp(
            "alice", "caller.log", "-sn", "uac", "-i", "2001:db8::30", "-p",
            "5060", "-s", "bob", "-m", "1", "-d", "4000",
            translated(BOB) + ":5060")
        here.finished(call, "caller.log", 30)


# ---- an address that changes ----

@on("open")
@tells("established", "media/address-changed", cause="address of one side")
def trouble_address_moves(here, name):
    """In the call alice's host gets another address in place of its own, as
    when a VPN ends."""
    with ringing(here, name, nat=None) as (_, bob):
        bob.command("accept")
        time.sleep(3)
        for words in (("del", "203.0.113.30/24"), ("add", "203.0.113.31/24")):
            inside(here, "alice", "ip", "addr", *words, "dev", "eth0")
        inside(here, "alice", "ip", "route", "replace", "default", "via",
               "203.0.113.1")
        time.sleep(12)


# ---- ways that are too narrow ----

@on("open")
@tells("established", "media/dtls-not-finished", cause="DTLS")
def trouble_black_hole_dtls(here, name):
    """The certificates of DTLS are lost, what is small gets through."""
    here.rules("hub", NARROW)
    with encrypted(here, name):
        time.sleep(14)


# ---- ways that are long, or lose ----

@on("open")
@tells("established")
def trouble_not_satellite(here, name):
    """No trouble: 1200 ms there and back; 2xx and ACK cross."""
    here.slow_wire("alice", 600, 40)
    with encrypted(here, name):
        time.sleep(14)


@on("open")
@tells("established", "media/loss")
def trouble_fifth_lost(here, name):
    """Twenty of a hundred packets are lost on alice's wire, and ICE finds a
    way all the same."""
    here.coturn()
    here.slow_wire("alice", 20, 10, 0.2)
    with answered(here, name):
        time.sleep(12)
