"""Scenes that are not bundled of requests that stand beside a call, or in it:
registrations, subscriptions, pings, and what a phone that has forgotten the
call says of them."""

import os
import time

import lab
from lab import on, tells
from scenes_trouble_dialogs import played
from scenes_trouble_servers import registrar
from sip_play import written


def registering(here, name, text):
    """A baresip registers with a registrar that says this."""
    registrar(here, text)
    with here.capture("alice", name):
        lab.Baresip(here, "alice", nat=None)
        time.sleep(7)


# ---- registrars ----

@on("open")
@tells(None, "registration/refused", cause="no sign-in for the time being")
def trouble_registrar_overloaded(here, name):
    """The registrar is overloaded, and says when to come again."""
    registering(here, name, """
< REGISTER
> 503
  Retry-After: 30
""")


@on("open")
@tells(None, "registration/refused", cause="knows no such user")
def trouble_registration_unknown(here, name):
    registering(here, name, """
< REGISTER
> 404
""")


@on("open")
@tells(None)
def trouble_not_moved_registrar(here, name):
    """No trouble: the registrar is another one, and the client goes there."""
    registrar(here, """
< REGISTER
> 302
  Contact: <sip:203.0.113.40>
""")
    program = here.sipp("bob", "other.log", *written(here, "other", """
< REGISTER
> 200
  Contact: <sip:alice@203.0.113.30:5060>;expires=60
"""), "-i", "203.0.113.40", "-p", "5060", "-default_behaviors", "none")
    here.wait_for_port(program, "udp", 5060)
    with here.capture("alice", name):
        program = here.start("alice", "follower.log", "/usr/bin/python3",
                             os.path.join(lab.HERE, "follow.py"),
                             "203.0.113.30", lab.SERVER, "3", "REGISTER")
        here.finished(program, "follower.log", 20)


@on("open")
@tells(None)
def trouble_not_unregistered(here, name):
    """No trouble: a phone says that it goes."""
    here.kamailio()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None)
        alice.wait_registered()
        time.sleep(1)
        alice.quit()
        time.sleep(0.5)


# ---- pings and subscriptions ----

@on("open")
@tells(None, "capture/request-unanswered")
def trouble_trunk_silent(here, name):
    """A trunk is asked by OPTIONS whether it is there, and is not."""
    here.rules("bob", """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport 5060 drop
	}
}
""")
    played(here, name, """
> OPTIONS
< 200
""", None, seconds=40, fails=True)


@on("open")
@tells(None)
def trouble_not_pinged(here, name):
    """No trouble: OPTIONS every second, answered by 200 and by 404."""
    played(here, name, """
> OPTIONS
< 200
. 1000
> OPTIONS
< 404
""", """
< OPTIONS
> 200
< OPTIONS
> 404
""")


# ---- in the call ----

IN_CALL = """
> INVITE sdp
< 200
> ACK
. 300
"""
TAKEN = """
< INVITE
> 200 sdp
< ACK
"""
END = """
> BYE
< 200
"""
ENDED = """
< BYE
> 200
"""


@on("open")
@tells("established", "exchange/dialog-lost", "exchange/bye-not-known")
def trouble_forgotten(here, name):
    """Bob's phone has restarted: INFO and BYE get 481."""
    played(here, name, IN_CALL + """
> INFO
< 481
> BYE
< 481
""", TAKEN + """
< INFO
> 481
< BYE
> 481
""")


@on("open")
@tells("established")
def trouble_not_challenged_in_call(here, name):
    """No trouble: the other side asks for credentials for a change and for the
    end, too, and gets them."""
    ask = """
  Proxy-Authenticate: Digest realm="lab.example", nonce="a%d", qop="auth"
"""
    give = """
  Proxy-Authorization: Digest username="alice", realm="lab.example", \
nonce="a%d", uri="sip:bob", response="00112233445566778899aabbccddeeff", \
qop=auth, cnonce="c", nc=00000001
"""
    played(here, name, IN_CALL + "> INVITE sdp\n< 407\n> ACK same\n"
           "> INVITE sdp" + give % 1 + "< 200\n> ACK\n. 300\n> BYE\n< 407\n"
           "> BYE" + give % 2 + "< 200\n", TAKEN + "< INVITE\n> 407" + ask % 1
           + "< ACK\n< INVITE\n> 200 sdp\n< ACK\n< BYE\n> 407" + ask % 2
           + "< BYE\n> 200\n")


@on("open")
@tells("established")
def trouble_not_retried(here, name):
    """No trouble: bob is about to offer himself (500 with Retry-After), and
    alice tries again."""
    played(here, name, IN_CALL + """
> INVITE sdp
< 500
> ACK same
. 1000
> INVITE sdp
< 200
> ACK
""" + END, TAKEN + """
< INVITE
> 500
  Retry-After: 1
< ACK
< INVITE
> 200 sdp
< ACK
""" + ENDED)


@on("open")
@tells("established", "exchange/ended-for-a-fault", cause="fault")
def trouble_line_down(here, name):
    """A gateway loses its line in the call (Q.850 cause 41)."""
    played(here, name, IN_CALL.replace(". 300\n", ENDED), TAKEN + """
. 400
> BYE
  Reason: Q.850;cause=41;text="Temporary failure"
< 200
""")


@on("open")
@tells("rejected", "exchange/media-not-acceptable", cause="refuses the media")
def trouble_codec_warned(here, name):
    """The refusal names the reason in a Warning."""
    played(here, name, """
> INVITE sdp
< 488
> ACK same
. 200
""", """
< INVITE
> 488
  Warning: 305 bob.lab.example "Incompatible media format: no common codec"
< ACK
""")


@on("open")
@tells("established", "exchange/sip-contact-missing")
def trouble_answer_without_contact(here, name):
    """Bob's phone names no contact in its answer."""
    played(here, name, """
> INVITE sdp
< 200
> ACK
. 300
> BYE
< 200
""", """
< INVITE
> 200 sdp
  Contact:
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_queued(here, name):
    """No trouble: a call centre queues the call (182), and plays music."""
    played(here, name, """
> INVITE sdp
< 180
< 182
< 183
< 200
> ACK
. 300
""" + END, """
< INVITE
> 180
. 300
> 182
. 300
> 183 sdp
. 500
> 200 sdp
< ACK
""" + ENDED)


@on("open")
@tells("rejected", "exchange/busy")
def trouble_busy_after_tones(here, name):
    """A gateway plays the busy tone before it says 486."""
    played(here, name, """
> INVITE sdp
< 183
< 486
> ACK same
. 200
""", """
< INVITE
> 183 sdp
. 1500
> 486
  Reason: Q.850;cause=17;text="User busy"
< ACK
""")


@on("open")
@tells("established", "exchange/bye-not-known")
def trouble_bye_of_other_call(here, name):
    """Alice's BYE has another tag than bob gave, and he does not know it."""
    played(here, name, IN_CALL + """
> BYE
  To: <sip:bob@203.0.113.40:5060>;tag=another
< 481
""", TAKEN + """
< BYE
> 481
. 300
""")


@on("open")
@tells("in-progress")
def trouble_rings_on(here, name):
    """It rings, and neither side gives up in the capture."""
    played(here, name, """
> INVITE sdp
< 180
. 6000
""", """
< INVITE
> 180
. 60000
""")
