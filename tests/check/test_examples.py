#!/usr/bin/env python3
"""The examples of captures/examples do what they say (TAP)."""
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

from support import CAPTURES, PROGRAM, run_tests, want

EXAMPLES = os.path.join(CAPTURES, "examples")


def suite_passes(folder):
    status, out, err = folder.run("check", os.path.join(EXAMPLES,
                                                        "suite.yaml"))
    want(status == 0 and "5 cases: 5 passed" in out, status, out, err)


def suite_fails_when_a_capture_is_another(folder):
    with open(os.path.join(EXAMPLES, "suite.yaml"), encoding="utf-8") as f:
        text = f.read().replace("../", CAPTURES + "/")
    folder.write("suite.yaml", text.replace("call-over-relay-established.pcap"
                                            "ng", "call-no-pair-failed.pcap"))
    status, out, _ = folder.run("check", "suite.yaml")
    want(status == 1 and "FAIL   a call over the relay" in out, out)


def with_pytest():
    """A Python that has it: this one, or Debian's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run(
                [python, "-c", "import pytest"], capture_output=True,
                check=False).returncode == 0:
            return python
    return None


def pytest_runs_each_case(_):
    python = with_pytest()
    if not python:
        return "no pytest"
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         EXAMPLES], env=dict(os.environ, MRASCOPE=PROGRAM,
                             PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True, text=True, check=False)
    want(done.returncode == 0 and "5 passed" in done.stdout, done.stdout,
         done.stderr)
    return None


def commands_have_only_options_that_exist(folder):
    usage = folder.run("check", "--help")[1]
    known = set(re.findall(r"--[a-z-]+", usage)) | {"-f"}
    for name in ("github.yml", "gitlab.yml"):
        with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
            text = f.read()
        command = re.search(r"mrascope check ([^#]*?suite\.yaml)", text)
        want(command, name)
        words = command.group(1).split()
        for word in words:
            want(not word.startswith("-") or word in known, name, word)
        for form in re.findall(r"-f ([a-z]+)", command.group(1)):
            status, _, err = folder.run("check", "-f", form + "=x",
                                        os.path.join(EXAMPLES, "suite.yaml"))
            want(status == 0, form, err)


def pipelines_are_yaml(_):
    try:
        import yaml
    except ImportError:
        return "no yaml for Python"
    for name in ("github.yml", "gitlab.yml", "suite.yaml"):
        with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
            want(isinstance(yaml.safe_load(f), dict), name)
    return None


TESTS = [suite_passes, suite_fails_when_a_capture_is_another,
         pytest_runs_each_case, commands_have_only_options_that_exist,
         pipelines_are_yaml]

if __name__ == "__main__":
    run_tests(TESTS)
