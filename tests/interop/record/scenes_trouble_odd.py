"""Scenes of SIPp and kamailio where something unusual is said or goes wrong:
third-party control, losses, forks whose branches die, proxies that do, media
that are no RTP, TLS whose secrets are known."""

import os
import time

import lab
from lab import on, tells
from scenes_sipp import ALICE, BOB
from scenes_trouble_dialogs import played
from scenes_trouble_proxies import phone, proxy, through
from scenes_trouble_sip import ANSWER, CALL


# Of what begins so only so many are lost, and in one direction.
LOSES = """
table bridge wire {
	chain pass {
		type filter hook forward priority 0;
		%s
	}
}
"""
SOME_200 = ("udp sport 5060 @th,128,32 0x32303020 limit rate 1/hour burst 3 "
            "packets drop")
SOME_PRACK = ("udp dport 5060 @th,64,32 0x50524143 limit rate 1/hour burst 2 "
              "packets drop")
SOME_BYE = ("udp dport 5060 @th,64,32 0x42594520 limit rate 1/hour burst 2 "
            "packets drop")


@on("open")
@tells("established")
def trouble_not_third_party(here, name):
    """No trouble: who calls neither bob nor the server connects the two."""
    for space, part, at in (("bob", "3pcc-A", BOB),
                            ("server", "3pcc-B", lab.SERVER)):
        program = here.sipp(space, f"{part}.log", "-sn", part, "-i", at, "-p",
                            "5060", "-m", "1")
        here.wait_for_port(program, "udp", 5060)
    with here.capture("alice", name):
        twin = ["-3pcc", f"{ALICE}:8888", "-i", ALICE, "-m", "1"]
        second = here.sipp("alice", "c-b.log", "-sn", "3pcc-C-B", "-p", "5062",
                           *twin, f"{lab.SERVER}:5060")
        time.sleep(1)
        first = here.sipp("alice", "c-a.log", "-sn", "3pcc-C-A", "-p", "5060",
                          *twin, f"{BOB}:5060")
        here.finished(first, "c-a.log", 20)
        here.finished(second, "c-b.log", 20)


def lossy(here, name, rule, caller=CALL, callee=ANSWER, **how):
    here.rules("hub", LOSES % rule)
    played(here, name, caller, callee, **how)


@on("open")
@tells("established")
def trouble_not_answer_lost(here, name):
    """No trouble: three 200 to INVITE are lost."""
    lossy(here, name, SOME_200, callee=ANSWER.replace("> 200 sdp",
                                                      "> 200 sdp again"))


@on("open")
@tells("established")
def trouble_not_bye_lost_twice(here, name):
    """No trouble: BYE comes with its third copy."""
    lossy(here, name, SOME_BYE)


@on("open")
@tells("established")
def trouble_not_prack_lost(here, name):
    """No trouble: PRACK is lost twice, and the 183 comes again."""
    lossy(here, name, SOME_PRACK, """
> INVITE sdp
  Supported: 100rel
< 100?
< 183
> PRACK again
  RAck: 1 1 INVITE
< 183?
< 200
< 200
> ACK
. 300
> BYE
< 200
""", """
< INVITE
> 183 sdp again
  Require: 100rel
  RSeq: 1
< PRACK
> 200
. 200
> 200 sdp of INVITE
< ACK
< BYE
> 200
""")


MESSAGES = """
  m=message 2855 TCP/MSRP *
  a=accept-types:text/plain
  a=path:msrp://%s:2855/s1234;tcp
"""


def of_media(here, name, offer, answer):
    played(here, name, CALL.replace("> INVITE sdp", "> INVITE sdp" + offer.
                                    rstrip()),
           ANSWER.replace("> 200 sdp", "> 200 sdp" + answer.rstrip()))


@on("open")
@tells("established")
def trouble_not_messages(here, name):
    """No trouble: a session of messages (RFC 4975)."""
    of_media(here, name, MESSAGES % ALICE, MESSAGES % BOB)


SUITE = "AES_CM_128_HMAC_SHA1_80"
KEYS = ("inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
        "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR")
CAPABLE = """
  m=audio 4000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
  a=tcap:1 RTP/SAVP RTP/SAVPF
  a=acap:1 crypto:1 %s %s
  a=pcfg:1 t=1 a=1
"""
CAPABLE_TAKEN = """
  m=audio 4002 RTP/SAVP 8
  a=rtpmap:8 PCMA/8000
  a=crypto:1 %s %s
  a=acfg:1 t=1 a=1
"""


@on("open")
@tells("established")
def trouble_not_capabilities(here, name):
    """No trouble: SRTP is offered as what might be (RFC 5939), and taken."""
    of_media(here, name, CAPABLE % (SUITE, KEYS[0]),
             CAPABLE_TAKEN % (SUITE, KEYS[1]))


@on("open")
@tells("established")
def trouble_not_real_time_text(here, name):
    """No trouble: voice, text (RFC 4103) and control of a conference floor
    (RFC 8856)."""
    more = """
  m=audio %d RTP/AVP 8
  a=rtpmap:8 PCMA/8000
  m=text %d RTP/AVP 98 99
  a=rtpmap:98 t140/1000
  a=rtpmap:99 red/1000
  a=fmtp:99 98/98
  m=application %d UDP/BFCP *
  a=floorctrl:%s
  a=setup:%s
"""
    of_media(here, name, more % (4000, 4002, 4004, "c-only", "actpass"),
             more % (5000, 5002, 5004, "s-only", "active"))


@on("open")
@tells("established")
def trouble_not_name_for_media(here, name):
    """No trouble: media is told by a name."""
    named = """
  c=IN IP4 media.lab.example
"""
    of_media(here, name, named, named)


@on("open")
@tells("established")
def trouble_not_dead_branch(here, name):
    """No trouble: of three phones one has a port that is closed, and one a
    host that is not there; the third takes the call, seen by the proxy."""
    desk = phone(here, "desk", ANSWER)
    proxy(here, """
	$ru = "sip:bob@203.0.113.77:5060";
	append_branch("sip:bob@203.0.113.40:5099");
	append_branch("%s");
	t_relay();
""" % desk)
    with here.capture("server", name):
        through(here)


@on("open")
@tells("unanswered", "exchange/port-closed")
def trouble_dead_branches_alone(here, name):
    """Two branches: a closed port and a host that is not there."""
    proxy(here, """
	$ru = "sip:bob@203.0.113.77:5060";
	append_branch("sip:bob@203.0.113.40:5099");
	t_relay();
""")
    with here.capture("server", name):
        through(here, caller="""
> INVITE sdp
< 100?
< 408
> ACK same
""")


def called(here, bob, alice):
    alice.wait_registered()
    alice.command("dial", "sip:bob@lab.example")
    bob.wait("CALL_INCOMING")
    bob.command("accept")
    alice.wait("CALL_ESTABLISHED")


@on("open")
@tells("established", "exchange/unreached-in-call",
       cause="where the signalling of the call goes")
def trouble_proxy_dies(here, name):
    """The proxy is killed in the call; BYE gets ICMP, and then nothing."""
    here.kamailio()
    bob = lab.Baresip(here, "bob", nat=None)
    bob.wait_registered()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None)
        called(here, bob, alice)
        time.sleep(2)
        os.system(f"ip netns pids {here.prefix}-server | xargs kill -9")
        time.sleep(1)
        alice.command("hangup")
        time.sleep(9)


@on("open")
@tells("established")
def trouble_proxy_sleeps(here, name):
    """The proxy is stopped in the call: BYE is not answered."""
    here.kamailio()
    bob = lab.Baresip(here, "bob", nat=None)
    bob.wait_registered()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", nat=None)
        called(here, bob, alice)
        time.sleep(2)
        os.system(f"ip netns pids {here.prefix}-server | xargs kill -STOP")
        alice.command("hangup")
        time.sleep(12)
        os.system(f"ip netns pids {here.prefix}-server | xargs kill -9")


@on("open")
@tells("established")
def trouble_not_update_glare(here, name):
    """No trouble: UPDATE meets 491 and then 500 with Retry-After, and goes
    through the third time."""
    played(here, name, """
> INVITE sdp
< 180?
< 200
> ACK
. 200
> UPDATE sdp
< 491
. 300
> UPDATE sdp
< 500
. 300
> UPDATE sdp
< 200
. 200
> BYE
< 200
""", """
< INVITE
> 200 sdp
< ACK
< UPDATE
> 491
< UPDATE
> 500
  Retry-After: 1
< UPDATE
> 200 sdp
< BYE
> 200
""")
