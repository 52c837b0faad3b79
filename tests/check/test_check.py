#!/usr/bin/env python3
"""mrascope check: goldens, assertions, outcomes, what a change is told as,
and that the same input gives the same bytes (TAP)."""
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the source tree may be read-only

from support import CALL, CAPTURES, PROGRAM, TOP, run_tests, want


def bundled(folder, *names):
    for name in names:
        shutil.copy(os.path.join(CAPTURES, name), folder.path)


def golden_of(folder, recipe=CALL):
    folder.make("call.pcapng", recipe)
    status, out, err = folder.run("check", "--update", "call.pcapng")
    want(status == 0, out, err)


def after(folder, recipe):
    """What check says when the capture has become this."""
    folder.make("call.pcapng", recipe)
    return folder.run("check", "call.pcapng")


def replaced(old, new):
    want(old in CALL, "no such line: " + old)
    return CALL.replace(old, new, 1)


# ---- goldens ----

def golden_is_written_and_held(folder):
    golden_of(folder)
    text = folder.read("call.expect")
    want('"schema": "mrascope.golden/1"' in text)
    want("2026-" not in text, "a time of day is in the golden")
    want(folder.path not in text, "a path is in the golden")
    status, out, err = folder.run("check", "call.pcapng")
    want(status == 0 and "1 case: 1 passed" in out, out, err)


def update_touches_only_what_changed(folder):
    golden_of(folder)
    os.utime(folder.at("call.expect"), (1000, 1000))
    folder.run("check", "--update", "call.pcapng")
    want(os.stat(folder.at("call.expect")).st_mtime == 1000)
    folder.make("call.pcapng", replaced("180 1 INVITE", "183 1 INVITE"))
    status, out, _ = folder.run("check", "--update", "call.pcapng")
    want(status == 0 and "renewed" in out, out)
    want(os.stat(folder.at("call.expect")).st_mtime != 1000)


def golden_of_damaged_capture_is_not_written(folder):
    path = folder.make("call.pcapng", CALL)
    with open(path, "rb") as f:
        data = f.read()
    folder.write("call.pcapng", data[:-10])
    status, out, err = folder.run("check", "--update", ".")
    want(status == 3, status, out, err)
    want(not os.path.exists(folder.at("call.expect")))


def golden_of_other_form_fails(folder):
    folder.make("call.pcapng", CALL)
    folder.write("call.expect", '{"schema": "mrascope.golden/0"}')
    status, out, _ = folder.run("check", ".")
    want(status == 1 and "not of this form" in out, out)


# ---- what a change is told as ----

def changed_reply_code_is_named(folder):
    golden_of(folder)
    status, out, _ = after(folder, replaced("180 1 INVITE", "183 1 INVITE"))
    want(status == 1, status)
    want("-dialogs > call-1 > messages > SIP/2.0 180 Ringing" in out, out)
    want("+dialogs > call-1 > messages > SIP/2.0 183" in out, out)


def changed_verdict_comes_first(folder):
    golden_of(folder)
    recipe = "\n".join(
        line.replace("200 1 INVITE", "486 1 INVITE")
        for line in CALL.split("\n")[:8] if "sdp bob" not in line) + "\n"
    status, out, _ = after(folder, recipe)
    line = [l for l in out.split("\n") if "not ok" in l][0]
    want(status == 1 and "verdict > outcome is rejected" in line, out)


def delayed_answer_is_named(folder):
    golden_of(folder)
    status, out, _ = after(folder, replaced(
        "answer bob:6000 alice:5001 2", "wait 3s\nanswer bob:6000 alice:5001 2"
    ))
    want(status == 1, status)
    want("3.000 s later" in out, out)
    want("192.0.2.10:5001 - 192.0.2.20:6000 > rtt_ms" in out, out)


def delayed_reply_is_named(folder):
    golden_of(folder)
    status, out, _ = after(folder, replaced(
        "sip bob:5060 alice:5060 200 1",
        "wait 3s\nsip bob:5060 alice:5060 200 1"))
    want(status == 1, status)
    line = [l for l in out.split("\n") if "not ok" in l][0]
    want("3.000 s later" in line, out)
    want("later" in out and "SIP/2.0 200 OK" in out, out)


def dropped_direction_is_named(folder):
    golden_of(folder)
    recipe = "\n".join(line for line in CALL.split("\n")
                       if not line.startswith("rtp bob")) + "\n"
    status, out, _ = after(folder, recipe)
    line = [l for l in out.split("\n") if "not ok" in l][0]
    want(status == 1, status)
    want("192.0.2.20:6000 > 192.0.2.10:5000" in out and "vanished" in line,
         out)


def swapped_pair_is_named(folder):
    golden_of(folder)
    status, out, _ = after(
        folder, replaced("check alice:5000 bob:6000 3",
                         "check alice:5001 bob:6000 3")
        .replace("answer bob:6000 alice:5000 3",
                 "answer bob:6000 alice:5001 3"))
    line = [l for l in out.split("\n") if "not ok" in l][0]
    want(status == 1, status)
    want("192.0.2.10:5000 - 192.0.2.20:6000 > selected is false" in line, out)
    want("+pairs > 192.0.2.10:5001 - 192.0.2.20:6000 > selected: true" in out,
         out)


# ---- assertions ----

GOOD = """\
captures: call.pcapng
calls: 1
verdict: established
stages: {exchange: ok, probing: [ok, inferred], token: unneeded}
candidates: {host: {at_least: 2}}
media: {packets: {at_least: 2}}
findings: {absent: [probing/no-pair, gathering/*, {severity: error}]}
fail_on: never
expect:
  - {of: calls.stages, where: {stage: probing}, path: duration_ms, below: 1 s}
  - {of: calls.stages, path: duration_ms, take: p95, at_most: 2 s}
  - {over: call, path: verdict.confidence, exists: true}
  - {of: calls.media, path: lost, per: packets, at_most: 1 %}
  - {of: calls.pairs, where: {selected: true}, path: offer_address,
     matches: "^192[.]0[.]2[.]10:"}
  - {of: calls.dialogs.messages, where: {line: {contains: INVITE}},
     take: count, at_least: 1}
"""


def assertions_hold(folder):
    folder.make("call.pcapng", CALL)
    folder.write("call.expect", GOOD)
    status, out, err = folder.run("check", "call.pcapng")
    want(status == 0, out, err)
    results = folder.json("check", "-f", "json", "call.expect")["results"]
    want(len(results[0]["checks"]) >= 15, results)


def each_assertion_can_fail(folder):
    folder.make("call.pcapng", CALL)
    for old, new, name in (
            ("calls: 1", "calls: 2", "calls"),
            ("verdict: established", "verdict: failed", "verdict"),
            ("exchange: ok", "exchange: failed", "stage exchange"),
            ("at_least: 2}}\nmedia", "at_least: 9}}\nmedia",
             "candidates host"),
            ("packets: {at_least: 2}", "packets: {at_least: 999}",
             "media packets"),
            ("below: 1 s", "below: 1 us", "calls.stages.duration_ms"),
            ("at_most: 2 s", "at_most: 1 us", "calls.stages.duration_ms"),
            ("^192", "^193", "calls.pairs.offer_address"),
            ("contains: INVITE", "contains: PUBLISH",
             "calls.dialogs.messages"),
            ("absent: [probing/no-pair", "present: [probing/no-pair], "
             "absent: [probing/no-pair", "finding probing/no-pair")):
        want(old in GOOD, old)
        folder.write("call.expect", GOOD.replace(old, new, 1))
        status, out, err = folder.run("check", "call.pcapng")
        want(status == 1 and "not ok  %s: " % name in out, new, out, err)


def what_is_misspelt_is_an_error(folder):
    folder.make("call.pcapng", CALL)
    for old, new in (("calls: 1", "cals: 1"),
                     ("verdict: established", "verdict: establishd"),
                     ("exchange: ok", "exchnge: ok"),
                     ("exchange: ok", "exchange: okay"),
                     ("candidates: {host", "candidates: {hots"),
                     ("media: {packets", "media: {packet"),
                     ("probing/no-pair", "probing/no-pare"),
                     ("severity: error", "severty: error"),
                     ("severity: error", "severity: errors"),
                     ("path: duration_ms", "path: duration"),
                     ("below: 1 s", "belo: 1 s"),
                     ("below: 1 s", "below: 1 parsec"),
                     ("take: p95", "take: p195"),
                     ("over: call", "over: cal"),
                     ("per: packets", "per: packet"),
                     ('"^192[', '"^192['[:-1] + "[["),
                     ("fail_on: never", "fail_on: sometimes"),
                     ("fail_on: never", "fail_on: never\nfail_on: never"),
                     ("fail_on: never", "quarantine: {until: soon}"),
                     ("expect:", "expect: [")):
        want(old in GOOD, old)
        folder.write("call.expect", GOOD.replace(old, new, 1))
        status, out, err = folder.run("check", "call.pcapng")
        want(status == 2 and "call.expect:" in err, new, status, out, err)


def captures_that_are_no_texts_are_an_error(folder):
    for captures in ("[1]", "[{capture: call.pcapng}]", "[[call.pcapng]]"):
        for form in "captures: %s\n", "cases:\n  - captures: %s\n":
            folder.write("suite.yaml", form % captures)
            status, out, err = folder.run("check", "suite.yaml")
            want(status == 2 and "suite.yaml:" in err, captures, status, out,
                 err)


def nothing_to_judge_does_not_pass(folder):
    folder.make("call.pcapng", CALL)
    folder.write("call.expect", "expect:\n  - {of: tokens, path: state, "
                                "is: ok}\n")
    status, out, _ = folder.run("check", ".")
    want(status == 1 and "there is nothing to judge" in out, out)


def names_that_cannot_stand_in_results_are_refused(folder):
    made = folder.make("call.pcapng", CALL)
    os.mkdir(folder.at("f"))
    shutil.copy(made, os.fsencode(folder.at("f")) + b"/\xff.pcapng")
    for path in "f", os.fsdecode(b"f/\xff.pcapng"):
        status, _, err = folder.run("check", path)
        want(status == 2 and "not UTF-8" in err, status, err)


def what_cannot_be_written_is_an_error(folder):
    folder.make("call.pcapng", CALL)
    os.mkdir(folder.at("call.expect"))
    status, out, _ = folder.run("check", "--update", "call.pcapng")
    want(status == 3 and "cannot write: Is a directory" in out and
         "golden: written" not in out, status, out)
    status, _, err = folder.run("check", "-f", "junit=/dev/full",
                                "call.pcapng")
    want(status == 3 and "cannot write: No space" in err, status, err)
    status, _, err = folder.run("check", "-f", "junit=no/where",
                                "call.pcapng")
    want(status == 2 and "No such file" in err, status, err)
    for words in ("--help",), ("--version",), ("completion", "bash"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, *words], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        want(done.returncode == 3 and b"No space" in done.stderr, words, done)


# ---- outcomes ----

def skipping_all_does_not_pass(folder):
    folder.make("call.pcapng", CALL)
    folder.write("call.expect", "skip: not today\nverdict: established\n")
    status, out, _ = folder.run("check", ".")
    want(status == 3 and "nothing was judged" in out, status, out)


def nothing_expected_is_skipped(folder):
    folder.make("call.pcapng", CALL)
    status, out, _ = folder.run("check", "--fail-on", "never", ".")
    want(status == 3 and "skip " in out, status, out)


def folder_without_captures_does_not_pass(folder):
    status, _, err = folder.run("check", ".")
    want(status == 3, status, err)


def truncated_capture_never_passes(folder):
    path = folder.make("call.pcapng", CALL)
    folder.write("call.expect", "calls: 1\n")
    want(folder.run("check", ".")[0] == 0)
    with open(path, "rb") as f:
        data = f.read()
    folder.write("call.pcapng", data[:-10])
    for extra in ([], ["--fail-on", "never"]):
        status, out, _ = folder.run("check", *extra, ".")
        want(status == 3 and "ERROR" in out, status, out)


def expected_failures_and_quarantine(folder):
    folder.make("call.pcapng", CALL)
    folder.write("call.expect", "verdict: failed\nxfail: known bug\n")
    status, out, _ = folder.run("check", ".")
    want(status == 0 and "xfail " in out, status, out)
    folder.write("call.expect", "verdict: established\nxfail: known bug\n")
    status, out, _ = folder.run("check", ".")
    want(status == 1 and "XPASS" in out, status, out)
    folder.write("call.expect", "verdict: failed\nquarantine: {until: "
                                "2026-12-01, reason: flaky relay}\n")
    day = {"SOURCE_DATE_EPOCH": "1796040000"}  # 2026-11-30
    status, out, _ = folder.run("check", ".", env=day)
    want(status == 0 and "hold " in out, status, out)
    day = {"SOURCE_DATE_EPOCH": "1796126400"}  # 2026-12-01
    status, out, _ = folder.run("check", ".", env=day)
    want(status == 1 and "FAIL" in out, status, out)


FAILING = """\
host alice 192.0.2.10
host relay 192.0.2.30
stun alice:5000 relay:3478 allocate 1
stun relay:3478 alice:5000 allocate-error 1 error-code=401
stun alice:5000 relay:3478 allocate 2 login=alice:example.org:wrong
stun relay:3478 alice:5000 allocate-error 2 error-code=401
"""


def error_findings_fail_and_baseline_accepts(folder):
    folder.make("call.pcapng", FAILING)
    status, out, _ = folder.run("check", "call.pcapng")
    want(status == 1 and "is not expected" in out, status, out)
    status, _, err = folder.run("check", "--write-baseline", "base.yaml",
                                "call.pcapng")
    status, out, err = folder.run("check", "--baseline", "base.yaml",
                                  "call.pcapng")
    want(status == 0, out, err, folder.read("base.yaml"))
    folder.write("base.yaml", "accepted:\n  - key: x\n    reason: y\n")
    status, _, err = folder.run("check", "--baseline", "base.yaml",
                                "call.pcapng")
    want(status == 2 and "base.yaml:2:" in err, status, err)


def suite_judges_over_all(folder):
    folder.make("a.pcapng", CALL)
    folder.make("b.pcapng", replaced("sip bob:5060 alice:5060 200 1",
                                     "wait 3s\nsip bob:5060 alice:5060 200 1"))
    suite = """\
cases:
  - {name: first, captures: a.pcapng, verdict: established}
  - {name: second, captures: [b.pcapng], verdict: established}
expect:
  - {over: suite, of: calls.stages, where: {stage: exchange},
     path: duration_ms, take: max, at_most: %s}
  - {over: suite, of: calls, take: count, is: 2}
"""
    folder.write("suite.yaml", suite % "4 s")
    status, out, err = folder.run("check", "suite.yaml")
    want(status == 0, out, err)
    folder.write("suite.yaml", suite % "2 s")
    status, out, err = folder.run("check", "suite.yaml")
    want(status == 1 and "max is 3" in out, out, err)


def analysis_that_takes_too_long_is_given_up(folder):
    os.mkfifo(folder.at("slow.pcap"))
    folder.make("a.pcapng", CALL)
    folder.write("suite.yaml", "cases:\n  - {captures: slow.pcap, calls: 1}\n"
                 "  - {captures: a.pcapng, calls: 1}\n")
    status, out, _ = folder.run("check", "-j", "1", "--timeout", "5",
                                "suite.yaml")
    want(status == 4 and "given up after 5 s" in out, status, out)
    want("1 passed, 1 in error" in out, "the other case was lost", out)


# ---- the same again ----

def results_are_the_same_bytes(folder):
    bundled(folder, "call-over-host-established.pcap", "register-ok.pcap",
            "call-cancelled-487.pcap", "call-over-relay-established.pcapng",
            "allocate-wrong-password-failed.pcap")
    folder.write("register-ok.expect", "calls: 7\n")
    seen = set()
    for number in range(100):
        env = {"LC_ALL": ("C", "tr_TR.UTF-8")[number % 2],
               "TZ": ("UTC", "Pacific/Auckland")[number // 2 % 2]}
        jobs = ("1", "8")[number // 4 % 2]
        form = ("json", "junit", "text", "sarif")[number // 8 % 4]
        status, out, err = folder.run("check", "-j", jobs, "-f", form, ".",
                                      env=env)
        seen.add((form, status, out, err))
    want(len(seen) == 4, "%d different results of 4 forms" % len(seen))


def cache_judges_only_what_changed(folder):
    golden_of(folder)
    first = folder.run("check", "--cache", "kept", ".")
    want(first[0] == 0 and os.listdir(folder.at("kept")), first)
    kept = folder.at("kept/results-2.json")
    # On a slow machine the times of files may have come to count meanwhile,
    # which is noted once for each.
    for _ in range(4):
        stamp = os.stat(kept).st_mtime_ns
        want(folder.run("check", "--cache", "kept", ".") == first)
        if os.stat(kept).st_mtime_ns == stamp:
            break
    else:
        want(False, "each run judged again")
    status, out, _ = after(folder, replaced("180 1 INVITE", "183 1 INVITE"))
    cached = folder.run("check", "--cache", "kept", "call.pcapng")
    want(status == 1 and cached[0] == 1, cached)
    folder.make("call.pcapng", CALL)
    text = folder.read("call.expect")
    folder.write("call.expect", text.replace("established", "failed", 1))
    want(folder.run("check", "--cache", "kept", ".")[0] == 1,
         "a changed golden was not seen")


def cache_goes_by_contents_where_times_differ(folder):
    """Files that look as they did are not read; others are, and one with the
    same bytes is known; one with other bytes is not, whatever its time."""
    golden_of(folder)
    folder.run("check", "--cache", "kept", ".")
    time.sleep(3.1)  # past what could change within a tick of the clock
    folder.run("check", "--cache", "kept", ".")
    files = json.loads(folder.read("kept/results-2.json"))["files"]
    want("./call.pcapng" in files and "./call.expect" in files, files)
    results = json.loads(folder.read("kept/results-2.json"))["results"]
    os.utime(folder.at("call.pcapng"), (1000, 1000))
    want(folder.run("check", "--cache", "kept", ".")[0] == 0)
    want(json.loads(folder.read("kept/results-2.json"))["results"] ==
         results, "other times made it judge again")
    folder.make("call.pcapng", replaced("180 1 INVITE", "183 1 INVITE"))
    os.utime(folder.at("call.pcapng"), (1000, 1000))
    want(folder.run("check", "--cache", "kept", ".")[0] == 1,
         "changed bytes with the old time were not seen")
    folder.write("kept/results-2.json", '{"files": [1], "results": "x"}')
    want(folder.run("check", "--cache", "kept", ".")[0] == 1,
         "a damaged cache")


def the_engine_may_be_left_out(folder):
    """Also where the cache knows what was found with it."""
    recipe = os.path.join(TOP, "tests/recipes/engine-lifetime-wrong.hit")
    with open(recipe, encoding="utf-8") as f:
        folder.make("call.pcapng", f.read())
    common = ["check", "-q", "--fail-on", "warning", "--cache", "kept"]
    folder.write("call.expect", "calls: 1\n")
    for when, want_status in (("on", 1), ("off", 0), ("on", 1)):
        done = folder.run(*common, "--engine", when, ".")
        want(done[0] == want_status, when, done)
    want("engine/lifetime-wrong" in done[1], done)


def is_sanitized():
    with open(PROGRAM, "rb") as f:
        return b"__asan_init" in f.read()


def thousand_captures_are_quick(folder):
    source = os.path.join(CAPTURES, "call-over-udp-established.pcap")
    for number in range(1000):
        shutil.copy(source, folder.at("c%04d.pcap" % number))
        folder.write("c%04d.expect" % number, "verdict: established\n")
    def judged():
        """(seconds that passed, seconds of processors)."""
        begun, used = time.monotonic(), sum(os.times()[2:4])
        status, out, err = folder.run("check", "-q", "--cache", "kept", ".")
        want(status == 0, out, err)
        return time.monotonic() - begun, sum(os.times()[2:4]) - used

    first, second = judged(), judged()
    print("# 1000 captures: %.2f s (of processors %.2f s), again %.2f s "
          "(%.2f s)" % (first + second))
    # Of processors: what else the machine does is not to fail it.
    if not is_sanitized():
        want(first[1] < 2 * 5 and second[1] < 0.5, first, second)


TESTS = [golden_is_written_and_held, update_touches_only_what_changed,
         golden_of_damaged_capture_is_not_written, golden_of_other_form_fails,
         changed_reply_code_is_named, changed_verdict_comes_first,
         delayed_answer_is_named, delayed_reply_is_named,
         dropped_direction_is_named, swapped_pair_is_named, assertions_hold,
         each_assertion_can_fail, what_is_misspelt_is_an_error,
         captures_that_are_no_texts_are_an_error,
         nothing_to_judge_does_not_pass,
         names_that_cannot_stand_in_results_are_refused,
         what_cannot_be_written_is_an_error, skipping_all_does_not_pass,
         nothing_expected_is_skipped, folder_without_captures_does_not_pass,
         truncated_capture_never_passes, expected_failures_and_quarantine,
         error_findings_fail_and_baseline_accepts, suite_judges_over_all,
         analysis_that_takes_too_long_is_given_up,
         results_are_the_same_bytes, cache_judges_only_what_changed,
         cache_goes_by_contents_where_times_differ,
         the_engine_may_be_left_out, thousand_captures_are_quick]

if __name__ == "__main__":
    run_tests(TESTS)
