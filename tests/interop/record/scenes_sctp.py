"""SIP over SCTP: SIPp calls SIPp through kamailio.

Few kernels have SCTP, so a kernel of its own runs all of it as a program
(user-mode Linux); sctp/inside is its init.  Its network is its loopback.
"""

import os

import lab
from lab import on

INSIDE = os.path.join(lab.HERE, "sctp", "inside")


@on("open")
def call_over_sctp_established(here, name):
    """The offer is too long for one chunk."""
    kernel = here.start(
        "alice", "kernel.log", "linux.uml", "rootfstype=hostfs", "rootflags=/",
        "rw", f"init={INSIDE}", "mem=256M", "con=null", "con0=null,fd:1",
        f"HERE={lab.HERE}", f"WORK={here.folder}", f"NAME={name}")
    here.finished(kernel, "kernel.log", 60)
    if "uac 0" not in here.log("inside.log"):
        raise lab.Failed(here.log("inside.log")[-2000:])
