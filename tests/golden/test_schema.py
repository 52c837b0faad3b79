#!/usr/bin/env python3
"""Every analysis fits its schema, holds together, and tells no password (TAP).

All bundled captures and, where ../shared/captures exists, all that lie there.
Names of files as arguments: only these.  So does every line of mrascope live.
"""
import concurrent.futures
import glob
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

import document

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SCHEMA = os.path.join(TOP, "schema", "mrascope.analysis-1.schema.json")
EVENT_SCHEMA = os.path.join(TOP, "schema", "mrascope.event-1.schema.json")
SHARED = os.path.join(TOP, os.pardir, "shared", "captures")
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
SECONDS_MAX = 120
ROWS_MAX = 40  # of one list that the schema sees; all are held together
WRONG_MAX = 10
ANY = os.path.join(TOP, "tests", "golden", "log-inputs", "server.log")

try:
    import jsonschema
except ImportError:
    jsonschema = None


# Watched as if they were just being written.
WATCHED = ("call-over-relay-established.pcapng", "register-ok.pcap",
           "allocate-over-tcp-ok.pcap", "call-declined-603.pcap",
           "checks-without-signalling-established.pcap")


def captures():
    for folder in ("captures", os.path.join("tests", "golden", "inputs"),
                   os.path.join("tests", "golden", "log-inputs")):
        for path in sorted(glob.glob(os.path.join(TOP, folder, "*"))):
            if os.path.isfile(path) and not path.endswith(
                    ("README", ".keys", ".pem")):
                yield path
    for folder in ("real", "recorded"):
        for path in sorted(glob.glob(os.path.join(SHARED, folder, "**", "*"),
                                     recursive=True)):
            if path.endswith((".pcap", ".pcapng", ".cap", ".gz", ".ntar",
                              ".erf", ".snoop", ".zst", ".lz4")):
                yield path


def sample(analysis):
    """What is repeated a thousand times is as good as its first and last."""
    small = dict(analysis)
    for name, rows in analysis.items():
        if isinstance(rows, list) and len(rows) > ROWS_MAX:
            small[name] = rows[:ROWS_MAX // 2] + rows[-ROWS_MAX // 2:]
    return small


class Checker:
    def __init__(self):
        with open(SCHEMA, encoding="utf-8") as f:
            schema = json.load(f)
        kind = jsonschema.Draft202012Validator
        kind.check_schema(schema)
        self.validator = kind(schema)

    def analyse(self, path):
        done = subprocess.run(
            [PROGRAM, "analyze", "-q", "-f", "json"] +
            ["--events"] * path.endswith(".xml") + [path] +
            # Events are no capture: they stand beside one.
            [ANY] * path.endswith(".xml"),
            stdin=subprocess.DEVNULL, capture_output=True,
            timeout=SECONDS_MAX, check=False)
        return done.stdout.decode("utf-8")

    def wrong(self, path):
        """Lines that say what is wrong with the analysis of a capture."""
        text = self.analyse(path)
        if not text:
            return ["no document"]
        analysis = json.loads(text)
        wrong = ["%s: %s" % (e.json_path, e.message[:200])
                 for e in self.validator.iter_errors(sample(analysis))]
        if not wrong:
            wrong = document.faults(analysis)
        with open(path, "rb") as f:
            wrong += ["tells a password" for s in
                      document.secrets_in(f.read()) if s in text]
        return wrong


def wrong_events():
    """Lines that say what is wrong with what mrascope live tells."""
    with open(EVENT_SCHEMA, encoding="utf-8") as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    wrong, endings = [], set()
    for name in WATCHED:
        with open(os.path.join(TOP, "captures", name), "rb") as f:
            done = subprocess.run(
                [PROGRAM, "live", "-q", "--follow", "-"], input=f.read(),
                capture_output=True, timeout=SECONDS_MAX, check=False)
        for line in done.stdout.decode("utf-8").splitlines():
            event = json.loads(line)
            endings.add((event["kind"], event.get("ending")))
            wrong += ["%s: %s" % (name, e.message[:200])
                      for e in validator.iter_errors(event)]
    for wanted in (("call", "hung-up"), ("call", "refused"),
                   ("registration", "removed"), ("attempt", "released"),
                   ("ice", None), ("registration", None)):
        if wanted not in endings:
            wrong.append("no %s %s" % wanted)
    return wrong


CHECKER = Checker() if jsonschema else None


def wrong(path):
    try:
        return CHECKER.wrong(path)
    except (subprocess.TimeoutExpired, ValueError) as e:
        return [str(e)]


def main():
    if not CHECKER:
        print("1..0 # SKIP no python3-jsonschema")
        return
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("Bail out! no program at %s; set MRASCOPE" % PROGRAM)
    paths = sys.argv[1:] or list(captures())
    events = [] if sys.argv[1:] else [wrong_events]
    print("1..%d" % (len(paths) + len(events)))
    with concurrent.futures.ProcessPoolExecutor() as pool:
        results = pool.map(wrong, paths, chunksize=4)
        for number, (path, lines) in enumerate(zip(paths, results), 1):
            print("%s %d - %s" % ("not ok" if lines else "ok", number,
                                  os.path.relpath(path, TOP)))
            for line in lines[:WRONG_MAX]:
                print("# " + line)
            sys.stdout.flush()
    for number, lines in enumerate([e() for e in events], len(paths) + 1):
        print("%s %d - live" % ("not ok" if lines else "ok", number))
        for line in lines[:WRONG_MAX]:
            print("# " + line)


if __name__ == "__main__":
    main()
