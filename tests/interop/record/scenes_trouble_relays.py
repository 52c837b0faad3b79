"""Scenes of coturn in its other modes that are not bundled."""

import os
import time

import lab
import scenes_tls
from lab import on, tells
from scenes_ice import TURN, agents, aioice, carried, libnice, outcome
from scenes_sipp import ALICE, BOB
from scenes_trouble_media import AT_BOB

ONLY_TCP = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		meta l4proto udp udp dport != 5060 udp sport != 5060 drop
	}
}
"""


def asks(here, name, *words, seconds=5):
    """An agent that nobody is to call."""
    with here.capture("alice", name):
        libnice(here, "alice", "alice-agent.log", "controlling", ALICE,
                "alice.sdp", "to-alice.sdp", *words)
        time.sleep(seconds)


@on("open")
@tells(None, "gathering/transport-refused", "gathering/refused")
def trouble_no_udp_relay(here, name):
    """The relay has TCP to its peers alone."""
    here.coturn(more=("--no-udp-relay",))
    asks(here, name, TURN, "relay")


@on("open")
@tells(None, "gathering/turn-ignored", "gathering/allocate-unanswered",
       cause="no TURN")
def trouble_stun_alone(here, name):
    """The server has STUN alone."""
    here.coturn(more=("--stun-only",))
    asks(here, name, f"stun={lab.SERVER}", TURN)


@on("open")
@tells(None, "gathering/alternate-unanswered", "gathering/allocate-unanswered",
       cause="sends the client on")
def trouble_alternate_silent(here, name):
    """The relay sends its clients on to another one, which is silent."""
    here.coturn(more=("--alternate-server", f"{BOB}:3478"))
    here.rules("bob", AT_BOB % "udp dport 3478")
    asks(here, name, TURN, "relay")


def hidden(here, agent=aioice):
    """Runs an agent with the relay's certificate as the only one it trusts."""
    def with_trust(lab_, space, log, *words):
        os.environ["SSL_CERT_FILE"] = here.path("turn.crt")
        try:
            return agent(lab_, space, log, *words)
        finally:
            del os.environ["SSL_CERT_FILE"]
    scenes_tls.run(here, "openssl", "req", "-x509", "-newkey", "rsa:2048",
                   "-nodes", "-days", "3650", "-subj", "/CN=turn", "-addext",
                   f"subjectAltName=IP:{lab.SERVER}", "-keyout", "turn.pem",
                   "-out", "turn.crt")
    here.coturn(secure=("--cert", here.path("turn.crt"), "--pkey",
                        here.path("turn.pem"), "--no-dtls"))
    return with_trust


IN_TLS = "port=5349", "transport=tcp", "tls"


@on("open")
@tells("established", "gathering/relay-in-tls")
def trouble_not_relay_in_tls(here, name):
    """No trouble: alice has her relay only, and asks it over TLS, which cannot
    be read."""
    agent = hidden(here)
    with here.capture("alice", name):
        agents(here, agent, aioice, (ALICE, BOB),
               ([f"turn={lab.SERVER},alice,wonderland", "relay", *IN_TLS], []))
        carried(here, 2.5, (ALICE, BOB))
        outcome(here, "selected: .*")


@on("open")
@tells("established", "gathering/relay-in-tls")
def trouble_not_relays_in_tls(here, name):
    """No trouble: nothing but TLS gets through for both."""
    agent = hidden(here)
    relay = f"turn={lab.SERVER},alice,wonderland", *IN_TLS
    here.rules("hub", ONLY_TCP)
    with here.capture("alice", name):
        agents(here, agent, agent, (ALICE, BOB), (relay, relay))
        carried(here, 9, (ALICE, BOB))
        outcome(here, "selected: .*")
