"""mrascope check under pytest: a test for each case of the suite."""
import json
import os
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("MRASCOPE", "mrascope")
SUITE = os.environ.get("SUITE", os.path.join(HERE, "suite.yaml"))


def results():
    done = subprocess.run([PROGRAM, "check", "-f", "json", SUITE],
                          capture_output=True, text=True, check=False)
    if not done.stdout:
        pytest.fail(done.stderr, pytrace=False)
    return json.loads(done.stdout)["results"]


@pytest.mark.parametrize("result", results(), ids=lambda r: r["name"])
def test_call(result):
    wrong = ["%s: %s\n%s" % (c["name"], c["message"], c.get("diff", ""))
             for c in result["checks"] if not c["passed"]]
    if result["outcome"] == "skip":
        pytest.skip(result["reason"])
    if result["outcome"] in ("xfail", "quarantine"):
        pytest.xfail(result["reason"])
    if result["outcome"] != "pass":
        pytest.fail("\n".join(wrong) or result["reason"], pytrace=False)
