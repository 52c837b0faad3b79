#!/usr/bin/env python3
"""What is found does not depend on how many threads look for it (TAP).

Each capture, all bundled ones together (more calls than one sheet of the
report takes), and calls by the hundred, which threads judge, too, with one
thread and with several: the same bytes on standard output and on standard
error.
"""
import glob
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
SHARED = os.path.join(TOP, "..", "shared", "captures")
KEYS = ["--credential", "alice:lab.example:wonderland",
        "--credential", "bob:lab.example:builder"]
WAYS = [["analyze", "-f", "json"], ["frames"]]
GENERATE = os.path.join(os.path.dirname(PROGRAM), "mrascope-bench-generate")
# A wrong password: each call has something that is found.
FOUND = ["--credential", "bench:bench.example:wrong"]


def captures(folder):
    names = []
    for ending in ("*.pcap", "*.pcapng", "*.cap"):
        names += glob.glob(os.path.join(folder, "**", ending), recursive=True)
    return sorted(names)


def run(way, jobs, paths):
    done = subprocess.run([PROGRAM] + way + ["-j", str(jobs)] + KEYS + paths,
                          stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def check(number, name, paths):
    wrong = [" ".join(way) for way in WAYS
             if run(way, 1, paths) != run(way, 3, paths)]
    print("%sok %d - %s%s" % ("not " if wrong else "", number, name,
                              ": " + ", ".join(wrong) if wrong else ""))
    return not wrong


def generated(number):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "calls.pcap")
        subprocess.run([GENERATE, "-c", "300", "-r", "3000", "-R", "20",
                        "-o", path], check=True, capture_output=True)
        return check(number, "hundreds_of_calls", FOUND + [path])


def main():
    bundled = captures(os.path.join(TOP, "captures"))
    others = captures(SHARED)
    print("1..%d" % (3 + bool(others)))
    fine = check(1, "all_bundled_captures_as_one", bundled)
    wrong = [path for path in bundled
             if any(run(way, 1, [path]) != run(way, 2, [path])
                    for way in WAYS)]
    print("%sok 2 - each_bundled_capture%s" %
          ("not " if wrong else "", " " + " ".join(wrong) if wrong else ""))
    fine &= not wrong
    fine &= generated(3)
    if others:
        fine &= check(4, "captures_from_elsewhere_as_one", others)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
