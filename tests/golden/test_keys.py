#!/usr/bin/env python3
"""Keys stay when other calls are put in front (TAP).

Each bundled capture is read alone, and again behind the packets of another
one: in the same file, and as a second file.  What had a key has it still.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only

import packets

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "captures")
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
BEFORE = 7200  # seconds that the other one lies before it
LISTS = ("parties", "registrations", "tokens", "allocations", "calls",
         "findings")
NS = 10**9


def load(name):
    """(nanoseconds, bytes) of each frame."""
    with open(os.path.join(CAPTURES, name), "rb") as f:
        data = f.read()
    unit = 1000 if data[:4] == b"\xd4\xc3\xb2\xa1" else 1
    return [(seconds * NS + part * unit, frame)
            for (seconds, part), frame in packets.frames_of(data)]


def store(path, frames):
    """As pcap with nanoseconds."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for time, frame in frames:
            f.write(struct.pack("<IIII", time // NS, time % NS, len(frame),
                                len(frame)) + frame)


def moved(frames, end):
    """So that they are over BEFORE seconds before `end`."""
    by = end - BEFORE * NS - max(time for time, _ in frames)
    return [(time + by, frame) for time, frame in frames]


def keys(*paths):
    done = subprocess.run([PROGRAM, "analyze", "-q", "-f", "json", *paths],
                          capture_output=True, check=True)
    analysis = json.loads(done.stdout)
    return {(name, row["key"]) for name in LISTS for row in analysis[name]}


def lost(name, other, work):
    """Keys of a capture that are not there any more behind another one."""
    frames, front = load(name), load(other)
    front = moved(front, min(time for time, _ in frames))
    alone, before, both = (os.path.join(work, n + ".pcap")
                           for n in ("alone", "before", "both"))
    store(alone, frames)
    store(before, front)
    store(both, front + frames)
    own = keys(alone)
    if not own:
        return ["there are no keys"]
    if len(keys(both)) <= len(own):
        return ["nothing was put in front"]
    return ["%s: %s %s" % (how, member, key)
            for how, got in (("one file", keys(both)),
                             ("two files", keys(before, alone)))
            for member, key in sorted(own - got)]


def main():
    # The copy of Network Monitor has the same calls as its original; those
    # of lync- are made of bare IP.
    names = sorted(n for n in os.listdir(CAPTURES)
                   if n.endswith((".pcap", ".pcapng")) and
                   not n.startswith("lync-"))
    print("1..%d" % len(names))
    with tempfile.TemporaryDirectory() as work:
        for number, name in enumerate(names, 1):
            # Those that stand together are views of the same call.
            other = names[(number + len(names) // 2) % len(names)]
            why = lost(name, other, work)
            print("%s %d - %s behind %s" % ("not ok" if why else "ok",
                                            number, name, other))
            for line in why[:10]:
                print("# " + line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
