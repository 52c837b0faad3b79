"""Scenes of phones in pages of Chromium, SIP over WebSocket to kamailio: JsSIP
and SIP.js.  Packages: chromium, node, kamailio-websocket-modules and, of npm in
the folder that MRASCOPE_NODE_MODULES names, playwright-core, ws, jssip, sip.js
and esbuild."""

import json
import os
import subprocess

import lab
from lab import on, tells
from scenes_trouble_chromium import (
    NO_UDP, STUN, browsers, relayed, rules_step, turn)

URL = f"ws://{lab.SERVER}:8081/"
MODULES = os.environ.get("MRASCOPE_NODE_MODULES", "")


def bundled(here, name="sip_page.js"):
    """The page's program in one file; modules are looked for from where they
    are."""
    with open(os.path.join(lab.HERE, "agents", name),
              encoding="ascii") as file:
        source = file.read()
    subprocess.run(
        [os.path.join(MODULES, ".bin", "esbuild"), "--bundle",
         "--format=iife", "--log-level=error", "--loader=js",
         "--outfile=" + here.path("page.js")], input=source, text=True,
        check=True, cwd=os.path.dirname(MODULES.rstrip("/")))
    return here.path("page.js")


def phone(user, library="jssip", **more):
    return ["run", user, "phone(%s)" % json.dumps(
        {"library": library, "name": user, "url": URL,
         "password": lab.PASSWORDS[user], "pc": {"iceServers": []}} | more)]


def seen(user, word, seconds=10):
    return ["until", user, f"seen.some(x => x.startsWith('{word}'))", seconds]


def both(alice="jssip", bob="jssip", for_alice=None, for_bob=None):
    return [phone("bob", bob, **(for_bob or {})), seen("bob", "registered"),
            phone("alice", alice, **(for_alice or {})),
            seen("alice", "registered")]


CALLS = [["run", "alice", "void mine.call('sip:bob@lab.example')"]]
CALLED = CALLS + [seen("bob", "called")]
ANSWERED = CALLED + [["sleep", 0.5], ["run", "bob", "void mine.answer()"],
                     seen("alice", "accepted"), ["sleep", 3]]
ENDS = [["run", "alice", "void mine.hangup()"], seen("bob", "ended"),
        ["sleep", 0.5]]
TOLD = [["run", name, "window.tell = () => seen"] for name in
        ("alice", "bob")]


def pages(here, name, steps, defines=("WEBSOCKET",), **more):
    here.kamailio(*defines)
    browsers(here, name, TOLD + steps, {"pc": {}}, more={
        "script": bundled(here)}, **more)


@on("open")
@tells("established")
def trouble_not_jssip(here, name):
    """No trouble: JsSIP calls JsSIP."""
    pages(here, name, both() + ANSWERED + ENDS)


@on("open")
@tells("established")
def trouble_not_sipjs(here, name):
    """No trouble: SIP.js calls SIP.js."""
    pages(here, name, both("sipjs", "sipjs") + ANSWERED + ENDS)


@on("symmetric")
@tells("established", "probing/relay-only")
def trouble_not_jssip_symmetric(here, name):
    """No trouble: NATs of the hard kind, and a relay for both."""
    here.coturn()
    pages(here, name, both(
        for_alice={"pc": {"iceServers": [turn("alice")]}},
        bob="sipjs", for_bob={"pc": {"iceServers": [turn("bob")]}})
        + ANSWERED + ENDS)


@on("open")
@tells("established")
def trouble_not_jssip_changes(here, name):
    """No trouble: JsSIP holds the call, takes it back and restarts ICE."""
    pages(here, name, both() + ANSWERED + [
        ["run", "alice", "void mine.hold()"], ["sleep", 1.5],
        ["run", "alice", "void mine.unhold()"], ["sleep", 1.5],
        ["run", "alice", "void mine.restart()"], ["sleep", 2]] + ENDS)


@on("open")
@tells("failed", "registration/wrong-credentials",
       cause="user name or the password is wrong")
def trouble_jssip_password(here, name):
    """A wrong password for the registrar."""
    pages(here, name, [phone("alice", password="looking-glass"),
                       seen("alice", "registrationFailed"), ["sleep", 1]])


@on("open")
@tells("rejected", "exchange/busy")
def trouble_jssip_busy(here, name):
    pages(here, name, both() + CALLED + [
        ["run", "bob", "void mine.refuse(486)"], seen("alice", "failed"),
        ["sleep", 0.5]])


@on("open")
@tells("cancelled")
def trouble_sipjs_cancels(here, name):
    """SIP.js gives up while it rings."""
    pages(here, name, both("sipjs") + CALLED + [
        ["sleep", 1], ["run", "alice", "void mine.hangup()"],
        seen("bob", "failed"), ["sleep", 0.5]])


@on("open")
@tells("rejected", "exchange/no-such-user")
def trouble_sipjs_nobody(here, name):
    """Bob is not registered."""
    pages(here, name, [phone("alice", "sipjs"), seen("alice", "registered"),
                       *CALLS, ["sleep", 3]])


@on("open")
@tells("failed", "gathering/wrong-credentials")
def trouble_jssip_relay_password(here, name):
    """Relay only, and its password is wrong."""
    here.coturn()
    pages(here, name, both(
        for_alice={"pc": relayed("alice", password="looking-glass")}) + CALLED
        + [["sleep", 0.5], ["run", "bob", "void mine.answer()"],
           ["sleep", 20]])


@on("symmetric")
@tells("failed", "probing/no-pair")
def trouble_jssip_no_relay(here, name):
    """NATs of the hard kind, and only STUN."""
    here.coturn()
    stun = {"pc": {"iceServers": [STUN]}}
    pages(here, name, both(for_alice=stun, for_bob=stun) + CALLED + [
        ["sleep", 0.5], ["run", "bob", "void mine.answer()"],
        ["sleep", 25]])


@on("open")
@tells("established", "probing/consent-lost", cause="broke in the call")
def trouble_jssip_cut_off(here, name):
    """The way of media goes away in the call; signalling goes on."""
    pages(here, name, both() + ANSWERED + [
        rules_step(here, "hub", NO_UDP), ["sleep", 25]] + ENDS)


@on("open")
@tells(None, "capture/websocket-refused")
def trouble_jssip_shut_out(here, name):
    """The server lets nobody in (403)."""
    pages(here, name, [phone("alice"), seen("alice", "disconnected"),
                       ["sleep", 3]], ("WEBSOCKET", "WEBSOCKET_CLOSED"))


@on("open")
@tells("established", "exchange/connection-not-back",
       cause="where the signalling of the call goes")
def trouble_jssip_server_dies(here, name):
    """The proxy is killed in the call, and alice hangs up later."""
    pages(here, name, both() + ANSWERED + [
        ["shell", f"ip netns pids {here.prefix}-server | xargs kill -9"],
        ["sleep", 3], ["run", "alice", "void mine.hangup()"],
        ["sleep", 3]])


@on("open")
@tells("established")
def trouble_not_sipjs_to_jssip(here, name):
    """No trouble: with digits in INFO and a call that the callee ends."""
    pages(here, name, both("sipjs") + ANSWERED + [
        ["run", "alice", "void mine.digits('5')"], ["sleep", 1],
        ["run", "bob", "void mine.hangup()"], seen("alice", "ended"),
        ["sleep", 0.5]])


@on("open")
@tells(None, "capture/websocket-refused")
def trouble_jssip_hung_up(here, name):
    """The server wants each request of HTTP to tell its length, and hangs up
    on those of WebSocket."""
    pages(here, name, [phone("alice"), seen("alice", "disconnected"),
                       ["sleep", 3]], ("WEBSOCKET", "WEBSOCKET_WANTS_LENGTH"))


THREE = [["run", "bob", "session.on('refer', e => e.accept())"]]


@on("open")
@tells("established")
def trouble_not_jssip_attended(here, name):
    """No trouble: alice calls bob and carol, and connects the two (REFER with
    Replaces)."""
    carol = ["run", "carol", phone("alice")[2].replace(
        '"name": "alice"', '"name": "carol"')]
    here.kamailio("WEBSOCKET")
    script = {"script": bundled(here)}
    people = {"carol": {"space": "server", "pc": {}, "media": "audio"}}
    steps = [["launch", "carol"], ["run", "carol", "window.tell = () => seen"],
             carol, seen("carol", "registered"), *both(), *ANSWERED, *THREE,
             ["run", "alice", "window.first = session"],
             ["run", "alice", "void mine.hold()"], ["sleep", 1],
             ["run", "alice", "void mine.call('sip:carol@lab.example')"],
             seen("carol", "called"),
             ["run", "carol", "void mine.answer()"], ["sleep", 2],
             ["run", "alice", "first.refer('sip:carol@lab.example', "
              "{ replaces: session })"], ["sleep", 4],
             ["run", "bob", "void mine.hangup()"], ["sleep", 2]]
    browsers(here, name, TOLD + steps, {"pc": {}}, more=script, others=people)
