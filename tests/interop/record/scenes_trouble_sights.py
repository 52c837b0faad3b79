"""Scenes that are not bundled of calls that are seen badly, or by several: of
one direction, from the middle on, cut, by clocks that differ; and of media
that does not fit what was agreed upon."""

import os
import subprocess
import time

import lab
from lab import on, tells
from scenes_baresip import answered
from scenes_trouble_proxies import proxy


def edit(here, name, *words):
    """Changes a capture behind its recording."""
    path = here.path(name + ".pcap")
    os.rename(path, path + ".whole")
    subprocess.run(["editcap", *words, path + ".whole", path], check=True,
                   capture_output=True)


def keep(here, name, expression):
    """Leaves only what fits."""
    path = here.path(name + ".pcap")
    os.rename(path, path + ".whole")
    subprocess.run(["tcpdump", "-r", path + ".whole", "-w", path, expression],
                   check=True, capture_output=True)


def talk(here, name, seconds=5, **account):
    with answered(here, name, nat=None, **account):
        time.sleep(seconds)


@on("open")
@tells("established")
def trouble_not_from_the_middle(here, name):
    """No trouble: the capture begins when the call stands."""
    here.kamailio()
    bob = lab.Baresip(here, "bob", nat=None)
    bob.wait_registered()
    alice = lab.Baresip(here, "alice", nat=None)
    alice.wait_registered()
    alice.command("dial", "sip:bob@lab.example")
    bob.wait("CALL_INCOMING", 20)
    bob.command("accept")
    alice.wait("CALL_ESTABLISHED")
    time.sleep(1)
    with here.capture("alice", name):
        time.sleep(4)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")
        time.sleep(0.3)


@on("open")
@tells("established")
def trouble_not_sent_only(here, name):
    """No trouble: only what alice sends is captured."""
    talk(here, name)
    keep(here, name, "src host 203.0.113.30")


@on("open")
@tells("established")
def trouble_not_heard_only(here, name):
    """No trouble: only what comes to alice is captured."""
    talk(here, name)
    keep(here, name, "dst host 203.0.113.30")


@on("open")
@tells(None, "capture/snap-length")
def trouble_cut_frames(here, name):
    """Of each frame 200 bytes are captured, without the Call-ID."""
    talk(here, name)
    edit(here, name, "-s", "200")


@on("open")
@tells("established")
def trouble_not_three_clocks(here, name):
    """No trouble: seen by alice, by the proxy and by bob, whose clocks are an
    hour and some seconds apart."""
    with here.capture("bob", name + ".callee"), \
            here.capture("server", name + ".server"):
        talk(here, name + ".caller")
    edit(here, name + ".callee", "-t", "3600.25")
    edit(here, name + ".server", "-t", "-7.5")


@on("open")
@tells("established")
def trouble_not_mirrored(here, name):
    """No trouble: a mirror port gives each frame twice."""
    talk(here, name)
    path = here.path(name + ".pcap")
    os.rename(path, path + ".whole")
    subprocess.run(["editcap", "-t", "0.000040", path + ".whole",
                    path + ".again"], check=True, capture_output=True)
    subprocess.run(["mergecap", "-w", path, path + ".whole", path + ".again"],
                   check=True, capture_output=True)


# ---- media ----

def between(here, reply):
    """A proxy that changes what bob answers."""
    proxy(here, """
	$ru = "sip:bob@203.0.113.40:5060";
	t_on_reply("BACK");
	t_relay();
	exit;
""", more="onreply_route[BACK] {\n\t" + reply + "\n}\n")


def unregistered(here, name, reply, seconds=6, **account):
    """Alice calls bob by such a proxy; no registrar."""
    between(here, reply)
    more = ["regint=0", *account.pop("more", ())]
    bob = lab.Baresip(here, "bob", nat=None, more=more, **account)
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None, more=more, **account)
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING", 20)
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(seconds)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")
        time.sleep(0.3)


@on("open")
@tells("established")
def trouble_not_srtp(here, name):
    """No trouble: SRTP with keys in SDP."""
    unregistered(here, name, "exit;", more=["mediaenc=srtp-mand"])


@on("open")
@tells("established", "media/port-closed", cause="nobody listens")
def trouble_port_changed(here, name):
    """A device on the way tells alice another port than bob's."""
    unregistered(here, name,
                 "subst_body('/(m=audio )[0-9]+/\\139990/');")


@on("open")
@tells("established", "exchange/private-address", cause="private address")
def trouble_address_changed(here, name):
    """A device on the way tells alice bob's address behind its NAT."""
    unregistered(here, name,
                 "subst_body('/(c=IN IP4 )[0-9.]+/\\1192.168.7.40/');")
