#!/usr/bin/env python3
"""Messages of Microsoft's dialects in the bundled Lync captures, which our own
encoders wrote, held against those of foreign programs (TAP).

usage: test_recipe_bytes.py

Foreign are the public captures of a Teams and a Skype client, and libnice's
checks in its mode for OC 2007 R2, below CAPTURES ($MRASCOPE_CAPTURES or
../shared/captures beside the source tree).  For each type of message, with and
without integrity: an attribute that no foreign one has is none of ours; those that a
reader relies on (REQUIRED) stand in all foreign ones and in all of ours; and
ours begin (of MS-TURN) and end (where signed) as foreign ones do.  What no
foreign program sends (UNPROVEN) is named as such.
"""
import glob
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
FOREIGN = ("real/*/teams-all-but-video-media.pcap",
           "real/*/skype-conference-call.pcap",
           "recorded/libnice-oc2007r2-*/*.pcap")
DIALECTS = ("ms-turn", "ms-ice2")
# Set Active Destination and its answer: in no capture that is known to us.
UNPROVEN = {("ms-turn", "0x0006"), ("ms-turn", "0x0106")}
# [MS-TURN] 2.2, 3.1.8, 3.3.5.1; [MS-ICE2] 2.2: what a reader relies on.
REQUIRED = {
    ("ms-turn", "0x0003", False): {"0x000f"},
    ("ms-turn", "0x0003", True): {"0x000f", "0x0006", "0x0014", "0x0015",
                                  "0x0008"},
    ("ms-turn", "0x0113", False): {"0x000f", "0x0009", "0x0014", "0x0015",
                                   "0x000e"},
    ("ms-turn", "0x0103", True): {"0x000f", "0x0001", "0x8020", "0x000d",
                                  "0x0008"},
    ("ms-turn", "0x0004", True): {"0x000f", "0x0006", "0x0011", "0x0013",
                                  "0x0008"},
    ("ms-turn", "0x0115", False): {"0x000f", "0x0012", "0x0013"},
    ("ms-ice2", "0x0001", True): {"0x0006", "0x0024", "0x8070", "0x0008",
                                  "0x8028"},
    ("ms-ice2", "0x0101", True): {"0x0020", "0x8070", "0x0008", "0x8028"},
}


def root_of_captures():
    return os.environ.get("MRASCOPE_CAPTURES") or os.path.normpath(
        os.path.join(TOP, "..", "shared", "captures"))


def messages(paths):
    """{(dialect, type, signed): set of tuples of attributes}"""
    out = {}
    for path in paths:
        run = subprocess.run([PROGRAM, "frames", path], capture_output=True,
                             text=True, check=False, timeout=120)
        for line in run.stdout.splitlines():
            stun = json.loads(line).get("stun")
            if not stun or stun["dialect"] not in DIALECTS:
                continue
            key = (stun["dialect"], stun["type"],
                   stun["integrity"] != "absent")
            out.setdefault(key, set()).add(tuple(stun["attributes"]))
    return out


def first_and_last(rows):
    """Attributes that begin a message, and that end it."""
    return {row[0] for row in rows}, {row[-1] for row in rows}


def wrong(key, ours, foreign):
    known = {a for row in foreign for a in row}
    begin, end = first_and_last(foreign)
    bad = []
    for row in sorted(ours):
        strange = sorted(set(row) - known)
        missing = sorted(REQUIRED.get(key, set()) - set(row))
        if strange:
            bad.append("no foreign one has " + " ".join(strange))
        if missing:
            bad.append("ours lacks " + " ".join(missing))
        if key[0] == "ms-turn" and row[0] not in begin:
            bad.append("ours begins with " + row[0])
        if key[2] and row[-1] not in end:
            bad.append("ours ends with " + row[-1])
    never = sorted(REQUIRED.get(key, set()) -
                   set.intersection(*map(set, foreign)))
    if never:
        bad.append("not all foreign ones have " + " ".join(never))
    return bad


def main():
    root = root_of_captures()
    paths = [p for pattern in FOREIGN
             for p in sorted(glob.glob(os.path.join(root, pattern)))]
    if not paths:
        print("1..0 # SKIP no captures of Teams, Skype and libnice")
        return
    foreign = messages(paths)
    ours = messages(sorted(glob.glob(os.path.join(TOP, "captures",
                                                  "lync-*.pcapng"))))
    keys = sorted(set(ours) | set(REQUIRED))
    print("1..%d" % len(keys))
    for number, key in enumerate(keys, 1):
        name = "%s %s %s" % (key[0], key[1],
                             "signed" if key[2] else "unsigned")
        if key not in foreign and key[:2] in UNPROVEN:
            print("ok %d - %s # SKIP unproven: no foreign one" %
                  (number, name))
            continue
        if key not in ours or key not in foreign:
            bad = ["none of ours" if key not in ours else "no foreign one"]
        else:
            bad = wrong(key, ours[key], foreign[key])
        print("%s %d - %s" % ("not ok" if bad else "ok", number, name))
        for why in sorted(set(bad)):
            print("# " + why)


if __name__ == "__main__":
    main()
