"""Scenes of what goes wrong most: codecs, keys, passwords, servers that are not
there or know nobody, quotas, and firewalls around media."""

import time

import lab
from lab import on, tells
from scenes_baresip import answered, ringing
from scenes_tls import run
from scenes_turn import client, peer

TALK_SECONDS = 4
# Longer than who suppresses silence would be silent.
LONG_SECONDS = 11
SIP_BARRED = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport 5060 drop
	}
}
"""
ACK_BARRED = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport 5060 @th,64,24 0x41434b drop
	}
}
"""
MEDIA_BARRED = """
table inet firewall {
	chain out {
		type filter hook output priority 0;
		udp sport 30000-30100 drop
	}
}
"""


# ---- calls that are refused ----

def calls_in_vain(here, name, *defines, alice=(), bob=()):
    """Alice, who has these words in her account, calls bob, who has those."""
    here.kamailio(*defines)
    callee = lab.Baresip(here, "bob", nat=None, more=bob)
    callee.wait_registered()
    with here.capture("alice", name):
        caller = lab.Baresip(here, "alice", nat=None, more=alice)
        caller.wait_registered()
        caller.command("dial", "sip:bob@lab.example")
        caller.wait("CALL_CLOSED", 40)
        time.sleep(0.5)


@on("open")
def call_codecs_differ_488(here, name):
    """Alice has PCMA, bob PCMU."""
    calls_in_vain(here, name, bob=["audio_codecs=PCMU"])


@on("open")
def call_srtp_refused_488(here, name):
    """Alice wants SRTP with keys in SDP, bob has none."""
    calls_in_vain(here, name, alice=["mediaenc=srtp-mand"])


@on("open")
def call_wrong_password_407(here, name):
    """The proxy has another password of alice than the registrar."""
    calls_in_vain(here, name, "OTHER_PASSWORD")


@on("open")
def call_loop_483(here, name):
    """The proxy routes the call to itself, again and again."""
    calls_in_vain(here, name, "LOOP")


@on("open")
def call_server_error_500(here, name):
    calls_in_vain(here, name, "BROKEN")


@on("open")
def call_callee_silent_408(here, name):
    """Bob is registered; a firewall keeps the INVITE from him."""
    here.kamailio()
    bob = lab.Baresip(here, "bob", nat=None)
    bob.wait_registered()
    here.rules("bob", SIP_BARRED)
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        alice.wait("CALL_CLOSED", 50)
        time.sleep(0.5)


# ---- calls that stand, and suffer ----

@on("open")
def call_ack_barred_established(here, name):
    """A firewall lets all SIP to bob but ACK."""
    here.rules("bob", ACK_BARRED)
    with answered(here, name, nat=None):
        time.sleep(TALK_SECONDS)


@on("open")
def call_one_way_established(here, name):
    """A firewall lets no media of bob out."""
    here.rules("bob", MEDIA_BARRED)
    with answered(here, name, nat=None):
        time.sleep(TALK_SECONDS)


@on("symmetric")
def call_private_address_established(here, name):
    """Both are behind NAT, and their SDP tells the addresses inside."""
    with answered(here, name, nat=None):
        time.sleep(TALK_SECONDS)


@on("open")
def call_callee_restarts_481(here, name):
    """Bob's program is killed in the call and started anew."""
    with ringing(here, name, nat=None) as (alice, bob):
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(2)
        bob.program.kill()
        bob.program.wait()
        here.start("bob", "bob-again.log", "baresip", "-4", "-v", "-f",
                   here.path("bob"))
        time.sleep(LONG_SECONDS)
        alice.command("hangup")
        alice.wait("CALL_CLOSED")


@on("symmetric")
@tells("unanswered", "registration/contact-private", "exchange/sent-inside",
       "exchange/callee-silent", "exchange/invite-unanswered",
       cause="private address of a client")
def call_nat_unknown_unanswered(here, name):
    """The proxy goes by the contacts of hosts behind NATs, seen by itself."""
    here.kamailio("NAT_UNKNOWN")
    with here.capture("server", name + ".server"):
        bob = lab.Baresip(here, "bob", nat=None)
        bob.wait_registered()
        alice = lab.Baresip(here, "alice", nat=None)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        alice.wait("CALL_CLOSED", 40)
        time.sleep(0.5)


# ---- registrars that cannot be had ----

@on("open")
def registration_closed_port_failed(here, name):
    """No registrar runs, and the host says so by ICMP."""
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None)
        time.sleep(3)


@on("open")
def registration_silent_server_failed(here, name):
    """A firewall drops what goes to the registrar, and says nothing."""
    here.rules("server", SIP_BARRED)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None)
        here.wait_for_log("alice.log", "reg: .*timed out", 40)


def kamailio_with_tls(here):
    """A registrar with a certificate of its own."""
    run(here, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
        "-days", "3650", "-subj", "/CN=server", "-keyout", "server.pem",
        "-out", "server.crt")
    here.kamailio("TLS", f'CERTIFICATE="{here.path("server.crt")}"',
                  f'PRIVATE_KEY="{here.path("server.pem")}"')


@on("open")
def registration_tls_refused_failed(here, name):
    """Kamailio and baresip have no signature algorithm in common, and kamailio
    calls that an internal error."""
    kamailio_with_tls(here)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None, more=[
            f'outbound="sip:{lab.SERVER}:5061;transport=tls"'])
        time.sleep(4)


# ---- relays that refuse, or forget ----

@on("open")
def call_relay_restarts_broken(here, name):
    """Alice's relay is started anew in the call, and knows of no allocation
    when she refreshes it; she hangs up then."""
    soon = ("--max-allocate-lifetime=10",)
    relay = here.coturn(more=soon)
    here.kamailio()
    bob = lab.Baresip(here, "bob", nat=None)
    bob.wait_registered()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", more=["medianat=turn"])
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING", 50)
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(1)
        relay.terminate()
        here.reap(relay, 5)
        here.coturn(more=soon)
        alice.wait("CALL_CLOSED", 20)
        time.sleep(0.5)


def asks_in_vain(here, name, *arguments, **options):
    """The client of coturn ends with an error then."""
    peer(here)
    with here.capture("alice", name):
        client(here, "-u", "alice", "-w", "wonderland", *arguments,
               status=255, **options)


@on("open")
def allocate_quota_failed(here, name):
    """A user may have one allocation, and asks for two."""
    here.coturn(more=("--user-quota=1",))
    asks_in_vain(here, name, clients=2)


@on("open")
def allocate_tcp_relay_failed(here, name):
    """The relay has no TCP to peers (RFC 6062)."""
    here.coturn(more=("--no-tcp-relay",))
    asks_in_vain(here, name, "-T")


@on("open")
def allocate_peer_denied_failed(here, name):
    """The relay may not send to the peer."""
    here.coturn(more=("--denied-peer-ip=203.0.113.40",))
    asks_in_vain(here, name)
