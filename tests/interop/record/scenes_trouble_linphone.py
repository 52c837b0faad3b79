"""Scenes of two Linphones, host to host with ICE over both families, which
prefers IPv6 when SIP goes over IPv4.  Package: linphone-cli."""

import array
import math
import os
import subprocess
import time
import wave

import lab
from lab import on, tells
from scenes_sipp import BOB

TALK_SECONDS = 4
RATE = 8000
NO_IPV6 = """
table bridge firewall {
	chain pass {
		type filter hook forward priority 0;
		ether type ip6 meta l4proto udp drop
	}
}
"""
SETTINGS = """
[sip]
sip_port=5060
sip_tcp_port=0
sip_tls_port=0
use_ipv6=0
default_proxy=-1
guess_hostname=1
media_encryption={encryption}
[net]
firewall_policy=3
stun_server={server}
[rtp]
audio_rtp_port=7076
[video]
enabled=0
[sound]
echocancellation=0
"""


def tone(path, seconds=20):
    """Something to say, since there is no microphone."""
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(array.array("h", (
            int(8000 * math.sin(n / 3)) for n in range(RATE * seconds))))


def linphone(here, user, encryption, *more):
    """One that is told what to do over its standard input."""
    folder = here.path(user)
    os.makedirs(os.path.join(folder, ".local", "share", "linphone"))
    with open(os.path.join(folder, "settings"), "w", encoding="ascii") as file:
        file.write(SETTINGS.format(encryption=encryption, server=lab.SERVER))
    with open(here.path(f"{user}.log"), "w", encoding="utf-8") as log:
        program = subprocess.Popen(
            ["ip", "netns", "exec", f"{here.prefix}-{user}", "linphonec", "-c",
             os.path.join(folder, "settings"), *more], cwd=folder, text=True,
            stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": folder})
    here.programs.append(program)
    here.wait_for_log(f"{user}.log", "linphonec>")
    time.sleep(1)
    say(program, "soundcard use files", f"play {here.path('tone.wav')}")
    return program


def say(program, *lines):
    for line in lines:
        program.stdin.write(line + "\n")
        program.stdin.flush()


def talk(here, name, encryption):
    tone(here.path("tone.wav"))
    here.coturn()
    linphone(here, "bob", encryption, "-a")
    alice = linphone(here, "alice", encryption)
    with here.capture("alice", name):
        say(alice, f"call sip:bob@{BOB}")
        here.wait_for_log("alice.log", "Media streams established", 20)
        time.sleep(TALK_SECONDS)
        say(alice, "terminate")
        here.wait_for_log("alice.log", "ended")
        time.sleep(0.5)


@on("open")
@tells("established")
def trouble_not_two_families(here, name):
    """No trouble: SIP over IPv4, media over IPv6, and DTLS."""
    talk(here, name, "dtls")


@on("open")
@tells("established")
def trouble_not_ipv6_alone(here, name):
    """Addresses of IPv6 that lead nowhere: the call goes over IPv4."""
    here.rules("hub", NO_IPV6)
    talk(here, name, "none")
