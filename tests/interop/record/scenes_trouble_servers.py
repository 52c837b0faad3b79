"""Scenes of registrars and relays that go wrong and are not bundled: servers
that refuse, hang up, sleep or are of another kind, and clients that do."""

import signal
import time

import lab
from lab import on, tells
from scenes_ice import TURN, agents, aioice, begun, carried, libnice
from scenes_sipp import ALICE, BOB
from scenes_trouble import inside
from scenes_trouble_media import NOT_BETWEEN
from scenes_tls import run
from scenes_turn import client, peer
from sip_play import written

# A packet filter of the server that says no to what comes to a port.
SAYS_NO = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport %d reject with icmp type admin-prohibited
	}
}
"""
NOT_TO_RELAYED = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport 49152-65535 drop
	}
}
"""
SLEEP_SECONDS = 28


def registrar(here, text):
    """SIPp in the place of the registrar."""
    program = here.sipp("server", "registrar.log", *written(here, "bob", text),
                        "-i", lab.SERVER, "-p", "5060", "-default_behaviors",
                        "none")
    here.wait_for_port(program, "udp", 5060)


def tls_server(here, port):
    """It speaks nothing but TLS, and hangs up on all else."""
    certificate(here)
    program = here.start("server", "tls.log", "openssl", "s_server", "-accept",
                         f"{lab.SERVER}:{port}", "-cert",
                         here.path("turn.crt"), "-key", here.path("turn.pem"))
    here.wait_for_port(program, "tcp", port)


def certificate(here):
    run(here, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
        "-days", "3650", "-subj", "/CN=turn", "-keyout", "turn.pem", "-out",
        "turn.crt")


def sleeping(program, seconds):
    """A laptop that is closed."""
    program.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    program.send_signal(signal.SIGCONT)


# ---- registrars ----

@on("open")
@tells(None, "registration/interval-too-brief")
def trouble_registration_brief(here, name):
    """The registrar wants an hour at least, and alice half a minute."""
    registrar(here, """
< REGISTER
> 423
  Min-Expires: 3600
< REGISTER
> 200
  Contact: <sip:alice@203.0.113.30:5060>;expires=3600
""")
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None, more=["regint=30"])
        time.sleep(5)


@on("open")
@tells(None, "registration/refused")
def trouble_registration_forbidden(here, name):
    registrar(here, """
< REGISTER
> 403
""")
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None)
        time.sleep(4)


@on("open")
@tells(None, "registration/stale-again", "registration/unanswered")
def trouble_nonces_stale(here, name):
    """Each nonce is called stale when it comes back, until nothing is said."""
    challenge = """
> 401
  WWW-Authenticate: Digest realm="lab.example", nonce="%d", qop="auth"%s
"""
    registrar(here, "".join(
        "< REGISTER" + challenge % (n, ", stale=true" if n else "")
        for n in range(6)))
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None)
        time.sleep(8)


@on("open")
@tells(None, "registration/unreachable")
def trouble_registration_prohibited(here, name):
    """A firewall says that it does not let REGISTER through."""
    here.rules("server", SAYS_NO % 5060)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None)
        time.sleep(4)


@on("open")
@tells(None, "registration/port-closed", cause="nobody listens")
def trouble_registration_no_tcp(here, name):
    """The registrar has UDP alone."""
    here.kamailio()
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None, more=[
            f'outbound="sip:{lab.SERVER};transport=tcp"'])
        time.sleep(4)


@on("open")
@tells(None, "registration/closed-unanswered")
def trouble_registration_hung_up(here, name):
    """Something that speaks TLS alone listens where the registrar should."""
    tls_server(here, 5060)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None, more=[
            f'outbound="sip:{lab.SERVER};transport=tcp"'])
        time.sleep(6)


@on("open")
@tells("rejected", "registration/lapsed", "exchange/no-such-user",
       "exchange/registration-over", cause="not registered any more")
def trouble_registration_lapsed(here, name):
    """Bob's machine sleeps, alice calls, and he comes back."""
    here.kamailio()
    with here.capture("server", name):
        bob = lab.Baresip(here, "bob", nat=None, more=["regint=20"])
        bob.wait_registered()
        alice = lab.Baresip(here, "alice", nat=None)
        alice.wait_registered()
        bob.program.send_signal(signal.SIGSTOP)
        time.sleep(SLEEP_SECONDS)
        alice.command("dial", "sip:bob@lab.example")
        alice.wait("CALL_CLOSED", 20)
        bob.program.send_signal(signal.SIGCONT)
        time.sleep(4)


@on("symmetric")
@tells(None, "registration/mapping-changed")
def trouble_registration_rebound(here, name):
    """Alice's NAT forgets her between two registrations."""
    here.kamailio()
    with here.capture("server", name):
        alice = lab.Baresip(here, "alice", nat=None, more=["regint=20"])
        alice.wait_registered()
        time.sleep(2)
        inside(here, "nata", "conntrack", "-F")
        time.sleep(24)


@on("symmetric")
@tells("unanswered", "exchange/nat-forgot", "exchange/callee-silent",
       "exchange/invite-unanswered", cause="NAT has forgotten")
def trouble_nat_forgot(here, name):
    """Bob is silent until his NAT forgets him; then he is called."""
    here.kamailio()
    for timeout in ("", "_stream"):
        inside(here, "natb", "sysctl", "-qw",
               f"net.netfilter.nf_conntrack_udp_timeout{timeout}=10")
    with here.capture("server", name):
        bob = lab.Baresip(here, "bob", nat=None, more=["regint=600"])
        bob.wait_registered()
        alice = lab.Baresip(here, "alice", nat=None)
        alice.wait_registered()
        time.sleep(45)
        alice.command("dial", "sip:bob@lab.example")
        alice.wait("CALL_CLOSED", 40)


# ---- relays ----

@on("open")
@tells(None, "gathering/closed-unanswered")
def trouble_relay_hangs_up(here, name):
    """Something that speaks TLS alone listens where the relay should."""
    tls_server(here, 3478)
    with here.capture("alice", name):
        agents(here, aioice, aioice, (ALICE, BOB),
               ([TURN, "transport=tcp"], []))
        time.sleep(8)


@on("open")
@tells(None, "gathering/server-unreachable")
def trouble_relay_prohibited(here, name):
    """A firewall says that it lets nobody to the relay."""
    here.rules("server", SAYS_NO % 3478)
    with here.capture("alice", name):
        libnice(here, "alice", "alice-agent.log", "controlling", ALICE,
                "alice.sdp", "to-alice.sdp", TURN, "relay")
        time.sleep(5)


@on("open")
@tells("established", "gathering/refreshed-too-late")
def trouble_relay_overslept(here, name):
    """Alice's machine sleeps until her allocation is over."""
    here.coturn(more=("--max-allocate-lifetime=10",))
    here.rules("hub", NOT_BETWEEN)
    with here.capture("alice", name):
        agents(here, aioice, aioice, (ALICE, BOB),
               ([TURN, "relay", "packets=300"], ["packets=1200"]))
        sleeper = here.programs[-2]
        caller = begun(here, 30, (ALICE, BOB))
        here.wait_for_log("alice-agent.log", "selected", 20)
        time.sleep(2)
        sleeping(sleeper, 14)
        time.sleep(8)
        here.reap(caller, 30)


@on("open")
@tells(None, "gathering/family-refused", "gathering/refused",
       cause="family of addresses")
def trouble_relay_of_one_family(here, name):
    """Alice wants an address of IPv6, and the relay has none."""
    here.coturn()
    peer(here)
    with here.capture("alice", name):
        client(here, "-x", "-e", "2001:db8::40", "-u", "alice", "-w",
               "wonderland", status=255)


@on("open")
@tells(None)
def trouble_not_over_tcp(here, name):
    """No trouble: two relayed addresses connect to each other (RFC 6062)."""
    here.coturn()
    with here.capture("alice", name):
        client(here, "-T", "-u", "alice", "-w", "wonderland")


@on("open")
@tells(None, "gathering/answered-late", cause="given up")
def trouble_relay_slow(here, name):
    """Answers of the relay take ten seconds."""
    here.coturn()
    here.slow_wire("server", 5000)
    with here.capture("alice", name):
        libnice(here, "alice", "alice-agent.log", "controlling", ALICE,
                "alice.sdp", "to-alice.sdp", TURN)
        time.sleep(16)


@on("open")
@tells("failed", "probing/relay-unanswered", "probing/no-pair")
def trouble_relay_barred_in(here, name):
    """A firewall lets nothing in to the ports that the relay gives out."""
    here.coturn()
    here.rules("server", NOT_TO_RELAYED)
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB), ([TURN, "relay"], []))
        carried(here, 9, (ALICE, BOB))


@on("open")
@tells("failed", "gathering/relay-private", "probing/no-pair")
def trouble_relay_private(here, name):
    """The relay gives out an address of its inner network."""
    inside(here, "server", "ip", "addr", "add", "10.9.0.5/24", "dev", "eth0")
    here.coturn(relayed="10.9.0.5")
    with here.capture("alice", name):
        agents(here, libnice, aioice, (ALICE, BOB), ([TURN, "relay"], []))
        carried(here, 9, (ALICE, BOB))


@on("open")
@tells(None, "gathering/tls-refused")
def trouble_relay_not_trusted(here, name):
    """Alice does not trust the certificate of the relay."""
    certificate(here)
    here.coturn(secure=("--no-dtls", "--cert", here.path("turn.crt"),
                        "--pkey", here.path("turn.pem")))
    with here.capture("alice", name):
        aioice(here, "alice", "alice-agent.log", "controlling", ALICE,
               "alice.sdp", "to-alice.sdp", TURN, "transport=tcp", "tls",
               "port=5349")
        time.sleep(5)


@on("open")
@tells(None, "gathering/name-unknown", cause="name of the relay")
def trouble_relay_name(here, name):
    """The relay has a name that DNS does not know."""
    dns = here.start("server", "dns.log", "dnsmasq", "-k", "-R", "-h", "-C",
                     "/dev/null", "--local=/example/", "-p", "53")
    here.wait_for_port(dns, "udp", 53)
    here.kamailio()

    class Asking(lab.Baresip):
        def more_config(self):
            return f"dns_server\t\t{lab.SERVER}:53\n"
    with here.capture("alice", name):
        alice = Asking(here, "alice", more=[
            'stunserver="turn:turn.lab.example"'])
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        time.sleep(8)


@on("open")
@tells("established", "gathering/stun-unanswered")
def trouble_stun_silent(here, name):
    """Nobody answers where the STUN server should be."""
    here.rules("server", SAYS_NO.replace(
        "reject with icmp type admin-prohibited", "drop") % 3478)
    with here.capture("alice", name):
        agents(here, libnice, libnice, (ALICE, BOB),
               ([f"stun={lab.SERVER}"], []))
        carried(here, 3, (ALICE, BOB))


@on("symmetric")
@tells(None, "gathering/nat-symmetric")
def trouble_nat_found_out(here, name):
    """Alice asks a server of two addresses what kind of NAT she has."""
    inside(here, "server", "ip", "addr", "add", "203.0.113.6/24", "dev",
           "eth0")
    here.coturn(more=("-L", "203.0.113.6"))
    with here.capture("alice", name):
        program = here.start("alice", "natdiscovery.log",
                             "turnutils_natdiscovery", "-m", lab.SERVER)
        program.wait(20)
