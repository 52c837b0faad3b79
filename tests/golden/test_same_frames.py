#!/usr/bin/env python3
"""The same capture in two formats reads the same, frame by frame (TAP).

The copy in the format of Network Monitor has microseconds, to which times
are rounded; what was joined and judged must not differ at all.
"""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "captures")
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
ORIGINAL = "call-over-relay-established.pcapng"
COPY = "call-over-relay-established.netmon2.cap"
KEYS = ["--credential", "alice:lab.example:wonderland"]


def run(command, name):
    done = subprocess.run([PROGRAM, "-q", command] + KEYS
                          + [os.path.join(CAPTURES, name)],
                          capture_output=True, check=True)
    return done.stdout.decode("utf-8").splitlines()


def frames(name):
    lines = [json.loads(line) for line in run("frames", name)]
    for line in lines:
        # 2026-11-24T13:32:11.604908357Z
        minute, seconds = line["time"][:17], line["time"][17:29]
        ns = int(seconds.replace(".", ""))
        line["time"] = "%s%08d" % (minute, (ns + 500) // 1000)
    return lines


def report(name):
    """Without the line that names the file and its format."""
    return [line for line in run("analyze", name) if name not in line]


def differences(one, two):
    why = ["%r\n# instead of %r" % (b, a) for a, b in zip(one, two) if a != b]
    if len(one) != len(two):
        why.append("%d lines instead of %d" % (len(two), len(one)))
    return why


def main():
    tests = [("frames", frames), ("analyze", report)]
    print("1..%d" % len(tests))
    for number, (name, what) in enumerate(tests, 1):
        one, two = what(ORIGINAL), what(COPY)
        why = differences(one, two)
        if len(one) < 20:
            why.append("only %d lines" % len(one))
        print("%s %d - %s of both is the same"
              % ("not ok" if why else "ok", number, name))
        for line in why[:5]:
            print("# " + line)


if __name__ == "__main__":
    main()
