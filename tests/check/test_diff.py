#!/usr/bin/env python3
"""mrascope diff: what must differ between two runs does not count, what else
differs is named (TAP)."""
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

from support import CALL, run_tests, want

# The same scenario, another run: what programs make up is different.
AGAIN = "wait 1234ms\n" + CALL.replace("aaaa", "cccc").replace(
    "bbbb", "dddd").replace(":5000", ":41000").replace(
        ":5001", ":41001").replace(":6000", ":42000").replace(
            "ssrc=1", "ssrc=77").replace("ssrc=2", "ssrc=78").replace(
                "INVITE 1\n", "INVITE 1 call=other-id from-tag=zzzz\n"
            ).replace("1 INVITE\n", "1 INVITE call=other-id from-tag=zzzz\n"
                      ).replace("ACK 1 tag", "ACK 1 tag call=other-id "
                                "from-tag=zzzz").replace(
                    "BYE 2 tag", "BYE 2 tag call=other-id from-tag=zzzz"
                ).replace("200 2 BYE", "200 2 BYE call=other-id "
                          "from-tag=zzzz")


def another_run_is_no_difference(folder):
    folder.make("a.pcapng", CALL)
    folder.make("b.pcapng", AGAIN)
    status, out, err = folder.run("diff", "a.pcapng", "b.pcapng")
    want(status == 0 and "no difference" in out, status, out, err)
    want("exchange" in out and "established" in out, out)
    # In the words of the report, not in those of JSON.
    want("not needed" in out and "unneeded" not in out, out)


def differs(folder, old, new, *says):
    want(old in AGAIN, old)
    folder.make("a.pcapng", CALL)
    folder.make("b.pcapng", AGAIN.replace(old, new))
    status, out, err = folder.run("diff", "a.pcapng", "b.pcapng")
    want(status == 1, status, out, err)
    for text in says:
        want(text in out, text, out)


def reply_that_changed_is_named(folder):
    differs(folder, "180 1 INVITE", "183 1 INVITE",
            "-dialogs > call > messages > SIP/2.0 180",
            "+dialogs > call > messages > SIP/2.0 183")


def stage_that_slowed_is_named(folder):
    differs(folder, "sip bob:5060 alice:5060 200 1",
            "wait 3s\nsip bob:5060 alice:5060 200 1",
            "-duration_ms: 40", "+duration_ms: 3040")


def direction_that_vanished_is_named(folder):
    differs(folder, "rtp bob", "rtp alice:41000 bob:42000 ssrc=9\n# ",
            "-media > ")


def pair_that_was_swapped_is_named(folder):
    differs(folder, "check alice:41000 bob:42000 3",
            "check bob:42000 alice:41000 3", "> why: nominated",
            "> why: in use, as what it carries shows")


def golden_is_held_exactly(folder):
    folder.make("a.pcapng", CALL)
    folder.run("check", "--update", "a.pcapng")
    want(folder.run("diff", "a.expect", "a.pcapng")[0] == 0)
    folder.make("a.pcapng", CALL.replace("180 1", "183 1"))
    status, out, _ = folder.run("diff", "a.expect", "a.pcapng")
    want(status == 1 and "SIP/2.0 183" in out, out)


def two_calls_of_one_capture(folder):
    folder.make("a.pcapng", CALL)
    folder.make("b.pcapng", AGAIN.replace("180 1 INVITE", "183 1 INVITE"))
    folder.make("c.pcapng", CALL + "wait 60s\n" + AGAIN.replace(
        "180 1 INVITE", "183 1 INVITE").replace(
            "host alice 192.0.2.10\nhost bob 192.0.2.20\n", ""))
    status, out, err = folder.run("diff", "-c", "1", "-c", "2", "c.pcapng")
    want(status == 1 and "SIP/2.0 183" in out, out, err)
    want("verdict" in out and "-verdict" not in out, out)


def json_says_the_same(folder):
    folder.make("a.pcapng", CALL)
    folder.make("b.pcapng", AGAIN.replace("180 1 INVITE", "183 1 INVITE"))
    status, out, _ = folder.run("diff", "-f", "json", "a.pcapng", "b.pcapng")
    document = json.loads(out)
    want(status == 1 and document["schema"] == "mrascope.diff/1")
    want(document["differs"] is True)
    kinds = {(d["section"], d["kind"]) for d in document["differences"]}
    want(kinds == {("exchange", "vanished"), ("exchange", "appeared")}, out)


def folders_are_compared_by_figures(folder):
    for name in ("a", "b"):
        os.mkdir(folder.at(name))
    for number in range(4):
        folder.make("a/%d.pcapng" % number, CALL)
    shutil.copytree(folder.at("a"), folder.at("c"))
    status, out, _ = folder.run("diff", "a", "c")
    want(status == 0 and "no difference" in out, status, out)
    for number in range(4):
        folder.make("b/%d.pcapng" % number, CALL.replace(
            "sip bob:5060 alice:5060 200 1",
            "wait 3s\nsip bob:5060 alice:5060 200 1"))
    status, out, _ = folder.run("diff", "a", "b")
    line = [l for l in out.split("\n") if "exchange p95" in l]
    want(status == 1 and line and line[0].startswith("!"), out)


def what_cannot_be_compared_is_usage(folder):
    folder.make("a.pcapng", CALL)
    os.mkdir(folder.at("b"))
    for arguments in (["a.pcapng"], ["a.pcapng", "a.pcapng", "a.pcapng"],
                      ["--fail-on", "error", "a.pcapng", "a.pcapng"]):
        want(folder.run("diff", *arguments)[0] == 2, arguments)
    want(folder.run("diff", "a.pcapng", "missing.pcap")[0] == 3)
    want(folder.run("diff", "-c", "9", "a.pcapng", "a.pcapng")[0] == 3)


def what_is_damaged_is_compared_as_far_as_it_goes(folder):
    folder.make("a.pcapng", CALL)
    with open(folder.at("a.pcapng"), "rb") as whole:
        data = whole.read()
    with open(folder.at("b.pcapng"), "wb") as cut:
        cut.write(data[:-300])
    status, out, err = folder.run("diff", "b.pcapng", "b.pcapng")
    want(status == 3 and "no difference" in out, status, out, err)
    status, out, err = folder.run("diff", "a.pcapng", "b.pcapng")
    want(status == 3 and "BYE sip:bob" in out, status, out, err)


TESTS = [another_run_is_no_difference, reply_that_changed_is_named,
         stage_that_slowed_is_named, direction_that_vanished_is_named,
         pair_that_was_swapped_is_named, golden_is_held_exactly,
         two_calls_of_one_capture, json_says_the_same,
         folders_are_compared_by_figures, what_cannot_be_compared_is_usage,
         what_is_damaged_is_compared_as_far_as_it_goes]

if __name__ == "__main__":
    run_tests(TESTS)
