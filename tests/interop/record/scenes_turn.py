"""Scenes of TURN alone: coturn and the client and peer that come with it.

The messages that pass the relay are the client's own pattern, no RTP.
"""

import base64
import hashlib
import hmac
import time

import lab
import scenes_tls
from lab import on
from scenes_ice import libnice
from scenes_sipp import ALICE, BOB

SECRET = "through-the-mirror"
LONG_AGO = 1700000000       # November 2023
PEER_PORT = 3480


def peer(here):
    program = here.start("bob", "peer.log", "turnutils_peer", "-p",
                         str(PEER_PORT), "-L", BOB)
    here.wait_for_port(program, "udp", PEER_PORT)


def client(here, *credentials, packets=5, wrap=(), clients=1, status=0):
    """One allocation, one channel, some packets there and back."""
    program = here.start(
        "alice", "client.log", *wrap, "turnutils_uclient", "-c", "-m",
        str(clients), "-n", str(packets), "-l", "100", "-z", "20", "-L", ALICE, "-e", BOB, "-r",
        str(PEER_PORT), *credentials, lab.SERVER)
    here.finished(program, "client.log", status=status)


@on("open")
def allocate_rest_ok(here, name):
    """User name and password made from a shared secret, as TURN REST does."""
    here.coturn("--use-auth-secret", "--static-auth-secret", SECRET)
    peer(here)
    with here.capture("alice", name):
        client(here, "-u", "alice", "-W", SECRET)


@on("open")
def allocate_rest_expired_failed(here, name):
    """The password fits the user name, but its time is over."""
    here.coturn("--use-auth-secret", "--static-auth-secret", SECRET)
    user = f"{LONG_AGO}:alice"
    password = base64.b64encode(hmac.digest(
        SECRET.encode(), user.encode(), hashlib.sha1)).decode()
    with here.capture("alice", name):
        libnice(here, "alice", "alice-agent.log", "controlling", ALICE,
                "alice.sdp", "to-alice.sdp",
                f"turn={lab.SERVER},{user},{password}", "relay")
        here.wait_for_log("coturn.log", "401|[Uu]nauthorized")
        time.sleep(1)


@on("open")
def allocate_over_tcp_ok(here, name):
    """Channel data over a stream, where it is padded."""
    here.coturn()
    peer(here)
    with here.capture("alice", name):
        client(here, "-t", "-u", "alice", "-w", "wonderland")


@on("open")
def allocate_over_dtls_ok(here, name):
    """DTLS 1.2 as the two agree on by themselves; the client logs its
    secrets."""
    scenes_tls.keylog(here)
    scenes_tls.run(here, "openssl", "req", "-x509", "-newkey", "rsa:2048",
                   "-nodes", "-days", "3650", "-subj", "/CN=turn",
                   "-keyout", "turn.pem", "-out", "turn.crt")
    here.coturn(secure=("--no-tls", "--cert", here.path("turn.crt"), "--pkey",
                        here.path("turn.pem")))
    peer(here)
    with here.capture("alice", name):
        client(here, "-S", "-u", "alice", "-w", "wonderland",
               wrap=("env", f"LD_PRELOAD={here.path('keylog.so')}",
                     f"SSLKEYLOGFILE={here.path(name + '.keys')}"))


@on("open")
def allocate_two_families_ok(here, name):
    """An address of each family (ADDITIONAL-ADDRESS-FAMILY)."""
    here.coturn(both_families=True)
    peer(here)
    with here.capture("alice", name):
        client(here, "-Z", "-u", "alice", "-w", "wonderland")
