"""Scenes that are not bundled of what stands beside calls: messages, presence,
registrations with flows; and of holding, session timers and their answers."""

from lab import on, tells
from scenes_trouble_dialogs import played
from scenes_trouble_requests import (END, ENDED, IN_CALL, TAKEN, registering)


def asked(here, name, method, *statuses, headers=""):
    """One request outside of a call for each status."""
    played(here, name, "".join(
        f"> {method}\n{headers}< {status}\n. 200\n" for status in statuses),
        "".join(f"< {method}\n> {status}\n" for status in statuses))


# ---- messages and presence ----

@on("open")
@tells(None, "capture/request-refused")
def trouble_message_refused(here, name):
    asked(here, name, "MESSAGE", 404, 480, 603)


@on("open")
@tells(None, "capture/request-refused")
def trouble_bad_event(here, name):
    """A server has no presence."""
    asked(here, name, "SUBSCRIBE", 489, headers="  Event: presence\n")


@on("open")
@tells(None, "capture/request-refused")
def trouble_subscription_gone(here, name):
    """A watcher that restarted does not know its subscription."""
    played(here, name, """
> SUBSCRIBE
  Event: presence
< 200
< NOTIFY
> 481
. 300
""", """
< SUBSCRIBE
> 200
  Expires: 600
. 200
> NOTIFY to sip:alice@203.0.113.30:5060
  From: <sip:bob@203.0.113.40:5060>;tag=server
  To: <sip:alice@203.0.113.30:5060>;tag=watcher
  Event: presence
  Subscription-State: active;expires=600
< 481
""")


@on("open")
@tells(None, "capture/request-refused")
def trouble_trunk_out_of_service(here, name):
    """A gateway answers pings by saying that it takes no calls."""
    asked(here, name, "OPTIONS", 503, 503)


@on("open")
@tells(None)
def trouble_not_published(here, name):
    """No trouble: the entity tag is too old (412), and the state is told
    anew."""
    asked(here, name, "PUBLISH", 412, 200, headers="  Event: presence\n")


# ---- registrations ----

@on("open")
@tells(None, "registration/refused", cause="outbound")
def trouble_first_hop_lacks_outbound(here, name):
    """The edge proxy does not know RFC 5626."""
    registering(here, name, "< REGISTER\n> 439\n")


@on("open")
@tells(None, "registration/refused", cause="extension")
def trouble_path_unknown(here, name):
    """The registrar does not know Path, which the edge needs."""
    registering(here, name, "< REGISTER\n> 420\n  Unsupported: path\n")


@on("open")
@tells(None, "registration/interval-too-brief", "registration/refused",
       cause="too short for the registrar")
def trouble_interval_not_raised(here, name):
    """The client asks again for as little."""
    played(here, name, 3 * "> REGISTER\n  Expires: 30\n< 423\n. 300\n",
           3 * "< REGISTER\n> 423\n  Min-Expires: 3600\n")


# ---- calls ----

@on("open")
@tells("rejected", "exchange/session-interval-small", cause="session timer")
def trouble_timer_refused_again(here, name):
    """Who calls asks for 60 s again and again, the other wants 90 s."""
    played(here, name, 3 * """
> INVITE sdp
  Supported: timer
  Session-Expires: 60
< 422
> ACK same
. 200
""", 3 * """
< INVITE
> 422
  Min-SE: 90
< ACK
""")


HOLD = """
> INVITE sdp
  a=%s
< 200
> ACK
. 400
"""
HELD = """
< INVITE
> 200 sdp
  a=%s
< ACK
"""


@on("open")
@tells("established", "exchange/direction-differs")
def trouble_hold_not_answered(here, name):
    """Bob answers sendrecv to sendonly, which RFC 3264 forbids."""
    played(here, name, IN_CALL + HOLD % "sendonly" + HOLD % "sendrecv" + END,
           TAKEN + 2 * (HELD % "sendrecv") + ENDED)


@on("open")
@tells("established", "exchange/answered-inactive")
def trouble_stays_inactive(here, name):
    """Bob stays on inactive when alice takes the call back."""
    played(here, name, IN_CALL + HOLD % "inactive" + HOLD % "sendrecv" + END,
           TAKEN + 2 * (HELD % "inactive") + ENDED)
