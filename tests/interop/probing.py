"""What the tests of mrascope probe share: servers, and what a probe says."""
import contextlib
import functools
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "check"))
sys.path.insert(0, HERE)
from serving import free_port  # noqa: E402
from support import TOP, want  # noqa: E402

ALICE = ["--credential", "alice::wonder"]
SECRET = "north"
COTURN = shutil.which("turnserver") or \
    shutil.which("turnserver", path="/usr/sbin")
# Relays of each turnserver are its own, and no port that the system chooses:
# it shares what others have.  Scripts run beside each other.
RELAYS = itertools.count(
    61000 if sys.argv[0].endswith("test_probe.py") else 63000, 100)


def expired_certificate(folder, name):
    key, cert, asked = (folder.at(n) for n in ("old.key", "old.pem", "asked"))
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", asked, "-subj", "/CN=" + name],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", asked, "-signkey", key,
                    "-days", "-1", "-out", cert],
                   check=True, capture_output=True)
    return key, cert


def certificate(folder, name):
    key, cert = folder.at("key.pem"), folder.at("cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=DNS:%s" % name],
                   check=True, capture_output=True)
    return key, cert


class Coturn:
    """A turnserver of its own on loopback; its port in `port`."""

    def __init__(self, folder, *more, hosts=("127.0.0.1",), rest=False):
        self.port = free_port(hosts[0], 3)
        self.tls = self.port + 2
        self.host = hosts[0]
        relays = next(RELAYS)
        command = [COTURN, "-n", "--listening-port=%d" % self.port,
                   "--alt-listening-port=%d" % (self.port + 1),
                   "--tls-listening-port=%d" % self.tls,
                   "--min-port=%d" % relays, "--max-port=%d" % (relays + 99),
                   "--relay-ip=" + hosts[0], "--realm=example.org",
                   "--no-cli", "--simple-log", "--no-multicast-peers",
                   "--allow-loopback-peers",
                   "--pidfile=" + folder.at("pid"),
                   "--log-file=" + folder.at("log"),
                   "--userdb=" + folder.at("db")]
        command += ["--listening-ip=" + host for host in hosts]
        command += ["--use-auth-secret", "--static-auth-secret=" + SECRET] \
            if rest else ["--lt-cred-mech", "--user=alice:wonder"]
        self.out = open(folder.at("out"), "wb")
        self.process = subprocess.Popen(
            command + list(more), cwd=folder.path, stdin=subprocess.DEVNULL,
            stdout=self.out, stderr=subprocess.STDOUT)

    def __enter__(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection((self.host, self.port), 1).close()
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__()
        raise OSError("turnserver does not start")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.out.close()

    def at(self):
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s:%d" % (host, self.port)


def probe(folder, *arguments):
    """(status, document) of a probe."""
    status, out, err = folder.run("probe", "-f", "json", *arguments)
    want(out, "no document", status, err)
    document = json.loads(out)
    hold_schema(document)
    return status, document


@functools.lru_cache
def validator(name):
    """One of a schema that is fine itself; None without jsonschema."""
    try:
        import jsonschema
    except ImportError:
        return None
    path = os.path.join(TOP, "schema", "mrascope.%s-1.schema.json" % name)
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def hold_schema(document):
    for name, part in (("probe", document), ("analysis",
                                             document["analysis"])):
        if part is not None and validator(name):
            broken = next(validator(name).iter_errors(part), None)
            want(broken is None, name, broken)


def steps(server):
    """One letter a step."""
    letters = {"ok": "k", "failed": "x", "untried": ".", "unneeded": "-",
               "needs-credentials": "n"}
    return "".join(letters[s["state"]] for s in server["steps"])


def trouble(server):
    found = [s["trouble"] for s in server["steps"] if s["trouble"]]
    return found[-1] if found else None


def ids(document):
    return sorted((f["rule"], f["key"]) for f in document["findings"])


def hold_analysis(folder, found, recording, *keys):
    """What was recorded is, to analyze, what the probe had said of it."""
    again = folder.json("analyze", "-f", "json", recording, *keys)
    want(ids(again) == ids(found["analysis"]), ids(again),
         ids(found["analysis"]))


def errors(document):
    return [f["rule"] for f in document["analysis"]["findings"]
            if f["severity"] == "error"]


class Answers(threading.Thread):
    """A TCP server that says this to whoever says something; or what it makes
    of that."""

    def __init__(self, what):
        super().__init__(daemon=True)
        self.what = what
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                one, _ = self.socket.accept()
                with one:
                    asked = one.recv(4000)
                    one.sendall(self.what(asked) if callable(self.what)
                                else self.what)
                    time.sleep(0.2)
