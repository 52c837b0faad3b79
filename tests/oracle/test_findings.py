#!/usr/bin/env python3
"""Each error that is found in real captures, reviewed and kept (TAP).

usage: test_findings.py [FILE...]

Runs over CAPTURES/real and CAPTURES/recorded, CAPTURES being $MRASCOPE_CAPTURES
or ../shared/captures beside the source tree; FILEs are patterns of names below
these.  One test a file: no error stands beside a call that went well, but about
the bytes of a single message, and the errors in real captures are those that findings.tsv lists, by rule and first
frames, no more and no fewer.  A row names a file or a pattern, a rule, the
first frame of each such finding in order, and why it is true: what in that
traffic really failed.  So no error can appear on traffic that worked, or
vanish, unseen.
"""
import fnmatch
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
NOTES = (".tsv", ".md", ".txt", ".keys", ".json")  # not captures
WENT_WELL = ("ok", "established")
OF_BYTES = re.compile("/(sip|sdp|stun)-")  # rules about a single message
PATIENCE = 120  # seconds a file may take


def root_of_captures():
    return os.environ.get("MRASCOPE_CAPTURES") or os.path.normpath(
        os.path.join(HERE, "..", "..", "..", "shared", "captures"))


class Row:
    def __init__(self, line, number):
        cells = line.rstrip("\n").split("\t")
        if len(cells) != 4 or not all(cells):
            raise ValueError("findings.tsv:%d has not 4 columns" % number)
        self.name = "findings.tsv:%d" % number
        self.file, self.rule, frames, self.why = cells
        self.frames = frames.split(",")
        self.used = False


def read_rows():
    with open(os.path.join(HERE, "findings.tsv"), encoding="utf-8") as f:
        return [Row(line, number) for number, line in enumerate(f, 1)
                if number > 1]


def captures(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(NOTES):
                yield os.path.relpath(os.path.join(folder, name), root)


def errors_in(path):
    """Of a capture: {rule: its first frames} of the errors, and those that
    stand beside a call that went well."""
    run = subprocess.run([PROGRAM, "analyze", "-q", "-f", "json", path],
                         capture_output=True, check=False, timeout=PATIENCE)
    if run.returncode not in (0, 3):
        raise ValueError("exit status %d" % run.returncode)
    analysis = json.loads(run.stdout)
    outcomes = {call["id"]: call["verdict"]["outcome"]
                for call in analysis["calls"]}
    rules, beside = {}, []
    for finding in analysis["findings"]:
        if finding["severity"] != "error":
            continue
        frame = (finding["frames"] or ["0:-"])[0].split(":")[1]
        rules.setdefault(finding["rule"], []).append(frame)
        if outcomes.get(finding["call"]) in WENT_WELL and \
                not OF_BYTES.search(finding["rule"]):
            beside.append("%s at %s, in a call that went well" %
                          (finding["rule"], frame))
    return {rule: sorted(frames, key=int) if "-" not in frames else frames
            for rule, frames in rules.items()}, beside


def compare(name, errors, rows):
    """What differs between a file's errors and the rows about it."""
    listed = {}
    for row in rows:
        if fnmatch.fnmatchcase(name, row.file):
            row.used = True
            listed[row.rule] = row.frames
    return ["%s: found at %s, listed at %s" %
            (rule, ",".join(errors.get(rule, ["no frame"])),
             ",".join(listed.get(rule, ["no frame"])))
            for rule in sorted(set(errors) | set(listed))
            if errors.get(rule) != listed.get(rule)]


def test_file(root, folder, name, rows):
    try:
        errors, beside = errors_in(os.path.join(root, folder, name))
    except (ValueError, subprocess.TimeoutExpired) as e:
        return [str(e)]
    return beside + (compare(name, errors, rows) if folder == "real" else [])


def report(number, name, bad):
    print("%s %d - %s" % ("not ok" if bad else "ok", number, name))
    for line in bad:
        print("# " + line)
    sys.stdout.flush()


def main():
    root = root_of_captures()
    if not os.path.isdir(root):
        print("1..0 # SKIP no captures at " + root)
        return
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("Bail out! no program at %s; set MRASCOPE" % PROGRAM)
    rows = read_rows()
    names = [(folder, name) for folder in ("real", "recorded")
             for name in captures(os.path.join(root, folder))
             if not sys.argv[1:] or
             any(fnmatch.fnmatch(name, p) for p in sys.argv[1:])]
    print("1..%d" % (len(names) + 1))
    for number, (folder, name) in enumerate(names, 1):
        report(number, "%s/%s" % (folder, name),
               test_file(root, folder, name, rows))
    report(len(names) + 1, "every row of findings.tsv is about a file",
           [] if sys.argv[1:] else
           [row.name for row in rows if not row.used])


if __name__ == "__main__":
    main()
