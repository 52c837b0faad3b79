"""Scenes of ICE, DTLS and media that go wrong and are not bundled, and of some
that only look so."""

import contextlib
import os
import re
import time

import lab
from lab import on, tells
from scenes_baresip import answered, ringing
from scenes_ice import (TURN, agents, aioice, begun, carried,
                        libnice, outcome)
from scenes_sipp import ALICE, BOB
from scenes_trouble import inside

# What comes to bob: rules of nft on the input of his host.
AT_BOB = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		%s drop
	}
}
"""
NOT_BETWEEN = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		ip saddr 203.0.113.30 ip daddr 203.0.113.40 udp dport != 5060 drop
		ip saddr 203.0.113.40 ip daddr 203.0.113.30 udp dport != 5060 drop
	}
}
"""
NOT_OUT = """
table inet firewall {
	chain out {
		type filter hook output priority 0;
		udp sport 20000-40000 drop
	}
}
"""
NO_DTLS = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		udp dport 20000-20100 @th,64,8 0x16 drop
	}
}
"""
FIREWALL = ("flush", "ruleset")


def is_open(here, space):
    inside(here, space, "nft", *FIREWALL)


# ---- ICE ----

@on("cone")
@tells("established", "probing/peer-reflexive")
def trouble_peer_reflexive(here, name):
    """Alice is behind a NAT and asks no STUN server; she calls a host that is
    behind none."""
    home = "10.1.0.2"
    with here.capture("server", name):
        libnice(here, "alice", "alice-agent.log", "controlling", home,
                "alice.sdp", "to-alice.sdp")
        aioice(here, "server", "bob-agent.log", "controlled", lab.SERVER,
               "bob.sdp", "to-bob.sdp")
        carried(here, 3, (home, lab.SERVER), "server")
        outcome(here, "selected: .*")


@on("open")
@tells("established", "probing/consent-lost")
def trouble_consent_lost(here, name):
    """The way of media closes in the call."""
    more = ["packets=2250", "consent"]
    with here.capture("alice", name):
        agents(here, libnice, libnice, (ALICE, BOB), (more, more))
        call = begun(here, 45, (ALICE, BOB))
        here.wait_for_log("alice-agent.log", "ready", 20)
        time.sleep(3)
        here.rules("hub", NOT_BETWEEN)
        here.finished(call, "uac.log", 65)


@on("cone")
@tells("failed", "probing/hairpin-unanswered", "probing/no-pair")
def trouble_hairpin(here, name):
    """Both are behind one NAT, in networks that do not reach each other."""
    near = f"{here.prefix}-nata"
    inside(here, "natb", "ip", "link", "set", "in0", "down")
    inside(here, "natb", "ip", "link", "set", "in0", "name", "in1")
    inside(here, "natb", "ip", "link", "set", "in1", "netns", near)
    inside(here, "nata", "ip", "addr", "add", "10.2.0.1/24", "dev", "in1")
    inside(here, "nata", "ip", "link", "set", "in1", "up")
    here.rules("nata", """
table ip apart {
	chain pass {
		type filter hook forward priority 0;
		iifname "in0" oifname "in1" udp dport != 5060 drop
		iifname "in1" oifname "in0" udp dport != 5060 drop
	}
}
""")
    here.coturn()
    home = "10.1.0.2", "10.2.0.2"
    stun = [f"stun={lab.SERVER}"]
    with here.capture("alice", name):
        agents(here, libnice, aioice, home, (stun, stun))
        carried(here, 11, home)


@on("open")
@tells("established", "probing/relayed-in-one-network")
def trouble_isolated(here, name):
    """A switch keeps its ports apart: the relay helps."""
    here.coturn()
    inner = "192.168.7.30", "192.168.7.40"
    for space, address in zip(("alice", "bob", "server"),
                              (*inner, "192.168.7.5")):
        inside(here, space, "ip", "addr", "add", address + "/24", "dev",
               "eth0")
    here.rules("hub", NOT_BETWEEN.replace("203.0.113", "192.168.7"))
    with here.capture("alice", name):
        agents(here, libnice, libnice, inner, ([TURN], [
            TURN.replace("alice,wonderland", "bob,builder")]))
        carried(here, 9, inner)
        outcome(here, "selected: .*")


@on("open")
@tells("established", "probing/lite-checks")
def trouble_lite_checks(here, name):
    """Bob is a gateway with ICE-lite; libnice checks all the same."""
    with here.capture("alice", name):
        agents(here, libnice, libnice, (ALICE, BOB), ([], ["lite"]))
        carried(here, 3, (ALICE, BOB))
        outcome(here, "selected: .*")


@on("open")
@tells("established", "exchange/both-lite")
def trouble_both_lite(here, name):
    with here.capture("alice", name):
        agents(here, libnice, libnice, (ALICE, BOB), (["lite"], ["lite"]))
        carried(here, 3, (ALICE, BOB))


class TwoPorts(lab.Baresip):
    """RTCP has a port of its own."""

    def program_name(self):
        """The first line of a name counts, so it is changed and not added."""
        path = os.path.join(self.lab.path(self.user), "config")
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"(?m)^rtcp_mux.*", "rtcp_mux no", file.read())
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return super().program_name()


@on("open")
@tells("established", "probing/one-way")
def trouble_rtcp_barred(here, name):
    """A firewall lets in the ports of RTP, not those of RTCP beside them."""
    here.rules("bob", AT_BOB % "udp dport 30000-30100 udp dport & 1 == 1")
    with answered(here, name, nat="ice", kind=TwoPorts):
        time.sleep(6)


# ---- DTLS ----


@contextlib.contextmanager
def encrypted(here, name, *defines, point="alice"):
    """A call with DTLS that bob answers; alice hangs up."""
    here.kamailio(*defines)
    more = ["mediaenc=dtls_srtp"]
    bob = lab.Baresip(here, "bob", nat=None, more=more)
    bob.wait_registered()
    with here.capture(point, name):
        alice = lab.Baresip(here, "alice", nat=None, more=more)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING", 50)
        bob.command("accept")
        yield
        alice.command("hangup")
        bob.wait("CALL_CLOSED")


@on("open")
@tells("established")
def trouble_not_dtls(here, name):
    """No trouble: the same that goes well."""
    with encrypted(here, name):
        time.sleep(4)


@on("open")
@tells("established", "media/dtls-unanswered")
def trouble_dtls_barred(here, name):
    """Bob begins with DTLS, and it does not get to alice."""
    here.rules("hub", NO_DTLS)
    with encrypted(here, name, point="bob"):
        time.sleep(9)


# ---- media ----

@on("open")
@tells("established", "media/jitter")
def trouble_jitter(here, name):
    """Each packet takes up to 150 ms more than another, to and from bob."""
    here.slow_wire("bob", 20, 150)
    with answered(here, name, nat=None):
        time.sleep(9)


@on("open")
@tells("established", "media/loss")
def trouble_loss(here, name):
    """Eight of a hundred packets are lost on bob's wire, and 40 ms pass."""
    here.slow_wire("bob", 40, 5, 0.08)
    with answered(here, name, nat=None):
        time.sleep(9)


@on("open")
@tells("established")
def trouble_not_slow(here, name):
    """No trouble: 200 ms each way, as over a satellite."""
    here.slow_wire("bob", 200, 8)
    with answered(here, name, nat=None):
        time.sleep(6)


@on("open")
@tells("established", "media/interrupted")
def trouble_interrupted(here, name):
    """Nothing passes for four seconds in the middle of the call."""
    with answered(here, name, nat=None):
        time.sleep(4)
        here.rules("hub", NOT_BETWEEN)
        time.sleep(4)
        is_open(here, "hub")
        time.sleep(4)


@on("open")
@tells("established", "media/late")
def trouble_media_late(here, name):
    """Hosts let media of both out only three seconds behind the answer."""
    for user in ("alice", "bob"):
        here.rules(user, NOT_OUT)
    with answered(here, name, nat=None):
        time.sleep(3)
        for user in ("alice", "bob"):
            is_open(here, user)
        time.sleep(5)


@on("open")
@tells("established")
def trouble_not_held(here, name):
    """No trouble: alice holds the call and takes it back."""
    with ringing(here, name, nat=None) as (alice, bob):
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(2)
        alice.command("hold")
        time.sleep(3)
        alice.command("resume")
        time.sleep(3)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")


# ---- a relay of media in the middle ----

INSIDE = "replace-origin replace-session-connection"


def relayed(here, name, flags=INSIDE, back=INSIDE, alice=()):
    """The proxy has rtpengine between both, and gives it these flags with the
    offer and with the answer; seen by alice and by the proxy's host."""
    engine = here.start("server", "rtpengine.log", "rtpengine", "--foreground",
                        "--log-stderr", "--table=-1", "--interface",
                        lab.SERVER, "--listen-ng", "127.0.0.1:2223")
    here.wait_for_port(engine, "udp", 2223)
    here.kamailio(f'MEDIA_RELAY="{flags}"', f'MEDIA_RELAY_BACK="{back}"')
    callee = lab.Baresip(here, "bob", nat=None)
    callee.wait_registered()
    with here.capture("server", name + ".server"), \
            here.capture("alice", name + ".caller"):
        caller = lab.Baresip(here, "alice", nat=None, more=alice)
        caller.wait_registered()
        caller.command("dial", "sip:bob@lab.example")
        callee.wait("CALL_INCOMING", 50)
        callee.command("accept")
        caller.wait("CALL_ESTABLISHED")
        time.sleep(4)
        caller.command("hangup")
        callee.wait("CALL_CLOSED")
        time.sleep(0.5)


@on("symmetric")
@tells("established")
def trouble_not_anchored(here, name):
    """No trouble: both are behind NATs, and media goes through the proxy."""
    relayed(here, name)


@on("open")
@tells("established")
def trouble_not_decrypted(here, name):
    """No trouble: alice has DTLS, bob plain RTP, and the relay is between."""
    relayed(here, name, "RTP/AVP " + INSIDE, alice=["mediaenc=dtls_srtp"])


@on("open")
@tells("established", "exchange/profile-differs", cause="another RTP profile")
def trouble_plain_for_dtls(here, name):
    """The same, where the proxy makes plain RTP of the answer, too."""
    relayed(here, name, "RTP/AVP " + INSIDE, "RTP/AVP " + INSIDE,
            alice=["mediaenc=dtls_srtp"])
