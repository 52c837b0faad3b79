"""Scenes of coturn and its own client in their odd modes, which are not
bundled.  The client's passed-on messages are its own pattern, no RTP."""

import shutil
import subprocess
import time

import lab
from lab import on, tells
from scenes_ice import TURN, agents, aioice, carried, libnice
from scenes_sipp import ALICE, BOB
from scenes_tls import keylog
from scenes_trouble_servers import certificate
from scenes_turn import PEER_PORT, SECRET, peer

MINE = ("-u", "alice", "-w", "wonderland")


def uclient(here, *words, packets=5, seconds=20, wrap=()):
    """As the words want it, and to no known end: some modes give up."""
    program = here.start(
        "alice", "client.log", *wrap, "turnutils_uclient", "-n", str(packets),
        "-L", ALICE, "-e", BOB, "-r", str(PEER_PORT), *words, lab.SERVER)
    try:
        program.wait(seconds)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def asked(here, name, *words, relay=(), point="alice", **more):
    here.coturn(more=relay)
    peer(here)
    with here.capture(point, name):
        uclient(here, *MINE, *words, **more)
        time.sleep(0.5)


@on("open")
@tells("ok")
def trouble_not_pair_of_ports(here, name):
    """No trouble: a relayed pair, EVEN-PORT and RESERVATION-TOKEN."""
    asked(here, name)


@on("open")
@tells("ok")
def trouble_not_mobile(here, name):
    """No trouble: the client moves to other ports with its ticket (RFC 8016).
    """
    asked(here, name, "-M", "-c", relay=("--mobility",), packets=60)


@on("open")
@tells("ok")
def trouble_not_asked_more(here, name):
    """No trouble: permissions and channels are asked for over and over."""
    asked(here, name, "-G", "-c")


@on("open")
@tells("ok")
def trouble_not_fragmented(here, name):
    """No trouble: DONT-FRAGMENT."""
    asked(here, name, "-g", "-c")


@on("open")
@tells("ok")
def trouble_not_between_clients(here, name):
    """No trouble: relayed addresses that talk to each other."""
    asked(here, name, "-y", "-c", "-s")


@on("open")
@tells("ok", "gathering/channel-conflict")
def trouble_negative(here, name):
    """Requests that no server may take, among good ones."""
    asked(here, name, "-N", "-c")


@on("open")
@tells("ok", "probing/stun-fingerprint-wrong",
       "gathering/stun-attribute-overrun")
def trouble_negative_protocol(here, name):
    """Messages that are no STUN, among good ones."""
    asked(here, name, "-R", "-c")


@on("open")
@tells("ok", "gathering/no-permission",
       cause="without permission")
def trouble_unpermitted(here, name):
    """The client sends before it permits anybody."""
    asked(here, name, "-I", "-c", "-s")


@on("open")
@tells("ok")
def trouble_disconnects(here, name):
    """Clients that hang up at random, over TCP."""
    asked(here, name, "-B", "-c", "-t", "-m", "3")


@on("open")
@tells("ok")
def trouble_floods(here, name):
    """Clients that ask and are gone."""
    asked(here, name, "-O", "-c", "-m", "4", seconds=3)


@on("open")
@tells("ok")
def trouble_not_passive_tcp(here, name):
    """No trouble: the peer connects to the relayed address (RFC 6062)."""
    asked(here, name, "-P")


@on("open")
@tells(None)
def trouble_not_tls(here, name):
    """No trouble: TURN over TLS; what says so needs the secrets beside it."""
    keylog(here)
    certificate(here)
    here.coturn(secure=("--no-dtls", "--cert", here.path("turn.crt"),
                        "--pkey", here.path("turn.pem")))
    peer(here)
    with here.capture("alice", name):
        uclient(here, *MINE, "-S", "-t", "-c", wrap=(
            "env", f"LD_PRELOAD={here.path('keylog.so')}",
            f"SSLKEYLOGFILE={here.path(name + '.keys')}"))


@on("open")
@tells("ok")
def trouble_not_open_relay(here, name):
    """No trouble: a relay that asks nobody who they are."""
    here.coturn("--no-auth")
    peer(here)
    with here.capture("alice", name):
        uclient(here, "-c")


@on("open")
@tells(None, "gathering/wrong-credentials")
def trouble_rest_secret(here, name):
    """A service and a relay that do not share their secret."""
    here.coturn("--use-auth-secret", "--static-auth-secret", SECRET)
    with here.capture("alice", name):
        uclient(here, "-u", "alice", "-W", "looking-glass", "-c")


@on("open")
@tells("ok")
def trouble_not_rest_separator(here, name):
    """No trouble: user names of TURN REST with another separator."""
    here.coturn("--use-auth-secret", "--static-auth-secret", SECRET,
                "--rest-api-separator", "%")
    peer(here)
    with here.capture("alice", name):
        uclient(here, "-u", "alice", "-W", SECRET, "-C", "%", "-c")


def oauth_table(here):
    """A table of keys as the one that coturn brings along."""
    shutil.copy("/usr/share/doc/coturn/examples/var/db/turndb",
                here.path("turndb"))


@on("open")
@tells("ok")
def trouble_not_oauth(here, name):
    """No trouble: tokens of a third party (RFC 7635)."""
    oauth_table(here)
    here.coturn(more=("--oauth",))
    peer(here)
    with here.capture("alice", name):
        uclient(here, "-J", "-c", "-u", "alice")


@on("open")
@tells("failed", "gathering/wrong-credentials")
def trouble_oauth_unknown(here, name):
    """A client that has tokens, and a relay that knows of none."""
    here.coturn()
    peer(here)
    with here.capture("alice", name):
        uclient(here, "-J", "-c", "-u", "alice", seconds=8)


@on("open")
@tells("failed", "gathering/refused", "gathering/quota-reached",
       cause="grants no more")
def trouble_total_quota(here, name):
    """The relay gives one allocation, and three want one."""
    asked(here, name, "-c", "-m", "3", relay=("--total-quota=1",), seconds=8)


@on("open")
@tells("failed", "gathering/peer-refused")
def trouble_peer_loopback(here, name):
    """The peer is the relay's own loopback, which it does not send to."""
    here.coturn()
    with here.capture("alice", name):
        uclient(here, *MINE, "-c", "-e", "127.0.0.1", seconds=8)


@on("open")
@tells("established")
def trouble_binding_challenged(here, name):
    """The relay wants credentials for Binding, too, which no client has."""
    here.coturn(more=("--secure-stun",))
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB),
               ([f"stun={lab.SERVER}"], []))
        carried(here, 3, (ALICE, BOB))


@on("open")
@tells("established")
def trouble_binding_barred(here, name):
    """The relay has TURN alone, and is asked for a mapped address."""
    here.coturn(more=("--no-stun",))
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB),
               ([f"stun={lab.SERVER}"], []))
        carried(here, 3, (ALICE, BOB))


@on("open")
@tells("ok")
def trouble_slow_relay(here, name):
    """The relay lets a client pass 2000 bytes in a second, and drops the
    rest: what the client sees of that is no more than what comes back."""
    here.coturn(more=("--max-bps=2000",))
    peer(here)
    with here.capture("alice", name):
        uclient(here, *MINE, "-c", "-l", "200", packets=150, seconds=12)


@on("open")
@tells(None)
def trouble_relay_dies(here, name):
    """The relay is killed in the middle."""
    relay = here.coturn()
    peer(here)
    with here.capture("alice", name):
        program = here.start(
            "alice", "client.log", "turnutils_uclient", "-n", "300", "-c",
            "-L", ALICE, "-e", BOB, "-r", str(PEER_PORT), *MINE, lab.SERVER)
        time.sleep(3)
        relay.kill()
        time.sleep(5)
        here.reap(program, 0)


@on("open")
@tells("established")
def trouble_not_both_relays_aioice(here, name):
    """No trouble: aioice offers and libnice answers, each with its relay."""
    here.coturn()
    with here.capture("alice", name):
        agents(here, aioice, libnice, (ALICE, BOB),
               ([TURN, "relay"], [TURN.replace("alice,wonderland",
                                               "bob,builder"), "relay"]))
        carried(here, 4, (ALICE, BOB))
