"""Scenes that are recorded to be looked at, and are not bundled: networks that
change or lose, registrars and relays that go away or send elsewhere, programs
that die or misunderstand each other."""

import os
import subprocess
import time

import lab
from lab import on
from scenes_baresip import answered, ringing
from scenes_faults import SIP_BARRED, kamailio_with_tls
from scenes_ice import agents, aioice, carried, libnice, outcome
from scenes_sipp import ALICE, BOB, answering, call, scenario
from scenes_turn import client, peer

# Bob hears alice, and nothing but his SIP comes out.
BOB_MUTE = """
table inet firewall {
	chain out {
		type filter hook output priority 0;
		meta l4proto udp udp sport != 5060 drop
	}
}
"""
LOSSY = """
table bridge wire {
	chain pass {
		type filter hook forward priority 0;
		ip daddr 203.0.113.30 numgen random mod 12 == 0 drop
	}
}
"""
NOT_TO_BOB = ("--denied-peer-ip=203.0.113.40",)


def inside(here, space, *command):
    subprocess.run(["ip", "netns", "exec", f"{here.prefix}-{space}", *command],
                   check=True, capture_output=True)


# ---- networks ----

@on("symmetric")
def trouble_nat_restarts(here, name):
    """Alice's NAT forgets all in a call that goes over her relay."""
    here.coturn()
    with answered(here, name, more=["medianat=turn"]):
        time.sleep(3)
        inside(here, "nata", "conntrack", "-F")
        time.sleep(12)


@on("cone")
def trouble_nat_restarts_direct(here, name):
    """The same where media goes directly."""
    here.coturn()
    with answered(here, name, nat="stun"):
        time.sleep(3)
        inside(here, "nata", "nft", "flush", "chain", "ip", "nat", "out")
        inside(here, "nata", "nft", "add", "rule", "ip", "nat", "out",
               "oifname", "eth0", "meta", "l4proto", "udp", "masquerade", "to",
               ":40000-40100", "random")
        inside(here, "nata", "conntrack", "-F")
        time.sleep(12)


@on("open")
def trouble_lossy_wire(here, name):
    """One packet of twelve is lost on the way to alice."""
    here.rules("hub", LOSSY)
    with answered(here, name, nat=None):
        time.sleep(10)


@on("open")
def trouble_bob_mute(here, name):
    """Checks come to bob; a firewall keeps his answers in."""
    here.rules("bob", BOB_MUTE)
    with here.capture("bob", name + ".callee"), \
            here.capture("alice", name + ".caller"):
        agents(here, libnice, aioice, (ALICE, BOB))
        carried(here, 8, (ALICE, BOB))


# ---- registrars ----

@on("open")
def trouble_registrar_gone(here, name):
    """A firewall comes up behind the first registration."""
    here.kamailio()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None, more=["regint=20"])
        alice.wait_registered()
        here.rules("server", SIP_BARRED)
        here.wait_for_log("alice.log", "reg: .*timed out", 70)


@on("open")
def trouble_name_unknown(here, name):
    """The outbound proxy has a name that DNS does not know."""
    dns = here.start("server", "dns.log", "dnsmasq", "-k", "-R", "-h", "-C",
                     "/dev/null", "--local=/example/", "-p", "53")
    here.wait_for_port(dns, "udp", 53)

    class Asking(lab.Baresip):
        def more_config(self):
            return f"dns_server\t\t{lab.SERVER}:53\n"
    with here.capture("alice", name):
        Asking(here, "alice", nat=None, more=[
            'outbound="sip:proxy.lab.example"'])
        time.sleep(12)


@on("open")
def trouble_dumb_registrar(here, name):
    """Something accepts on 5060/tcp and never speaks."""
    dumb = here.start("server", "nc.log", "nc", "-lk", "5060")
    here.wait_for_port(dumb, "tcp", 5060)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None, more=[
            f'outbound="sip:{lab.SERVER};transport=tcp"'])
        time.sleep(36)


@on("open")
def trouble_plain_to_tls(here, name):
    """Alice speaks SIP without TLS to the port for TLS."""
    kamailio_with_tls(here)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None, more=[
            f'outbound="sip:{lab.SERVER}:5061;transport=tcp"'])
        time.sleep(12)


@on("open")
def trouble_tls_to_plain(here, name):
    """Alice speaks TLS to the port for SIP without it, and gives up."""
    sip = here.sipp("server", "sip.log", *scenario("ring"), "-i", lab.SERVER,
                    "-p", "5060", "-t", "t1")
    here.wait_for_port(sip, "tcp", 5060)
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None, more=[
            f'outbound="sip:{lab.SERVER}:5060;transport=tls"'])
        time.sleep(8)
        alice.program.kill()
        alice.program.wait()
        time.sleep(1)


# ---- calls ----

@on("open")
def trouble_glare(here, name):
    """Both put the call on hold at the same moment."""
    with ringing(here, name, nat=None) as (alice, bob):
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(1)
        alice.command("hold")
        bob.command("hold")
        time.sleep(3)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")


@on("open")
def trouble_caller_dies(here, name):
    """Alice's program is killed; bob goes on, and hangs up in the end."""
    with ringing(here, name, nat=None) as (alice, bob):
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(2)
        alice.program.kill()
        alice.program.wait()
        time.sleep(4)
        bob.command("hangup")
        time.sleep(34)


@on("open")
def trouble_caller_machine_dies(here, name):
    """Alice's machine loses its power: no ICMP of hers answers bob."""
    with here.capture("bob", name + ".callee"), \
            ringing(here, name, nat=None) as (alice, bob):
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(2)
        inside(here, "alice", "ip", "link", "set", "eth0", "down")
        time.sleep(6)
        bob.command("hangup")
        time.sleep(34)


@on("open")
def trouble_cancel_crosses(here, name):
    """Bob answers just when alice cancels; she hangs up then."""
    answering(here, scenario("answer-late"))
    with here.capture("alice", name):
        call(here, scenario("cancel-late"), status=0)


@on("open")
def trouble_extension(here, name):
    """The call requires what a baresip does not have."""
    lab.Baresip(here, "bob", nat=None)
    with here.capture("alice", name):
        call(here, scenario("require"))


@on("open")
def trouble_two_phones(here, name):
    """Bob has two phones; both ring, and he takes the second."""
    class Second(lab.Baresip):
        def more_config(self):
            return "\n"
    here.kamailio("FORK")
    bob = lab.Baresip(here, "bob", nat=None)
    bob.wait_registered()
    bell = here.sipp("server", "bell.log", *scenario("ring"), "-i",
                     lab.SERVER, "-p", "5070")
    here.wait_for_port(bell, "udp", 5070)
    with here.capture("server", name + ".server"), \
            here.capture("alice", name + ".caller"):
        alice = lab.Baresip(here, "alice", nat=None)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING", 20)
        time.sleep(1)
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(3)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")
        time.sleep(1)


# ---- ICE ----

@on("open")
def trouble_ice_password(here, name):
    """Something on the way gave bob another ice-pwd of alice."""
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB))

        def written():
            return os.path.exists(here.path("alice.sdp"))
        here.wait_until(written, 20, "alice.sdp")
        with open(here.path("alice.sdp"), encoding="ascii") as file:
            text = file.read()
        at = text.index("a=ice-pwd:") + 10
        with open(here.path("alice.sdp"), "w", encoding="ascii") as file:
            file.write(text[:at] + "Wrong" + text[at + 5:])
        carried(here, 9, (ALICE, BOB))


@on("open")
def trouble_peer_denied(here, name):
    """Alice has her relay only, and it may not send to bob."""
    here.coturn(more=NOT_TO_BOB)
    with here.capture("alice", name):
        agents(here, aioice, aioice, (ALICE, BOB),
               ([f"turn={lab.SERVER},alice,wonderland", "relay"], []))
        carried(here, 9, (ALICE, BOB))


# ---- relays ----

@on("open")
def trouble_no_ports(here, name):
    """The relay has one port, and two want one."""
    here.coturn(more=("--min-port=50000", "--max-port=50000"))
    peer(here)
    with here.capture("alice", name):
        client(here, "-u", "alice", "-w", "wonderland", clients=3, status=255)


@on("open")
def trouble_nonce_soon_stale(here, name):
    """The relay's nonces are good for three seconds."""
    here.coturn(more=("--max-allocate-lifetime=10", "--stale-nonce=3"))
    with answered(here, name, more=["medianat=turn"]):
        time.sleep(16)


@on("open")
def trouble_redirected(here, name):
    """The relay sends its clients to a host where none is."""
    here.coturn(more=("--alternate-server=203.0.113.40:3478",))
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB),
               ([f"turn={lab.SERVER},alice,wonderland", "relay"], []))
        time.sleep(12)


@on("open")
def trouble_relay_dumb(here, name):
    """TURN over TCP to a port where something accepts and never speaks."""
    dumb = here.start("server", "nc.log", "nc", "-lk", "3478")
    here.wait_for_port(dumb, "tcp", 3478)
    with here.capture("alice", name):
        agents(here, aioice, aioice, (ALICE, BOB),
               ([f"turn={lab.SERVER},alice,wonderland", "transport=tcp"], []))
        time.sleep(15)
