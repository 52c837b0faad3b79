"""Scenes of SIP over TLS: baresip calls baresip, host to host, with ICE.

The secrets of the connection are kept beside the capture: a key log, or the
private key of bob where the key exchange is RSA.  Both are made for the scene
and used nowhere else.
"""

import os
import subprocess
import time

import lab
from lab import on

MEDIA_SECONDS = 0.4
BOB = "203.0.113.40"
# What OpenSSL is told where the scene wants an old kind of TLS.
OLD = """
openssl_conf = openssl
[openssl]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MaxProtocol = TLSv1.2
CipherString = AES256-SHA256
"""


def run(here, *command):
    subprocess.run(command, cwd=here.folder, check=True,
                   stdin=subprocess.DEVNULL, capture_output=True)


def keylog(here):
    """What makes a program log its secrets, for LD_PRELOAD."""
    run(here, "cc", "-shared", "-fPIC", "-o", "keylog.so",
        os.path.join(lab.HERE, "agents", "keylog.c"), "-lssl", "-ldl")


class Secure(lab.Baresip):
    """A baresip that speaks TLS, on the port behind that of UDP and TCP."""

    def program_name(self):
        folder = self.lab.folder
        words = ["env"]
        if os.path.exists(f"{folder}/old.cnf"):
            words.append(f"OPENSSL_CONF={folder}/old.cnf")
        if os.path.exists(f"{folder}/keylog.so"):
            words += [f"LD_PRELOAD={folder}/keylog.so",
                      f"SSLKEYLOGFILE={folder}/{self.user}.keys"]
        return words + ["baresip"]

    def more_config(self):
        folder = self.lab.folder
        run(self.lab, "openssl", "req", "-x509", "-newkey", "rsa:2048",
            "-nodes", "-days", "3650", "-subj", f"/CN={self.user}",
            "-keyout", f"{self.user}.pem", "-out", f"{self.user}.crt")
        with open(f"{folder}/{self.user}.both", "w",
                  encoding="utf-8") as both:
            for part in ("pem", "crt"):
                with open(f"{folder}/{self.user}.{part}",
                          encoding="utf-8") as text:
                    both.write(text.read())
        return f"sip_certificate\t\t{folder}/{self.user}.both\n"

    def account(self):
        return (f"<sip:{self.user}@lab.example;transport=tls>;regint=0;"
                "audio_codecs=PCMA;answermode=manual;medianat=ice")


def call(here, name):
    bob = Secure(here, "bob")
    alice = Secure(here, "alice")
    here.wait_for_port(bob.program, "tcp", 5061)
    with here.capture("alice", name):
        alice.command("dial", f"sip:bob@{BOB}:5061")
        bob.wait("CALL_INCOMING")
        bob.command("accept")
        alice.wait("CALL_ESTABLISHED")
        for user in ("alice", "bob"):
            here.wait_for_log(f"{user}.log", "connectivity check is complete")
        time.sleep(MEDIA_SECONDS)
        alice.command("hangup")
        bob.wait("CALL_CLOSED")
        time.sleep(0.3)


@on("open")
def call_over_tls_established(here, name):
    """TLS 1.3 as the two agree on by themselves; alice logs her secrets."""
    keylog(here)
    call(here, name)
    os.rename(here.path("alice.keys"), here.path(name + ".keys"))


@on("open")
def call_over_tls_rsa_established(here, name):
    """TLS 1.2 whose key exchange the private key of bob opens."""
    with open(here.path("old.cnf"), "w", encoding="utf-8") as conf:
        conf.write(OLD)
    call(here, name)
    os.rename(here.path("bob.pem"), here.path(name + ".pem"))
