"""What the tests of mrascope check share: running it, and captures."""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("builddir", os.path.join(TOP, "build"))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE",
                                         os.path.join(BUILD, "mrascope")))
MAKER = os.path.join(BUILD, "mkcapture")
CAPTURES = os.path.join(TOP, "captures")
SECONDS_MAX = 120

# A call with two pairs that work; the first is nominated.
CALL = """\
host alice 192.0.2.10
host bob 192.0.2.20
sip alice:5060 bob:5060 INVITE 1
	sdp alice:5000 ice=aaaa host srflx=alice:5001
sip bob:5060 alice:5060 180 1 INVITE
sip bob:5060 alice:5060 200 1 INVITE
	sdp bob:6000 ice=bbbb host
sip alice:5060 bob:5060 ACK 1 tag
check alice:5000 bob:6000 1 aaaa bbbb ice-controlling=1
answer bob:6000 alice:5000 1 bbbb
check alice:5001 bob:6000 2 aaaa bbbb ice-controlling=1
answer bob:6000 alice:5001 2 bbbb
check alice:5000 bob:6000 3 aaaa bbbb ice-controlling=1 use-candidate
answer bob:6000 alice:5000 3 bbbb
rtp alice:5000 bob:6000 ssrc=1
rtp bob:6000 alice:5000 ssrc=2
rtp alice:5000 bob:6000 ssrc=1
rtp bob:6000 alice:5000 ssrc=2
wait 1s
sip alice:5060 bob:5060 BYE 2 tag
sip bob:5060 alice:5060 200 2 BYE
"""


class Folder:
    """A folder for one test."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory()
        self.path = self.holder.name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.cleanup()

    def at(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        mode = "wb" if isinstance(text, bytes) else "w"
        with open(self.at(name), mode) as f:
            f.write(text)
        return self.at(name)

    def read(self, name):
        with open(self.at(name), encoding="utf-8") as f:
            return f.read()

    def make(self, name, recipe):
        """A capture from a recipe."""
        path = self.write("recipe", recipe)
        subprocess.run([MAKER, path, self.at(name)], check=True,
                       stdin=subprocess.DEVNULL)
        return self.at(name)

    def run(self, *arguments, env=None):
        """(status, standard output, standard error) of mrascope here."""
        done = subprocess.run([PROGRAM] + list(arguments), cwd=self.path,
                              env=dict(os.environ, **(env or {})),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=SECONDS_MAX, check=False)
        return (done.returncode, done.stdout.decode("utf-8", "replace"),
                done.stderr.decode("utf-8", "replace"))

    def json(self, *arguments):
        return json.loads(self.run(*arguments)[1])


class Failed(Exception):
    pass


def want(condition, *what):
    if not condition:
        raise Failed("\n".join(str(w) for w in what) or "it does not hold")


def run_test(test):
    """Why it is skipped, or None; and why it failed, or nothing."""
    try:
        with Folder() as folder:
            return test(folder), ""
    except (Failed, subprocess.SubprocessError, OSError, ValueError,
            KeyError, IndexError, TypeError) as e:
        return None, "%s: %s" % (type(e).__name__, e)


def run_tests(tests, jobs=1):
    """Runs functions as TAP, so many side by side; one returns why it is
    skipped, or None."""
    sys.dont_write_bytecode = True
    chosen = [t for t in tests
              if not sys.argv[1:] or t.__name__ in sys.argv[1:]]
    print("1..%d" % len(chosen))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(run_test, chosen)
        failed = say_results(chosen, results)
    sys.exit(failed != 0)


def say_results(chosen, results):
    failed = 0
    for number, (test, (skip, why)) in enumerate(zip(chosen, results), 1):
        failed += bool(why)
        print("%s %d - %s%s" % ("not ok" if why else "ok", number,
                                test.__name__,
                                " # SKIP " + skip if skip else ""))
        for line in why.split("\n") if why else []:
            print("# " + line)
        sys.stdout.flush()
    return failed
