#!/usr/bin/env python3
"""What mrascope probe makes of servers that refuse, forget, swallow or keep
silent, and that its recording says the same to mrascope analyze (TAP)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "check"))
sys.path.insert(0, HERE)
from answers import ALLOCATE, BINDING, PERMIT, REFRESH, Answers  # noqa: E402
import serving  # noqa: E402
from support import run_tests, want  # noqa: E402
from test_probe import ALICE, hold_analysis, probe, steps  # noqa: E402

# Seconds to wait for what is not said; what is said may be late.
PATIENCE = "3"

# What is said; the steps (connect, secure, Binding, Allocate, peer, permission,
# echo, channel, echo, release); the trouble of the first that failed; rules that
# the recording must break.
ROWS = [
    ({ALLOCATE: 437}, "--kx......", "allocation-lost",
     {"gathering/address-in-use"}),
    ({ALLOCATE: 441}, "--kx......", "credentials",
     {"gathering/wrong-credentials"}),
    ({ALLOCATE: 486}, "--kx......", "quota", {"gathering/quota-reached"}),
    ({ALLOCATE: 508}, "--kx......", "capacity", {"gathering/no-capacity"}),
    ({ALLOCATE: 403}, "--kx......", "forbidden", {"gathering/refused"}),
    ({ALLOCATE: 440}, "--kx......", "family", {"gathering/family-refused"}),
    ({ALLOCATE: 500}, "--kx......", "server-error", {"gathering/refused"}),
    ({ALLOCATE: 420}, "--kx......", "error", {"gathering/refused"}),
    ({ALLOCATE: 401}, "--kx......", "credentials",
     {"gathering/wrong-credentials"}),
    ({ALLOCATE: 438}, "--kx......", "stale-nonce",
     {"gathering/stale-nonce-loop"}),
    ({ALLOCATE: 300}, "--kx......", "redirects", {"gathering/redirected"}),
    ({ALLOCATE: None}, "--kx......", "unanswered-later", set()),
    ({BINDING: None}, "--x.......", "unanswered", set()),
    ({PERMIT: 403}, "--kkx....k", "peer-forbidden",
     {"gathering/peer-refused"}),
    ({PERMIT: 437}, "--kkkx...k", "allocation-lost",
     {"gathering/allocation-lost"}),
    ({PERMIT: None}, "--kkkx...k", "unanswered-later", set()),
    # All is granted, and nothing comes back.
    ({}, "--kkkkx..k", "echo-lost", set()),
    ({REFRESH: 437}, "--kkkkx..x", "echo-lost", set()),
    # The first port was taken: another one gets further.
    ({ALLOCATE: [437, 0]}, "--kkkkx..k", "echo-lost",
     {"gathering/address-in-use"}),
]


def first_trouble(server):
    return [s["trouble"] for s in server["steps"] if s["trouble"]][0]


def judged(says, shape, trouble, rules):
    def test(folder):
        with Answers(dict(says)) as server:
            server.alternate = ("127.0.0.1", server.port)
            status, found = probe(
                folder, "turn:127.0.0.1:%d" % server.port, *ALICE,
                "--timeout", PATIENCE, "--record", "r.pcapng")
            clients = len(server.clients)
        one, = found["servers"]
        want(status == 1 and one["state"] == "failed", status)
        want(steps(one) == shape, steps(one), one["steps"])
        want(first_trouble(one) == trouble, one["steps"])
        want(clients < 8, clients)
        got = {f["rule"] for f in found["analysis"]["findings"]}
        want(rules <= got, got)
        # A password that no server took is no key: 401 is no fault of theirs.
        keys = [] if trouble == "credentials" else ALICE
        hold_analysis(folder, found, "r.pcapng", *keys)
        if says == {ALLOCATE: 401}:
            want("engine/refused-wrongly" not in got, got)
        return None

    names = {ALLOCATE: "allocate", BINDING: "binding", PERMIT: "permission",
             REFRESH: "refresh"}
    said = ["%s_%s" % (names[method], str(code).strip("[]"))
            for method, code in says.items()] or ["all_is_granted"]
    test.__name__ = "%s_is_%s" % (said[0].replace(", ", "_").lower(),
                                  trouble.replace("-", "_"))
    return test


def another_key_is_no_answer(folder):
    with Answers({}, password="other") as server:
        status, found = probe(folder, "turn:127.0.0.1:%d" % server.port,
                              *ALICE, "--timeout", PATIENCE)
    want(status == 1 and first_trouble(found["servers"][0]) == "unproved",
         found["servers"])


def the_table_fits(folder):
    with Answers({ALLOCATE: 486}) as server:
        at = "turn:127.0.0.1:%d" % server.port
        status, plain, _ = folder.run("probe", at, *ALICE)
        colored = folder.run("probe", at, *ALICE, "--color", "always")[1]
    want(status == 1)
    wide = [line for line in plain.split("\n") if len(line) > 80]
    want(not wide, wide)
    want("\033" not in plain and "\033[31mFAIL\033[0m" in colored, colored)
    want("Allocate: this user has too many allocations (486 as told)"
         in plain and "No way works." in plain, plain)


if __name__ == "__main__":
    serving.alone()
    run_tests([judged(*row) for row in ROWS] +
              [another_key_is_no_answer, the_table_fits], jobs=8)
