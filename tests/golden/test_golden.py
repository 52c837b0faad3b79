#!/usr/bin/env python3
"""A command and what it must say: one folder a case (TAP).

	cmd	the arguments after `mrascope`, as for a shell
	out	expected standard output
	err	expected standard error; without it there must be none
	status	expected exit status; without it 0

The commands run from the top of the source tree.  $WORK is a folder for this
run, and an input there is made by making.py just before it is needed.  Of a
case whose name ends in -json the output is kept by key, see by_key.py.  Names
of cases as arguments run only these (shell patterns will do); with --update
their expectations are written anew: look at the difference before you keep
it.

The whole analyses of the bundled captures are held by mrascope check itself:
analyses.yaml, with a golden for each in analyses/.  The name analyses stands
for all of them, and so does one that ends in -json and is no case here.
"""
import difflib
import fnmatch
import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only

import by_key
import making

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
SECONDS_MAX = 60
SUITE = os.path.join("tests", "golden", "analyses.yaml")
ANALYSES = "analyses"
PARTS = ("out", "err", "status")
DIFF_LINES_MAX = 60


def read(case, part):
    path = os.path.join(HERE, case, part)
    if not os.path.exists(path):
        return {"status": "0\n"}.get(part, "")
    with open(path, encoding="utf-8", newline="") as f:
        return f.read()


def write(case, part, text):
    path = os.path.join(HERE, case, part)
    if text == {"status": "0\n"}.get(part, "") and part != "out":
        if os.path.exists(path):
            os.remove(path)
        return
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)


def run(case, work):
    """What the command of a case says, by part."""
    line = read(case, "cmd").replace("$WORK", work)
    arguments = shlex.split(line, comments=True)
    for argument in arguments:
        if os.path.dirname(argument) == work:
            making.make(argument)
    environment = dict(os.environ, TZ="UTC", LC_ALL="C", NO_COLOR="1")
    done = subprocess.run([PROGRAM] + arguments, cwd=TOP, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=SECONDS_MAX, check=False)
    parts = {"out": done.stdout, "err": done.stderr,
             "status": b"%d\n" % done.returncode}
    parts = {part: text.decode("utf-8", "backslashreplace")
             .replace(work, "$WORK") for part, text in parts.items()}
    if case.endswith("-json"):
        parts["out"] = by_key.text(parts["out"])
    return parts


def differences(case, got):
    lines = []
    for part in PARTS:
        lines += difflib.unified_diff(
            read(case, part).splitlines(), got[part].splitlines(),
            "expected " + part, "got " + part, lineterm="", n=2)
    if len(lines) > DIFF_LINES_MAX:
        more = len(lines) - DIFF_LINES_MAX
        lines = lines[:DIFF_LINES_MAX] + ["... and %d lines more" % more]
    if not lines and any(read(case, part) != got[part] for part in PARTS):
        lines = ["only the ends of lines differ"]
    return lines


def test(case, work):
    """Lines that say why it failed; none when it passed."""
    if case == ANALYSES:
        return test_analyses()
    try:
        return differences(case, run(case, work))
    except subprocess.TimeoutExpired:
        return ["takes more than %d seconds" % SECONDS_MAX]


def update(case, work):
    if case == ANALYSES:
        check("--update")
        print("git diff shows what differs in tests/golden/analyses")
        return
    got = run(case, work)
    for line in differences(case, got):
        print(line)
    for part in PARTS:
        write(case, part, got[part])


def check(*options):
    """What mrascope check says of the analyses: status, text."""
    done = subprocess.run([PROGRAM, "check", *options, SUITE], cwd=TOP,
                          env=dict(os.environ, TZ="UTC", LC_ALL="C",
                                   NO_COLOR="1"),
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=SECONDS_MAX, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def test_analyses():
    """Lines that say why it failed; none when it passed."""
    status, text = check("-q")
    lines = text.rstrip("\n").split("\n")
    if len(lines) > DIFF_LINES_MAX:
        more = len(lines) - DIFF_LINES_MAX
        lines = lines[:DIFF_LINES_MAX] + ["... and %d lines more" % more]
    return lines if status else []


def chosen(patterns):
    cases = sorted(name for name in os.listdir(HERE)
                   if os.path.exists(os.path.join(HERE, name, "cmd")))
    if not patterns:
        return cases + [ANALYSES]
    found = [case for case in cases
             if any(fnmatch.fnmatch(case, p) for p in patterns)]
    if ANALYSES in patterns or any(p.endswith("-json") for p in patterns):
        found.append(ANALYSES)
    return found


def main():
    arguments = sys.argv[1:]
    updating = "--update" in arguments
    patterns = [a for a in arguments if a != "--update"]
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("Bail out! no program at %s; set MRASCOPE" % PROGRAM)
    if updating and not patterns:
        sys.exit("which cases?")
    cases = chosen(patterns)
    if not updating:
        print("1..%d" % len(cases))
    with tempfile.TemporaryDirectory() as work:
        for number, case in enumerate(cases, 1):
            if updating:
                update(case, work)
                continue
            why = test(case, work)
            print("%s %d - %s" % ("not ok" if why else "ok", number, case))
            for line in why:
                print("# " + line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
