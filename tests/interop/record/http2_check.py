#!/usr/bin/env python3
"""Holds analyses of what `http2` recorded, NAME.json here for each name on
standard input, against what the programs did."""
import json
import sys

failed = 0


def hold(name, truth, what):
    global failed
    failed += not truth
    print("%s %s: %s" % ("ok" if truth else "NOT OK", name, what))


def stage(call, number):
    return call["stages"][number]["state"]


for name in sys.stdin.read().split():
    with open(name + ".json", encoding="utf-8") as f:
        found = json.load(f)
    calls = [c for c in found["calls"] if c["candidates"]]
    call = calls[0] if calls else None
    hold(name, len(calls) == 1, "one call")
    hold(name, not [f["rule"] for f in found["findings"]
                    if "http2" in f["rule"]], "all is read")
    if not call:
        continue
    hold(name, stage(call, 3) == "ok", "offer and answer")
    kinds = {c["type"] for c in call["candidates"]}
    if name.startswith("curl"):
        hold(name, "srflx" in kinds, "the candidate that came later")
    if name == "chromium":
        hold(name, call["verdict"]["outcome"] == "established",
             "established")
        hold(name, found["counts"]["sip"] == 2,
             "SIP over a WebSocket in a stream")
sys.exit(failed != 0)
