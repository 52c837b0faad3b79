#!/usr/bin/env python3
"""What is said of each bundled capture is what happened in it (TAP).

truth.tsv has the story of each by hand; a name with a star is the files of
all points read as one analysis.  Findings of severity error must not stand
beside a call or attempt that went well.
"""
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "captures")
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
KEYS = ["--credential", "alice:lab.example:wonderland",
        "--credential", "bob:lab.example:builder",
        "--turn-secret", "through-the-mirror"]
SECRETS = (".keys", ".pem")  # of TLS, beside the captures that they open
MARKS = {"ok": "+", "failed": "X", "incomplete": "~", "inferred": "*",
         "unseen": "?", "unneeded": "-"}
WENT_WELL = {"ok", "established"}


def stories():
    with open(os.path.join(HERE, "truth.tsv"), encoding="ascii") as f:
        return [line.rstrip("\n").split("\t") for line in f
                if not line.startswith("#")]


def tls_keys():
    options = dict(zip(SECRETS, ("--keylog", "--rsa-key")))
    return [word for path in sorted(glob.glob(os.path.join(CAPTURES, "*")))
            if path.endswith(SECRETS)
            for word in (options[os.path.splitext(path)[1]], path)]


def analysis(name):
    files = sorted(glob.glob(os.path.join(CAPTURES, name)))
    if not files:
        raise ValueError("no such capture")
    done = subprocess.run([PROGRAM, "-q", "analyze", "-f", "json"] + KEYS
                          + tls_keys() + files, capture_output=True,
                          check=True)
    return json.loads(done.stdout)


def pairs_of(call):
    found = {" ".join(sorted([p["offer_address"], p["answer_address"]]))
             for p in call["pairs"] if p["selected"]}
    return found or {"-"}


def told(call):
    """The columns of truth.tsv for a call, but for its outcome."""
    rule = call["verdict"]["rule"] or "-"
    stages = "".join(MARKS[s["state"]] for s in call["stages"])
    packets = sorted(m["packets"] for m in call["media"])
    return rule, stages, " ".join(map(str, packets)) or "-"


def told_of_all(report):
    """The columns for the whole capture: outcomes, relayed addresses."""
    relayed = sorted(address for a in report["allocations"]
                     for address in (a["relayed"], a["relayed_other"])
                     if address)
    return (" ".join(c["verdict"]["outcome"] for c in report["calls"]),
            " ".join(relayed) or "-")


def differences(name, outcomes, rule, stages, pair, packets, relayed):
    report = analysis(name)
    calls = report["calls"]
    for what, said, truth in zip(("outcome", "relayed addresses"),
                                 told_of_all(report), (outcomes, relayed)):
        if truth not in (said, "any"):
            yield "%s %s instead of %s" % (what, said, truth)
    for call in calls:
        for what, is_told, truth in zip(("rule", "stages", "RTP packets"),
                                        told(call), (rule, stages, packets)):
            if truth not in (is_told, "any"):
                yield "%s %s instead of %s" % (what, is_told, truth)
        wanted = {" ".join(sorted(one.split())) for one in pair.split(",")}
        if not wanted <= pairs_of(call):
            yield "pair %s instead of %s" % (sorted(pairs_of(call)), pair)
    # What breaks a call that stood is an error, and the call was one.
    if set(outcomes.split()) <= WENT_WELL and "-broken" not in name:
        for finding in report["findings"]:
            if finding["severity"] == "error":
                yield "an error where nothing failed: " + finding["rule"]


def untold(told_of):
    """Captures of which truth.tsv says nothing."""
    return sorted(name for name in set(os.listdir(CAPTURES)) - told_of
                  if name not in ("README", "examples") and
                  not name.startswith("lync-") and  # tests/recipes/lync
                  not name.endswith(SECRETS))


def main():
    todo = stories()
    print("1..%d" % (len(todo) + 1))
    for number, story in enumerate(todo, 1):
        why = list(differences(*story))
        print("%s %d - %s is told as it was"
              % ("not ok" if why else "ok", number, story[0]))
        for line in why:
            print("# " + line)
        sys.stdout.flush()
    left = untold({story[0] for story in todo})
    print("%s %d - every capture has its story"
          % ("not ok" if left else "ok", len(todo) + 1))
    for name in left:
        print("# " + name)


if __name__ == "__main__":
    main()
