"""Scenes of SIP going wrong that are not bundled: two SIPps, or SIPp and
another program, and what one of them does not do as it should."""

from lab import on, tells
from sip_play import play

# Nothing that begins with these letters gets to bob.
DROP = """
table inet firewall {
	chain in {
		type filter hook input priority 0;
		udp dport 5060 @th,64,24 %s drop
	}
}
"""
ACK, BYE = DROP % "0x41434b", DROP % "0x425945"

CALL = """
> INVITE sdp
< 100?
< 180?
< 200
> ACK
. 600
> BYE
< 200
"""
ANSWER = """
< INVITE
> 180
. 200
> 200 sdp
< ACK
< BYE
> 200
"""
REFUSED = """
> INVITE sdp
< 100?
< 180?
< %d
> ACK same
. 200
"""
REFUSE = """
< INVITE
> %d%s
< ACK
"""


def refused(here, name, status, header=""):
    """Bob refuses with this status; alice takes it for what it is."""
    with here.capture("alice", name):
        play(here, REFUSED % status, REFUSE % (status, "\n  " + header if
                                               header else ""))


def answered_with(here, name, offer, answer):
    """A call of two descriptions: lines that are not ours as usual."""
    def with_lines(text, lines):
        return text.replace("sdp", "sdp\n" + "\n".join(
            "  " + line for line in lines), 1)
    with here.capture("alice", name):
        play(here, with_lines(CALL, offer), with_lines(ANSWER, answer))


def repeated(message, more, times=5):
    """What is sent again and again (RFC 3261 17.2.1: T1 to T2)."""
    return "".join(f"> {message}\n{more}. {min(500 << n, 4000)}\n"
                   for n in range(times))


# ---- calls that go well ----

@on("open")
@tells("established", "exchange/session-interval-small")
def trouble_timer_longer(here, name):
    """Bob wants a longer session timer, and alice asks for it."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
  Supported: timer
  Session-Expires: 60
  Min-SE: 60
< 100?
< 422
> ACK same
> INVITE sdp
  Supported: timer
  Session-Expires: 90
  Min-SE: 90
< 100?
< 200
> ACK
. 400
> BYE
< 200
""", """
< INVITE
> 422
  Min-SE: 90
< ACK
< INVITE
> 200 sdp
  Require: timer
  Session-Expires: 90;refresher=uac
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_reliable(here, name):
    """No trouble: a reliable 183, its PRACK, an UPDATE, and the answer."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
  Supported: 100rel
< 100?
< 183
> PRACK
  RAck: 1 1 INVITE
< 200
> UPDATE sdp
< 200
< 200
> ACK cseq 1
. 400
> BYE
< 200
""", """
< INVITE
> 183 sdp
  Require: 100rel
  RSeq: 1
< PRACK
> 200
< UPDATE
> 200 sdp
. 200
> 200 of INVITE
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_redirected(here, name):
    """No trouble: bob's phone sends the caller to another user, who answers."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 100?
< 302
> ACK same
> INVITE sdp to sip:carol@203.0.113.40:5060
  To: <sip:bob@203.0.113.40:5060>
< 200
> ACK
. 400
> BYE
< 200
""", """
< INVITE
> 302
  Contact: <sip:carol@203.0.113.40:5060>
< ACK
< INVITE
> 200 sdp tag carol
< ACK
< BYE
> 200
""")


# ---- calls that are not set up ----

@on("open")
@tells("failed", "exchange/forbidden")
def trouble_forbidden(here, name):
    refused(here, name, 403)


@on("open")
@tells("failed", "exchange/challenge-not-answered")
def trouble_no_credentials(here, name):
    """Alice has no password for who asks for one; six seconds later she asks
    him for something else."""
    with here.capture("alice", name):
        play(here, REFUSED % 407 + """. 6000
> OPTIONS
< 200
""", REFUSE % (407, """
  Proxy-Authenticate: Digest realm="lab.example", nonce="f84f1cec", qop="auth\"
""") + """< OPTIONS
> 200
""")


@on("open")
@tells("failed", "exchange/server-failed")
def trouble_overloaded(here, name):
    refused(here, name, 503, "Retry-After: 10")


@on("open")
@tells("failed", "exchange/too-large", cause="too large for a server")
def trouble_too_large(here, name):
    refused(here, name, 513)


@on("open")
@tells("rejected", "exchange/scheme-refused", cause="this kind of address")
def trouble_scheme_unknown(here, name):
    refused(here, name, 416)


@on("open")
@tells("rejected", "exchange/extension-refused")
def trouble_extension_wanted(here, name):
    """Bob does not answer without session timers, and alice has none."""
    refused(here, name, 421, "Require: timer")


@on("open")
@tells("rejected", "exchange/parts-refused")
def trouble_parts_refused(here, name):
    """Bob takes one description and no body of parts."""
    with here.capture("alice", name):
        play(here, """
> INVITE
  Content-Type: multipart/mixed;boundary=part
  | --part
  | Content-Type: application/sdp
  |
  | v=0
  | o=alice 1 1 IN IP4 203.0.113.30
  | s=-
  | c=IN IP4 203.0.113.30
  | t=0 0
  | m=audio 6000 RTP/AVP 8
  | --part
  | Content-Type: application/x-lab
  |
  | something else
  | --part--
< 100?
< 415
> ACK same
""", REFUSE % (415, "\n  Accept: application/sdp"))


@on("open")
@tells("rejected", "exchange/no-hops-left", cause="no hop")
def trouble_no_hops(here, name):
    """Alice begins with Max-Forwards 0."""
    here.kamailio()
    with here.capture("alice", name):
        play(here, """
> INVITE sdp max 0
< 483
> ACK same
""", None, at="203.0.113.5")


@on("open")
@tells("rejected", "exchange/no-such-user")
def trouble_no_such_user(here, name):
    here.kamailio()
    with here.capture("alice", name):
        play(here, REFUSED % 404, None, at="203.0.113.5", service="carol")


@on("open")
@tells("failed", "exchange/prack-missing", "exchange/server-failed",
       cause="waits in vain for PRACK")
def trouble_prack_missing(here, name):
    """Alice does not know of reliable answers, and bob does not ask."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 100?
< 183
< 504
> ACK same
""", "< INVITE\n" + repeated(
            "183 sdp", "  Require: 100rel\n  RSeq: 1\n") + "> 504\n< ACK\n")


@on("open")
@tells("rejected", "exchange/refusal-repeated", "exchange/busy")
def trouble_refusal_repeated(here, name):
    """The ACK of a refusal does not get to bob."""
    here.rules("bob", ACK)
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 100?
< 486
> ACK same
. 4000
""", """
< INVITE
> 486 again
< ACK
""")


@on("open")
@tells("unanswered", "exchange/cancel-branch-differs")
def trouble_cancel_branch(here, name):
    """Alice's CANCEL has another branch, and bob's phone rings on."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 180
. 400
> CANCEL
< 481
. 600
< 480
> ACK same
""", """
< INVITE
> 180
< CANCEL
> 481
. 800
> 480 of INVITE
< ACK
""")


# ---- calls that go on with something wrong ----

@on("open")
@tells("established", "exchange/ack-lost")
def trouble_no_ack(here, name):
    """Alice takes the answer and does not say so; bob hangs up."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 100?
< 180
< 200
< BYE
> 200
""", "< INVITE\n> 180\n" + repeated("200 sdp", "") + "> BYE\n< 200\n")


@on("open")
@tells("established", "exchange/bye-unanswered")
def trouble_bye_lost(here, name):
    """BYE does not get to bob."""
    here.rules("bob", BYE)
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 100?
< 180
< 200
> ACK
. 400
> BYE
< 200
""", ANSWER, seconds=40, fails=True)


@on("open")
@tells("established", "exchange/answer-changed")
def trouble_answer_changed(here, name):
    """183 and 200 of one phone let media go to different ports."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 100?
< 183
< 200
> ACK
. 400
> BYE
< 200
""", """
< INVITE
> 183 sdp
. 200
> 200 sdp
  m=audio 7000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
< ACK
< BYE
> 200
""")


@on("open")
@tells("established", "exchange/change-refused")
def trouble_change_refused(here, name):
    """Alice wants to hold the call, and bob does not let her."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 200
> ACK
. 300
> INVITE sdp
  m=audio 6000 RTP/AVP 8
  a=sendonly
< 488
> ACK same
. 300
> BYE
< 200
""", """
< INVITE
> 200 sdp
< ACK
< INVITE
> 488
< ACK
< BYE
> 200
""")


@on("open")
@tells("established", "exchange/dialog-lost")
def trouble_dialog_lost(here, name):
    """Bob's phone has forgotten the call when alice changes it."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 200
> ACK
. 300
> INVITE sdp
< 481
> ACK same
. 300
""", """
< INVITE
> 200 sdp
< ACK
< INVITE
> 481
< ACK
""")


@on("open")
@tells("established", "exchange/ended-for-a-fault")
def trouble_network_fault(here, name):
    """A gateway ends the call since its network is out of order."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 200
> ACK
< BYE
> 200
""", """
< INVITE
> 200 sdp
< ACK
. 400
> BYE
  Reason: Q.850;cause=38;text="Network out of order"
< 200
""")


@on("open")
@tells("established", "exchange/session-not-refreshed")
def trouble_not_refreshed(here, name):
    """Alice is to refresh the session and does not; bob ends it."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
  Supported: timer
  Session-Expires: 90;refresher=uac
< 200
> ACK
< BYE
> 200
""", """
< INVITE
> 200 sdp
  Require: timer
  Session-Expires: 90;refresher=uac
< ACK
. 80000
> BYE
< 200
""", seconds=100)


@on("open")
@tells("established", "exchange/progress-unheard")
def trouble_progress_unheard(here, name):
    """183 without a description and no 180, for three seconds."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 183
< 200
> ACK
. 400
> BYE
< 200
""", """
< INVITE
> 183
. 3000
> 200 sdp
< ACK
< BYE
> 200
""")


@on("open")
@tells("established", "exchange/ack-elsewhere", "exchange/ack-unheard",
       cause="the ACK does not reach the side that answered")
def trouble_ack_elsewhere(here, name):
    """Bob's contact is another host than that to which alice's ACK goes, and
    there nobody takes it."""
    here.rules("bob", ACK)
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
< 200
> ACK
< BYE
> 200
""", "< INVITE\n" + repeated(
            "200 sdp", "  Contact: <sip:bob@203.0.113.5:5060>\n", 4)
             + "> BYE\n< 200\n")


@on("open")
@tells("established", "exchange/no-tones")
def trouble_no_tones(here, name):
    """Telephone-event is offered and not taken, and a digit goes in INFO."""
    with here.capture("alice", name):
        play(here, """
> INVITE sdp
  m=audio 6000 RTP/AVP 8 101
  a=rtpmap:8 PCMA/8000
  a=rtpmap:101 telephone-event/8000
< 180
< 200
> ACK
. 300
> INFO
< 200
> BYE
< 200
""", """
< INVITE
> 180
> 200 sdp
< ACK
< INFO
> 200
< BYE
> 200
""")


# ---- descriptions that do not fit ----

@on("open")
@tells("established", "exchange/no-common-codec")
def trouble_other_codec(here, name):
    answered_with(here, name, [], ["m=audio 7000 RTP/AVP 0",
                                   "a=rtpmap:0 PCMU/8000"])


KEY = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"


@on("open")
@tells("established", "exchange/profile-differs")
def trouble_plain_answer(here, name):
    """SRTP is offered, and the answer is plain RTP."""
    answered_with(here, name, [
        "m=audio 6000 RTP/SAVP 8", "a=rtpmap:8 PCMA/8000",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}"], [])


@on("open")
@tells("established", "exchange/crypto-tag-not-offered")
def trouble_crypto_tag(here, name):
    lines = ["m=audio 6000 RTP/SAVP 8", "a=rtpmap:8 PCMA/8000"]
    answered_with(here, name, [
        *lines, f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}"], [
        *lines, f"a=crypto:2 AES_CM_128_HMAC_SHA1_80 {KEY}"])


PRINT = "a=fingerprint:sha-256 " + ":".join(["5F"] * 32)
SECURE = ["m=audio 6000 UDP/TLS/RTP/SAVP 8", "a=rtpmap:8 PCMA/8000"]


@on("open")
@tells("established", "exchange/setup-actpass-answered")
def trouble_role_open(here, name):
    lines = [*SECURE, PRINT, "a=setup:actpass"]
    answered_with(here, name, lines, lines)


@on("open")
@tells("established", "exchange/setup-conflict")
def trouble_both_active(here, name):
    lines = [*SECURE, PRINT, "a=setup:active"]
    answered_with(here, name, lines, lines)


@on("open")
@tells("established", "exchange/fingerprint-missing")
def trouble_no_fingerprint(here, name):
    answered_with(here, name, [*SECURE, PRINT, "a=setup:actpass"],
                  [*SECURE, "a=setup:active"])


@on("open")
@tells("established", "exchange/rtcp-mux-refused")
def trouble_two_ports(here, name):
    """RTCP may only share the port of RTP, and bob has two."""
    lines = ["m=audio 6000 RTP/AVP 8", "a=rtpmap:8 PCMA/8000"]
    answered_with(here, name, [*lines, "a=rtcp-mux", "a=rtcp-mux-only"],
                  lines)
