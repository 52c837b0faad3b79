#!/usr/bin/env python3
"""However a capture lies in files, the verdicts are the same (TAP).

Each bundled capture, and those recorded elsewhere if they are at hand, is
analysed whole; cut in two files at some frame; with frames swapped that are
less than 50 ms apart; with the times of neighbours swapped; as one file of a mirror port that shows each frame
twice, at once or after others; as two files of two mirror ports; as two of a
tap, with a direction each; as two whose clocks differ by an hour; and as two
interfaces of one file whose clocks do.
What is compared is what was found, not where: places, times and counts of
copies may differ.  Where nothing went wrong, nothing does when frames are cut
or some are lost.
"""
import glob
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only

import readcap

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
RECORDED = os.path.join(TOP, "..", "shared", "captures", "recorded")
# What is compared is no other with sanitizers.
CUTS = int(os.environ.get("CUTS", "2" if os.environ.get("MRASCOPE_SANITIZED")
                          else "6"))
SWAP_NS = 50 * 10**6
APART_NS = 2 * 10**6
LATE_NS = 45 * 10**6
HOUR_NS = 3600 * 10**9
OTHER = 1000  # interfaces of the second mirror port
FRAMES_MAX = 2000
KEYS = ["--credential", "alice:lab.example:wonderland",
        "--credential", "bob:lab.example:builder"]


def write(path, frames, shift=0, whole=None):
    """Frames as pcapng with nanoseconds, each from its interface.

    A part of a file still describes the interfaces of the whole.
    """
    links = sorted({frame[1] for frame in whole or frames})
    with open(path, "wb") as out:
        out.write(struct.pack("<IIIHHqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0,
                              -1, 28))
        for _, link in links:
            out.write(struct.pack("<IIHHIHHB3xII", 1, 32, link, 0, 262144,
                                  9, 1, 9, 0, 32))
        for time, link, size, data in frames:
            time += shift
            pad = -len(data) % 4
            total = 32 + len(data) + pad
            out.write(struct.pack("<IIIIIII", 6, total, links.index(link),
                                  time >> 32, time & 0xffffffff, len(data),
                                  size) + data + b"\0" * pad +
                      struct.pack("<I", total))


def rules(told, severity):
    return sorted({(f["rule"], f["call"] is not None)
                   for f in told["findings"] if f["severity"] == severity})


def ends(candidates, pair):
    return sorted([candidates[pair["offer"]], candidates[pair["answer"]]])


def found(paths):
    """What a set of files comes to, without places and times."""
    done = subprocess.run([PROGRAM, "-q", "analyze", "-f", "json"] + KEYS +
                          paths, capture_output=True, check=False,
                          timeout=120)
    if done.returncode not in (0, 3):
        return {"status": done.returncode}
    told = json.loads(done.stdout)
    calls, pairs = [], []
    for call in told["calls"]:
        candidates = {c["id"]: c["address"] or "unknown"
                      for c in call["candidates"]}
        calls.append({
            "kind": call["kind"],
            "call_id": call["call_id"],
            "outcome": call["verdict"]["outcome"],
            "stopped": call["verdict"]["stage"],
            "rule": call["verdict"]["rule"],
            "stages": [(s["stage"], s["state"]) for s in call["stages"]],
            "selected": sorted(ends(candidates, p) for p in call["pairs"]
                               if p["selected"]),
            "media": sorted([m["src"], m["dst"], m["packets"], m["lost"]]
                            for m in call["media"]),
        })
        pairs += [[call["call_id"] or "", ends(candidates, p), p["state"]]
                  for p in call["pairs"]]
    return {
        "calls": sorted(calls, key=json.dumps),
        "pairs": sorted(pairs),
        "registrations": sorted(r["state"] for r in told["registrations"]),
        "allocations": sorted([a["client"], a["server"], a["state"]]
                              for a in told["allocations"]),
        "errors": rules(told, "error"),
        "warnings": rules(told, "warning"),
    }


def swapped(dice, frames):
    """Neighbours change places if they are near enough in time."""
    out = list(frames)
    for i in range(len(out) - 1):
        j = min(len(out) - 1, i + dice.randrange(1, 5))
        low, high = sorted([out[i][0], out[j][0]])
        if high - low < SWAP_NS and dice.random() < 0.5:
            out[i], out[j] = out[j], out[i]
    # No frame may be further from its place in time.
    latest = 0
    for frame in out:
        if latest - frame[0] > SWAP_NS:
            return sorted(out, key=lambda f: f[0])
        latest = max(latest, frame[0])
    return out


def stamped_apart(dice, frames):
    """Two neighbours have each other's time, as two queues may give it."""
    out = list(frames)
    i = 0
    while i + 1 < len(out):
        near = out[i + 1][0] - out[i][0] < APART_NS
        if near and dice.random() < 0.3:
            out[i:i + 2] = [(out[i][0],) + out[i + 1][1:],
                            (out[i + 1][0],) + out[i][1:]]
            i += 1
        i += 1
    return out


# By link type: where the type of what follows stands, and where that begins.
LINKS = {0: (None, 4), 1: (12, 14), 101: (None, 0), 113: (14, 16),
         276: (0, 20)}


def goes_up(frame):
    """From the lower to the higher address?"""
    _, (_, link), _, data = frame
    kind, at = LINKS.get(link, (None, len(data)))
    while kind is not None and data[kind:kind + 2] == b"\x81\x00":
        kind, at = kind + 4, at + 4
    version = data[at] >> 4 if at < len(data) else 0
    if version == 6:
        return data[at + 8:at + 24] < data[at + 24:at + 40]
    return data[at + 12:at + 16] < data[at + 16:at + 20]


def cuts(dice, frames):
    if len(frames) - 1 <= CUTS:
        return list(range(1, len(frames)))
    return sorted(dice.sample(range(1, len(frames)), CUTS))


def ways(dice, frames, work):
    """(name, files) of each way in which the frames may lie."""
    def path(number):
        return os.path.join(work, "%d.pcapng" % number)

    for at in cuts(dice, frames):
        write(path(0), frames[:at], 0, frames)
        write(path(1), frames[at:], 0, frames)
        yield "cut at frame %d" % at, [path(0), path(1)]
    write(path(0), swapped(dice, frames))
    yield "frames swapped", [path(0)]
    for size in 68, 200:
        write(path(0), [frame[:3] + (frame[3][:size],) for frame in frames])
        yield LESS + "cut at %d bytes" % size, [path(0)]
    for _ in range(CUTS // 2):
        write(path(0), [frame for frame in frames if dice.random() > 0.05],
              0, frames)
        yield LESS + "one frame in twenty lost", [path(0)]
    write(path(0), stamped_apart(dice, frames))
    yield TIMES, [path(0)]
    twice = [f for frame in frames
             for f in (frame, (frame[0] + 40000,) + frame[1:])]
    write(path(0), twice)
    yield "each frame twice", [path(0)]
    write(path(0), sorted(frames + [(frame[0] + LATE_NS,) + frame[1:]
                                    for frame in frames],
                          key=lambda frame: frame[0]))
    yield LATE, [path(0)]
    write(path(0), frames)
    write(path(1), frames, 200000)
    yield "two mirror ports", [path(0), path(1)]
    write(path(0), sorted(frames + [
        (time + LATE_NS, (number + OTHER, link), size, data)
        for time, (number, link), size, data in frames],
                          key=lambda frame: frame[0]))
    yield "two mirror ports in one file, one late", [path(0)]
    write(path(0), [f for f in frames if goes_up(f)], 0, frames)
    write(path(1), [f for f in frames if not goes_up(f)], 0, frames)
    yield "a direction each", [path(0), path(1)]
    write(path(0), frames)
    write(path(1), frames, HOUR_NS)
    yield "two clocks", [path(0), path(1)]
    write(path(0), sorted(frames + [
        (time + HOUR_NS, (number + OTHER, link), size, data)
        for time, (number, link), size, data in frames],
                          key=lambda frame: frame[0]))
    yield "two clocks in one file", [path(0)]


# What is late looks as if it was sent again where nothing numbers the packets,
# or where another copy came between: warnings tell so.
LATE = "each frame again, later"
# What a client sends behind an answer may then stand before it.
TIMES = "times swapped"
LEFT_OUT = {LATE: ("warnings",), TIMES: ("warnings", "pairs")}


# Where there is less to see, less is said: but nothing that worked is wrong.
LESS = "less: "


def differences(way, whole, other):
    if way.startswith(LESS):
        return ["%s: %s" % (way, json.dumps(other.get("errors")))
                for _ in [0] if not whole["errors"] and other.get("errors")]
    return ["%s: %s: %s instead of %s" % (way, key, json.dumps(other.get(key)),
                                          json.dumps(whole[key]))
            for key in whole if other.get(key) != whole[key] and
            key not in LEFT_OUT.get(way, ())]


def captures():
    for path in sorted(glob.glob(os.path.join(TOP, "captures", "*"))):
        if path.rsplit(".", 1)[-1] in ("pcap", "pcapng"):
            yield os.path.basename(path), path
    for path in sorted(glob.glob(os.path.join(RECORDED, "*", "capture.*"))):
        if path.rsplit(".", 1)[-1] in ("pcap", "pcapng"):
            yield os.path.basename(os.path.dirname(path)), path


def try_one(name, path, work):
    dice = random.Random(name)
    frames = readcap.read(path)
    if len(frames) > FRAMES_MAX:
        return "skip", []
    write(os.path.join(work, "whole.pcapng"), frames)
    whole = found([os.path.join(work, "whole.pcapng")])
    why = []
    if "calls" not in whole:
        why.append("analyze ends with %d" % whole["status"])
    for way, files in ways(dice, frames, work):
        why += differences(way, whole, found(files))
    return "not ok" if why else "ok", why


def main():
    only = sys.argv[1:]
    tests = [(name, path) for name, path in captures()
             if not only or name in only]
    print("1..%d" % len(tests))
    for number, (name, path) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as work:
            verdict, why = try_one(name, path, work)
        mark = "ok" if verdict == "skip" else verdict
        print("%s %d - %s%s" % (mark, number, name, " # SKIP too long"
                                if verdict == "skip" else ""))
        for line in why[:12]:
            print("# " + line[:400])
        sys.stdout.flush()


if __name__ == "__main__":
    main()
