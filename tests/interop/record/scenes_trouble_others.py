"""Scenes of programs that few record: ejabberd (registrar, proxy and relay)
and, of npm, the stack sip and the ICE agent of turn-server.  Packages: ejabberd
and erlang-p1-sip, or node and the two in the folder that MRASCOPE_NODE_MODULES
names."""

import glob
import json
import os

import lab
from lab import on, tells
from scenes_sipp import ALICE, BOB
from scenes_turn import client, peer

ADDRESSES = {"alice": ALICE, "bob": BOB}
AT_BOB = f"sip:bob@{BOB}"
PLAIN = """v=0
o=- 1 1 IN IP4 {0}
s=-
c=IN IP4 {0}
t=0 0
m=audio 4000 RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""
ACCOUNTS = """
Up = fun Up() -> case lists:keymember(ejabberd, 1,
    application:which_applications()) of
    true -> ok; _ -> timer:sleep(50), Up() end end,
Up(),
Made = [ejabberd_auth:try_register(U, <<"lab.example">>, P) || {U, P} <- [
    {<<"alice">>, <<"wonderland">>}, {<<"bob">>, <<"builder">>}]],
io:format("accounts ~p~n", [Made]).
"""


def ejabberd(here):
    """In Erlang's own hands: its script wants another user."""
    code = glob.glob("/usr/lib/*/ejabberd-*/ebin")
    if not code:
        raise lab.Failed("ejabberd is not installed")
    os.mkdir(here.path("mnesia"))
    program = here.start(
        "server", "ejabberd.log", "env", "EJABBERD_CONFIG_PATH="
        + os.path.join(lab.HERE, "ejabberd.yml"),
        "EJABBERD_LOG_PATH=" + here.path("ejabberd-own.log"),
        "ERL_LIBS=" + os.path.dirname(os.path.dirname(code[0])), "erl",
        "-noinput", "-pa", code[0], "-mnesia", "dir",
        f'"{here.path("mnesia")}"', "-s", "ejabberd", "-eval", ACCOUNTS)
    here.wait_for_log("ejabberd.log", r"accounts \[ok,ok\]", 30)
    here.wait_for_port(program, "udp", 5060)
    here.wait_for_port(program, "udp", 3478)


def carrier(here, user, role, uri, **options):
    return here.start(user, f"{user}-sip.log", "node", os.path.join(
        lab.HERE, "agents", "sip_carrier.mjs"), role, ADDRESSES[user], user,
        uri, json.dumps(options))


def carry(here, uri, caller, callee):
    """Bob waits, and alice calls to the end."""
    if callee is not None:
        carrier(here, "bob", "callee", uri, **callee)
        here.wait_until(lambda: os.path.exists(here.path("bob.up")), 15,
                        "bob.up")
    program = carrier(here, "alice", "caller", uri, **caller)
    here.finished(program, "alice-sip.log", 30)


def agents(here, seconds=4):
    for user, role in (("bob", "answer"), ("alice", "offer")):
        here.start(user, f"{user}-agent.log", "node", os.path.join(
            lab.HERE, "agents", "turn_server_agent.mjs"), role,
            ADDRESSES[user], f"{user}.sdp", f"to-{user}.sdp",
            str(seconds + 2))


def plain(here):
    for user, address in ADDRESSES.items():
        with open(here.path(f"{user}.sdp"), "w", encoding="ascii") as file:
            file.write(PLAIN.format(address))


def called_over_ejabberd(here, name, password="wonderland", callee=None,
                         bob=True):
    ejabberd(here)
    plain(here)
    with here.capture("alice", name):
        carry(here, "sip:bob@lab.example",
              {"register": [lab.SERVER, password]},
              {"register": [lab.SERVER, "builder"], **(callee or {})}
              if bob else None)


@on("open")
@tells("established")
def trouble_not_ejabberd(here, name):
    """No trouble: both register, and alice calls."""
    called_over_ejabberd(here, name)


@on("open")
@tells("rejected", "exchange/busy")
def trouble_ejabberd_busy(here, name):
    called_over_ejabberd(here, name, callee={"status": 486})


@on("open")
@tells("rejected", "exchange/rejected")
def trouble_ejabberd_nobody(here, name):
    """Bob is known and not there: 480."""
    called_over_ejabberd(here, name, bob=False)


@on("open")
@tells("ok", "engine/known-difference", "gathering/other-allocation-failed")
def trouble_ejabberd_even_port(here, name):
    """coturn's client asks for an even port, which ejabberd does not know, and
    then without."""
    ejabberd(here)
    peer(here)
    with here.capture("alice", name):
        client(here, "-u", "alice", "-w", "wonderland")


@on("open")
@tells("established")
def trouble_not_turn_server_agents(here, name):
    """No trouble: host candidates."""
    with here.capture("alice", name):
        agents(here)
        carry(here, AT_BOB, {"seconds": 4}, {})


@on("open")
@tells("established", "probing/credentials-refused", "media/one-way",
       cause="checks carry a password that the other side does not take")
def trouble_left_out(here, name):
    """Bob is told a wrong password: all his checks are refused, while alice
    nominates and sends."""
    with here.capture("alice", name):
        agents(here, 8)
        carry(here, AT_BOB, {"seconds": 8,
                             "mangle": ["(a=ice-pwd:)...", "$1xyz"]}, {})
