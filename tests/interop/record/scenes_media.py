"""Scenes of calls with more than one plain stream: video beside audio, DTLS
for somebody else, calls that are handed on."""

import time

import lab
from lab import on, tells
from scenes_baresip import SHORT_SECONDS, connected, ringing

VIDEO = """module\t\t\tfakevideo.so
module\t\t\tvp8.so
video_source\t\tfakevideo,nil
video_display\t\tfakevideo,nil
video_size\t\t160x120
video_bitrate\t\t100000
video_fps\t\t5
"""


class WithVideo(lab.Baresip):
    """A baresip with a picture that nobody sees."""

    def more_config(self):
        return VIDEO


@on("open")
def call_with_video_established(here, name):
    """Two sections of one description, which have one user fragment."""
    with ringing(here, name, kind=WithVideo, nat="ice",
                 more=["video_codecs=VP8"]) as (alice, bob):
        bob.command("accept")
        connected(here, "host:", SHORT_SECONDS)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")


@on("open")
def call_certificate_differs_failed(here, name):
    """The proxy changes the fingerprint that alice promises; seen by bob, who
    hangs up."""
    here.kamailio("OTHER_FINGERPRINT")
    account = {"nat": None, "more": ["mediaenc=dtls_srtp"]}
    with here.capture("bob", name + ".callee"):
        bob = lab.Baresip(here, "bob", **account)
        bob.wait_registered()
        alice = lab.Baresip(here, "alice", **account)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING")
        time.sleep(SHORT_SECONDS)
        bob.command("accept")
        bob.wait("CALL_CLOSED")
        time.sleep(SHORT_SECONDS)


@on("open")
def call_transfer_fails_established(here, name):
    """Alice hands bob on to somebody whom the proxy does not know, and hangs
    up."""
    with ringing(here, name, nat=None) as (alice, bob):
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        time.sleep(SHORT_SECONDS)
        alice.command("transfer", "sip:nobody@lab.example")
        bob.wait("CALL_CLOSED")
        time.sleep(SHORT_SECONDS)


@on("open")
@tells("failed", "media/dtls-both-clients", "media/dtls-not-agreed",
       cause="both sides begin DTLS")
def call_dtls_roles_failed(here, name):
    """The proxy turns the role that bob's answer takes, so both begin; he
    hangs up."""
    here.kamailio("OTHER_ROLE")
    account = {"nat": None, "more": ["mediaenc=dtls_srtp"]}
    bob = lab.Baresip(here, "bob", **account)
    bob.wait_registered()
    with here.capture("alice", name):
        alice = lab.Baresip(here, "alice", **account)
        alice.wait_registered()
        alice.command("dial", "sip:bob@lab.example")
        bob.wait("CALL_INCOMING")
        time.sleep(SHORT_SECONDS)
        bob.command("accept")
        bob.wait("CALL_CLOSED")
        time.sleep(SHORT_SECONDS)
