#!/usr/bin/env python3
"""Whole calls of Lync in lync/*.recipe: five stages, outcome, root cause,
integrity; the same where the capture does not show the signalling but the
client's log does, in another time zone; with the log alone, or a trace of the
Front End; and again without any signalling, with as much as the rest still
tells (TAP).  Patterns of names as arguments run only
these.  So, too, what a capture at the Edge alone tells, whose signalling is
inside of TLS: edge/*.recipe.

Lines of a recipe that tell what must come out:

    #: stages STATE STATE STATE STATE STATE
    #: outcome WORD
    #: cause ID         of the catalogue, first of the verdict; none without
    #: clean            no finding but information; no-error: warnings, too
    #: no-key           the evidence does not hold the token: integrity of TURN
                        is unchecked; verified otherwise
    #: alone ID         the cause where a log is all there is, and what packets
                        prove is told by a client only; nothing: none
    #: alone-stages STATE ...   the five of a log alone
    #: bare KIND OUTCOME GATHERING PROBING [CAUSE]
                        of the same without SIP

and of edge/*:

    #: is KIND OUTCOME GATHERING PROBING [CAUSE]
                        with the client's token and without; with it each
                        integrity of TURN is verified
"""
import fnmatch
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import test_rules as recipes

FOLDER = os.path.join(recipes.HERE, "lync")
STAGES = ("registration", "token", "gathering", "exchange", "probing")
ALLOWED = {"clean": ("info",), "no-error": ("info", "warning"),
           None: ("info", "warning", "error")}


def told(path):
    with open(path, encoding="utf-8") as f:
        return {w[0]: w[1:] for w in (line[2:].split() for line in f
                                      if line.startswith("#:"))}


def without_sip(path, work):
    """The same story when nobody can read its signalling."""
    out, skipping = [], False
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("\t"):
                skipping = line.startswith("sip ")
            if not skipping and not line.startswith("#"):
                out.append(line)
    bare = os.path.join(work, os.path.basename(path) + ".bare")
    with open(bare, "w", encoding="utf-8") as f:
        f.writelines(out)
    return bare


def with_log(path, work, *by):
    with open(path, encoding="utf-8") as f:
        lines = recipes.with_log(f.read().split("\n"), *by)
    logged = os.path.join(work, "-".join((os.path.basename(path),) + by +
                                         ("logged",)))
    with open(logged, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))
    return logged


def analysed(path, work, logs_only=False):
    folder = os.path.join(work, os.path.basename(path) + ".d")
    os.mkdir(folder)
    subprocess.run([recipes.MKCAPTURE, path,
                    os.path.join(folder, "made.pcapng")], check=True,
                   capture_output=True, text=True)
    made = sorted(os.path.join(folder, name) for name in os.listdir(folder)
                  if not (logs_only and name.endswith(".pcapng")))
    run = subprocess.run(
        [recipes.PROGRAM, "analyze", "-q", "-f", "json"] + made,
        capture_output=True, text=True, check=False, timeout=60)
    if run.returncode not in (0, 3):  # 3: nothing to judge
        run.check_returncode()
    return json.loads(run.stdout)


def states(call):
    return [stage["state"] for stage in call["stages"]]


def causes(call):
    return [cause["id"] for cause in call["verdict"]["causes"]]


def unproved(call):
    """Causes without frames, a remedy, or somebody who can mend it."""
    return ["cause %s: no frames, stage, remedy or helper" % cause["id"]
            for cause in call["verdict"]["causes"]
            if not all(cause[key] for key in ("frames", "stage", "remedy",
                                              "who"))]


def wrong_integrity(analysis, no_key):
    """Nothing bad; unchecked only where the key is not in the evidence."""
    rows = [("allocation", a["integrity"]) for a in analysis["allocations"]]
    rows += [("pair", p["integrity"]) for c in analysis["calls"]
             for p in c["pairs"]]
    return ["integrity of %s: %s" % (kind, counts) for kind, counts in rows
            if counts["bad"] or counts["no-key-fits"] or
            (counts["unchecked"] and
             not (no_key and kind == "allocation"))]


def test_logged(path, work):
    return test_whole(path, work, with_log(path, work))


def test_whole(path, work, recipe=None):
    want = told(path)
    analysis = analysed(recipe or path, work)
    if len(analysis["calls"]) != 1:
        return ["%d calls" % len(analysis["calls"])]
    call = analysis["calls"][0]
    bad = [] if states(call) == want["stages"] else \
        ["stages are " + " ".join(states(call))]
    if [call["verdict"]["outcome"]] != want["outcome"]:
        bad.append("outcome is " + call["verdict"]["outcome"])
    if causes(call)[:1] != want.get("cause", []):
        bad.append("causes are %s" % causes(call))
    allowed = ALLOWED[next((w for w in ("clean", "no-error") if w in want),
                           None)]
    bad += ["found: " + f["rule"] for f in analysis["findings"]
            if f["severity"] not in allowed]
    bad += unproved(call)
    return bad + wrong_integrity(analysis, "no-key" in want)


def test_alone(path, work):
    """No packets: the log of the client, or a trace of the Front End, which
    is called fe."""
    want, bad = told(path), []
    for by in (("uccapi", "alice"), ("cls", "fe")):
        analysis = analysed(with_log(path, work, *by), work, True)
        if len(analysis["calls"]) != 1:
            bad.append("%s: %d calls" % (by[0], len(analysis["calls"])))
            continue
        call = analysis["calls"][0]
        if [call["verdict"]["outcome"]] != want["outcome"]:
            bad.append("%s: outcome is %s" % (by[0],
                                              call["verdict"]["outcome"]))
        if states(call) != want["alone-stages"]:
            bad.append("%s: stages are %s" % (by[0], " ".join(states(call))))
        if causes(call)[:1] != want.get("alone", want.get("cause", [])):
            bad.append("%s: causes are %s" % (by[0], causes(call)))
        bad += ["%s: %s" % (by[0], why) for why in unproved(call)]
    return bad


def test_bare(path, work):
    want = told(path)["bare"]
    analysis = analysed(without_sip(path, work), work)
    if not analysis["calls"]:
        return [] if want == ["nothing"] else ["nothing is seen"]
    call = analysis["calls"][0]
    got = [call["kind"], call["verdict"]["outcome"],
           states(call)[STAGES.index("gathering")],
           states(call)[STAGES.index("probing")]] + causes(call)[:1]
    return unproved(call) + ([] if got == want else ["it is " + " ".join(got)])


TOKEN = ("AgAAJKCkQAAB3Hr0pHIGu4Le0y+Xk8mfSUAiQMxKri4AAAAAfw8/5ad75El7TUsEgh"
         "nGwybC8js=", "rmvImkNBiHxU9cY6YX683jtqTgE=")


def test_edge(path, work):
    want = told(path)["is"]
    made = os.path.join(work, os.path.basename(path) + ".pcapng")
    keys = os.path.join(work, "token")
    with open(keys, "w", encoding="ascii") as f:
        f.write("base64:%s\trtcmedia\tbase64:%s\n" % TOKEN)
    subprocess.run([recipes.MKCAPTURE, path, made], check=True,
                   capture_output=True, text=True)
    bad = []
    for options in ([], ["--credentials", keys]):
        run = subprocess.run(
            [recipes.PROGRAM, "analyze", "-q", "-f", "json", *options, made],
            capture_output=True, text=True, check=True, timeout=60)
        analysis = json.loads(run.stdout)
        call = analysis["calls"][0]
        got = [call["kind"], call["verdict"]["outcome"],
               states(call)[STAGES.index("gathering")],
               states(call)[STAGES.index("probing")]] + causes(call)[:1]
        bad += [] if got == want else ["it is " + " ".join(got)]
        bad += ["%d calls" % len(analysis["calls"])] \
            if len(analysis["calls"]) != 1 else []
        bad += unproved(call)
    for call in analysis["calls"]:
        call["pairs"] = []  # their passwords are inside of TLS
    return bad + wrong_integrity(analysis, "no-key" in told(path))


def test_bundled(work):
    """What captures/ holds of them is what their recipes make."""
    folder, bad = os.path.join(recipes.TOP, "captures"), []
    for name in sorted(os.listdir(folder)):
        if not name.startswith("lync-"):
            continue
        recipe = name[len("lync-"):].rsplit("-", 1)[0] + ".recipe"
        made = os.path.join(work, name)
        subprocess.run([recipes.MKCAPTURE, os.path.join(FOLDER, recipe),
                        made], check=True, capture_output=True, text=True)
        with open(made, "rb") as a, open(os.path.join(folder, name),
                                         "rb") as b:
            if a.read() != b.read():
                bad.append("%s is not what %s makes" % (name, recipe))
    return bad


def main():
    names = sorted(name for name in os.listdir(FOLDER)
                   if name.endswith(".recipe"))
    with tempfile.TemporaryDirectory() as work:
        tests = [(name, test_whole) for name in names]
        tests += [(name + ", its signalling in a log", test_logged)
                  for name in names]
        tests += [(name + ", a log alone", test_alone) for name in names]
        tests += [(name + ", without its signalling", test_bare)
                  for name in names]
        edge = os.path.join(recipes.HERE, "edge")
        tests += [("edge/" + name, test_edge) for name in
                  sorted(os.listdir(edge))]
        tests.append(("bundled captures are made from recipes",
                      lambda path, work: test_bundled(work)))
        chosen = [t for t in tests if not sys.argv[1:] or
                  any(fnmatch.fnmatch(t[0], p) for p in sys.argv[1:])]
        print("1..%d" % len(chosen))
        for number, (name, test) in enumerate(chosen, 1):
            path = os.path.join(recipes.HERE if name.startswith("edge/")
                                else FOLDER, name.split(",")[0])
            try:
                why = test(path, work)
            except subprocess.CalledProcessError as e:
                why = [str(e.stderr).strip()]
            print("%s %d - %s" % ("not ok" if why else "ok", number, name))
            for line in why:
                print("# " + line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
