#!/usr/bin/env python3
"""What other programs print of the bundled captures, read as text, holds the
messages that the captures hold: the same, in the same order, with the same ends
(TAP).

usage: test_printed.py

MRASCOPE_PRINTED names a folder that keeps what was printed, for another build
to read the same: most of the time goes into the printing.

Printed by tcpdump -A and tcpdump -v (which take SIP for what it is on port 5060
alone), by ngrep, by sipgrep and by tshark -V, as people paste it into forums; those that are
not installed are skipped.  Of captures with SIP over UDP alone, in no tunnel and
not in fragments, whose parts no program prints as one message.

And all of each capture as hexadecimal digits, by tcpdump -X, which leaves the
link header out, -XX, and tshark -x with and without the dissection: each
message is the same to the last field, but its time where that is not printed.
"""
import functools
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
CAPTURES = sorted(glob.glob(os.path.join(TOP, "captures", "*.pcap")))
KEPT = os.environ.get("MRASCOPE_PRINTED")
PRINTERS = {
    "tcpdump-A": ["tcpdump", "-nn", "-tttt", "-A", "-r"],
    "tcpdump-v": ["tcpdump", "-nn", "-tttt", "-v", "-r"],
    "ngrep": ["ngrep", "-W", "byline", "-t", "-q", "-I"],
    "ngrep-wrapped": ["ngrep", "-t", "-q", "-I"],
    "ngrep-single": ["ngrep", "-W", "single", "-t", "-q", "-I"],
    "ngrep-none": ["ngrep", "-W", "none", "-t", "-q", "-I"],
    "ngrep-x": ["ngrep", "-x", "-t", "-q", "-I"],
    "sipgrep": ["sipgrep", "-I"],
    "tshark-V": ["tshark", "-n", "-V", "-r"],
}
DUMPERS = {
    "tcpdump-X": ["tcpdump", "-nn", "-tttt", "-X", "-r"],
    "tcpdump-XX": ["tcpdump", "-nn", "-tttt", "-XX", "-r"],
    "tshark-x": ["tshark", "-n", "-x", "-r"],
    "tshark-xP": ["tshark", "-n", "-xP", "-r"],
    "tshark-xV": ["tshark", "-n", "-xV", "-r"],
}
# It prints nothing of IPv6 from a file.
SIPGREP_LACKS = "ipv6"


def messages(path, bodies=True):
    """(source, destination, what) of each SIP message; None when some are in
    no datagram."""
    out = subprocess.run([PROGRAM, "frames", "-q", path], capture_output=True,
                         check=False, timeout=120).stdout
    rows = [row for row in map(json.loads, out.splitlines())
            if row["proto"] == "sip"]
    if any(row["transport"] != "udp" or row["wrap"] for row in rows):
        return None
    return [(row["src"], row["dst"], row["sip"]["method"],
             row["sip"]["status"], row["sip"]["cseq"], row["sip"]["call_id"],
             bodies and [body["type"] for body in row["sip"]["bodies"]])
            for row in rows]


@functools.cache
def wanted(read, capture):
    """What a capture itself holds: read once, not for every printer."""
    return read(capture)


def difference(got, want):
    for number, (a, b) in enumerate(zip(got, want), 1):
        if a != b:
            return f"message {number}: {a}, not {b}"
    return f"{len(got)} messages, not {len(want)}"


def rows_of(path):
    """All messages with all their fields but the time."""
    out = subprocess.run([PROGRAM, "frames", "-q", path], capture_output=True,
                         check=False, timeout=120).stdout
    return [{**json.loads(line), "time": None} for line in out.splitlines()]


def text_of(command, capture):
    return subprocess.run([*command, capture], capture_output=True,
                          check=False, timeout=120,
                          env={**os.environ, "TZ": "UTC"}).stdout


def kept(command, capture):
    """Where the text stands in KEPT: another command or capture, another
    place."""
    with open(capture, "rb") as file:
        of = hashlib.sha256(repr(command).encode() + file.read())
    place = os.path.join(KEPT, of.hexdigest() + ".txt")
    if not os.path.exists(place):
        os.makedirs(KEPT, exist_ok=True)
        with open(place + ".new", "wb") as file:
            file.write(text_of(command, capture))
        os.rename(place + ".new", place)
    return place


def printed(command, capture, read):
    if KEPT:
        return read(kept(command, capture))
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(text_of(command, capture))
        file.flush()
        return read(file.name)


def wrong_of(command, name):
    """What differs, and how many captures were compared."""
    wrong, compared = [], 0
    for capture in CAPTURES:
        base = os.path.basename(capture)
        if "fragment" in base or (name == "sipgrep" and SIPGREP_LACKS in base):
            continue
        want = wanted(messages, capture)
        if not want:
            continue
        compared += 1
        got = printed(command, capture, messages)
        if got != want:
            wrong.append(f"{base}: {difference(got or [], want)}")
    return wrong, compared


def wrong_in_dumps(command, _name):
    wrong = []
    for capture in CAPTURES:
        got, want = (printed(command, capture, rows_of),
                     wanted(rows_of, capture))
        if got != want:
            wrong.append(f"{os.path.basename(capture)}: "
                         f"{difference(got, want)}")
    return wrong, len(CAPTURES)


def main():
    rows = [(name, command, wrong_of) for name, command in PRINTERS.items()]
    rows += [(name, command, wrong_in_dumps)
             for name, command in DUMPERS.items()]
    print(f"1..{len(rows)}")
    failed = False
    for number, (name, command, examine) in enumerate(rows, 1):
        if not shutil.which(command[0]):
            print(f"ok {number} - {name} # SKIP not installed")
            continue
        wrong, compared = examine(command, name)
        good = not wrong and compared > 20
        failed |= not good
        print(f"{'' if good else 'not '}ok {number} - {name}")
        for line in wrong or ([] if good else [f"compared: {compared}"]):
            print(f"# {line}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
