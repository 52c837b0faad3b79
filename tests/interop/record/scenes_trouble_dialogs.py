"""Scenes of dialogs that are not bundled: offers that come late, transfers,
fax, forks, overlapping digits, and refusals that say why in a header."""

from lab import on, tells
from scenes_trouble_sip import ANSWER, CALL, refused
from sip_play import play


def played(here, name, caller, callee, **how):
    with here.capture("alice", name):
        play(here, caller, callee, **how)


# ---- offers and answers at unusual places ----

LATE = """
> INVITE
< 180?
< 200
> ACK%s
. 400
> BYE
< 200
"""


@on("open")
@tells("established")
def trouble_not_late_offer(here, name):
    """No trouble: bob offers in his 200, and alice answers in her ACK."""
    played(here, name, LATE % " sdp", ANSWER)


@on("open")
@tells("established", "exchange/offer-unanswered", cause="never answered")
def trouble_answer_missing(here, name):
    """Bob offers in his 200, and alice's ACK has no answer."""
    played(here, name, LATE % "", ANSWER)


@on("open")
@tells("established")
def trouble_not_offerless_change(here, name):
    """No trouble: a session timer refreshes with an INVITE without offer."""
    played(here, name, """
> INVITE sdp
< 200
> ACK
. 300
> INVITE
< 200
> ACK sdp
. 300
> BYE
< 200
""", """
< INVITE
> 200 sdp
< ACK
< INVITE
> 200 sdp
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_two_branches(here, name):
    """No trouble: two phones send early media, and the second is answered."""
    played(here, name, """
> INVITE sdp
< 183
< 183
< 200
> ACK
. 300
> BYE
< 200
""", """
< INVITE
> 183 sdp tag desk
. 200
> 183 sdp tag mobile
  m=audio 7000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
. 200
> 200 sdp tag mobile
  m=audio 7000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_conditions(here, name):
    """No trouble: preconditions of RFC 3312, met by UPDATE."""
    lines = "\n".join("  " + x for x in (
        "m=audio 6000 RTP/AVP 8", "a=rtpmap:8 PCMA/8000",
        "a=curr:qos local %s", "a=curr:qos remote %s",
        "a=des:qos mandatory local sendrecv",
        "a=des:qos mandatory remote sendrecv"))
    none, met = lines % ("none", "none"), lines % ("sendrecv", "sendrecv")
    half = lines % ("sendrecv", "none")
    played(here, name, f"""
> INVITE sdp
  Supported: 100rel, precondition
  Require: precondition
{none}
< 183
> PRACK
  RAck: 1 1 INVITE
< 200
> UPDATE sdp
{half}
< 200
< 180
< 200
> ACK cseq 1
. 300
> BYE
< 200
""", f"""
< INVITE
> 183 sdp
  Require: 100rel, precondition
  RSeq: 1
{none}
< PRACK
> 200
< UPDATE
> 200 sdp
{met}
. 100
> 180 of INVITE
. 300
> 200 of INVITE
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_old_hold(here, name):
    """No trouble: a phone holds as RFC 2543 did, by c=0.0.0.0."""
    played(here, name, """
> INVITE sdp
< 200
> ACK
. 300
> INVITE sdp
  o=alice 1 2 IN IP4 203.0.113.30
  c=IN IP4 0.0.0.0
< 200
> ACK
. 300
> BYE
< 200
""", """
< INVITE
> 200 sdp
< ACK
< INVITE
> 200 sdp
  o=bob 1 2 IN IP4 203.0.113.40
  m=audio 6000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
  a=recvonly
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_without_video(here, name):
    """No trouble: video is offered and not taken."""
    played(here, name, CALL.replace("sdp", """sdp
  m=audio 6000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
  m=video 6002 RTP/AVP 96
  a=rtpmap:96 VP8/90000"""), ANSWER.replace("sdp", """sdp
  m=audio 6000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
  m=video 0 RTP/AVP 96"""))


@on("open")
@tells("established", "exchange/answer-sections-differ")
def trouble_section_missing(here, name):
    """Video is offered, and the answer does not speak of it."""
    played(here, name, CALL.replace("sdp", """sdp
  m=audio 6000 RTP/AVP 8
  a=rtpmap:8 PCMA/8000
  m=video 6002 RTP/AVP 96
  a=rtpmap:96 VP8/90000"""), ANSWER)


# ---- within the call ----

FAX = """
  o=%s 1 2 IN IP4 %s
  m=image 6000 udptl t38
  a=T38FaxVersion:0
  a=T38MaxBitRate:14400
  a=T38FaxRateManagement:transferredTCF
  a=T38FaxMaxBuffer:262
  a=T38FaxMaxDatagram:90
  a=T38FaxUdpEC:t38UDPRedundancy"""
TO_FAX = """
< INVITE
> 200 sdp
< ACK
. 300
> INVITE sdp""" + FAX % ("bob", "203.0.113.40")


@on("open")
@tells("established")
def trouble_not_fax(here, name):
    """No trouble: bob is a fax machine, and its gateway goes over to T.38."""
    played(here, name, """
> INVITE sdp
< 200
> ACK
< INVITE
> 200 sdp""" + FAX % ("alice", "203.0.113.30") + """
< ACK
. 600
> BYE
< 200
""", TO_FAX + """
< 200
> ACK
< BYE
> 200
""")


@on("open")
@tells("established", "exchange/fax-refused", cause="fax")
def trouble_fax_refused(here, name):
    """Alice has no T.38, and says so."""
    played(here, name, """
> INVITE sdp
< 200
> ACK
< INVITE
> 488
< ACK
. 600
> BYE
< 200
""", TO_FAX + """
< 488
> ACK same
< BYE
> 200
""")


REFER = """
> INVITE sdp
< 200
> ACK
. 300
> REFER
  Refer-To: <sip:carol@203.0.113.5>
< %s
"""
REFERRED = """
< INVITE
> 200 sdp
< ACK
< REFER
> %s
"""


@on("open")
@tells("established")
def trouble_not_handed_on(here, name):
    """No trouble: alice hands bob on to carol, and he gets her."""
    note = """
. 300
> NOTIFY
  Event: refer
  Subscription-State: %s
  Content-Type: message/sipfrag;version=2.0
  | SIP/2.0 %s
< 200
"""
    played(here, name, REFER % 202 + """
< NOTIFY
> 200
< NOTIFY
> 200
> BYE
< 200
""", REFERRED % 202 + note % ("active;expires=60", "100 Trying")
           + note % ("terminated;reason=noresource", "200 OK") + """
< BYE
> 200
""")


@on("open")
@tells("established", "exchange/transfer-failed")
def trouble_handing_on_refused(here, name):
    """Bob's phone does not let itself be handed on."""
    played(here, name, REFER % 603 + """
> BYE
< 200
""", REFERRED % 603 + """
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_both_hang_up(here, name):
    """No trouble: both hang up at one moment."""
    played(here, name, """
> INVITE sdp
< 200
> ACK
. 600
> BYE
< BYE
> 481
< 481
""", """
< INVITE
> 200 sdp
< ACK
. 600
> BYE
< BYE
> 481
< 481
""")


@on("open")
@tells("established", "exchange/change-unanswered",
       cause="does not answer any more")
def trouble_change_unanswered(here, name):
    """Bob's phone does not answer the refresh of the session."""
    played(here, name, """
> INVITE sdp
  Supported: timer
  Session-Expires: 90;refresher=uac
< 200
> ACK
. 300
> UPDATE
  Session-Expires: 90;refresher=uac
< 200
""", """
< INVITE
> 200 sdp
  Require: timer
  Session-Expires: 90;refresher=uac
< ACK
. 40000
""", seconds=40, fails=True)


# ---- calls that another try sets up ----


@on("open")
@tells("established")
def trouble_not_asked_again(here, name):
    """No trouble: bob does not have what alice requires, and she does without
    it."""
    played(here, name, """
> INVITE sdp
  Require: resource-priority
< 420
> ACK same
> INVITE sdp
< 200
> ACK
. 300
> BYE
< 200
""", """
< INVITE
> 420
  Unsupported: resource-priority
< ACK
< INVITE
> 200 sdp
< ACK
< BYE
> 200
""")


@on("open")
@tells("established")
def trouble_not_more_digits(here, name):
    """No trouble: a gateway sends digits as they are dialled (RFC 3578)."""
    def more(number):
        return f"""
> INVITE sdp to sip:{number}@203.0.113.40
  To: <sip:{number}@203.0.113.40>
"""
    played(here, name, more("4930") + "< 484\n> ACK same" + more("493012")
           + "< 484\n> ACK same" + more("49301234") + """
< 180
< 200
> ACK
. 300
> BYE
< 200
""", "< INVITE\n> 484\n< ACK\n" * 2 + """
< INVITE
> 180 tag last
> 200 sdp tag last
< ACK
< BYE
> 200
""")


@on("open")
@tells("rejected", "exchange/number-incomplete", cause="incomplete")
def trouble_digits_missing(here, name):
    """The number is too short."""
    refused(here, name, 484)


# ---- refusals that say why ----

EARLY = """
> INVITE sdp
< 183
< %d
> ACK same
. 200
"""


@on("open")
@tells("rejected", "exchange/no-such-user")
def trouble_announced(here, name):
    """A gateway plays that the number is not in use, and refuses then."""
    played(here, name, EARLY % 404, """
< INVITE
> 183 sdp
. 1500
> 404
  Reason: Q.850;cause=1;text="Unallocated number"
< ACK
""")


@on("open")
@tells("failed", "exchange/server-failed",
       cause="no free channel")
def trouble_no_circuit(here, name):
    """All lines of the gateway are in use."""
    refused(here, name, 503,
            'Reason: Q.850;cause=34;text="No circuit available"')


@on("open")
@tells("rejected", cause="does not answer")
def trouble_nobody_home(here, name):
    refused(here, name, 480,
            'Reason: Q.850;cause=19;text="No answer from user"')


@on("open")
@tells("failed", cause="precondition")
def trouble_condition_fails(here, name):
    refused(here, name, 580)


@on("open")
@tells("rejected", cause="hides the own number")
def trouble_anonymous(here, name):
    """Bob takes no calls of who does not say who they are."""
    refused(here, name, 433)


@on("open")
@tells("rejected", cause="signed identity")
def trouble_identity_wanted(here, name):
    """The network wants a signature of who calls (STIR)."""
    refused(here, name, 428)


@on("open")
@tells("rejected", cause="spam")
def trouble_unwanted(here, name):
    """Bob never wants to hear of alice again (RFC 8197)."""
    refused(here, name, 607)


@on("open")
@tells("rejected", "exchange/redirected", cause="another address")
def trouble_sent_elsewhere(here, name):
    """Bob's phone sends the caller elsewhere, and she does not go."""
    refused(here, name, 302, "Contact: <sip:bob@198.51.100.7>")


@on("open")
@tells("cancelled")
def trouble_hung_up_ringing(here, name):
    """Alice hangs up with BYE while it rings (RFC 3261 15)."""
    played(here, name, """
> INVITE sdp
< 180
. 400
> BYE
< 200
< 487
> ACK same
""", """
< INVITE
> 180
< BYE
> 200
> 487 of INVITE
< ACK
""")


@on("open")
@tells("cancelled", "exchange/cancel-unanswered", cause="CANCEL")
def trouble_cancel_unanswered(here, name):
    """Bob's phone is gone when alice cancels."""
    played(here, name, """
> INVITE sdp
< 180
. 400
> CANCEL same
< 200
""", """
< INVITE
> 180
. 40000
""", seconds=40, fails=True)
