"""Programs in the namespaces of net.sh: start, wait for, drive and stop.

Every wait has an end, and every program is stopped by its process id.
"""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = "203.0.113.5"
SERVER6 = "2001:db8::5"
PASSWORDS = {"alice": "wonderland", "bob": "builder"}
RTP_PORTS = {"alice": "20000-20100", "bob": "30000-30100"}
CLONE_NEWNET = 0x40000000
# Neighbours and routers of IPv6 are noise, its unreachable ports are not.
NOISE = "arp or (udp port 5353) or ip6 proto 0 or (icmp6 and ip6[40] > 127)"


class Failed(Exception):
    """Something did not happen in its time."""


def on(network):
    """Marks a scene with the network of net.sh that it is played on."""
    def mark(scene):
        scene.network = network
        return scene
    return mark


def tells(outcome, *rules, cause=None):
    """Marks a scene with what whoever knows the protocols expects mrascope to
    say: the outcome, findings, among them all that are errors, and words of
    the cause; held by `told`."""
    def mark(scene):
        scene.told = outcome, rules, cause
        return scene
    return mark


class Lab:
    """The programs of one scene and their folder."""

    def __init__(self, prefix, folder, network):
        self.prefix = prefix
        self.folder = folder
        self.network = network
        self.programs = []
        os.makedirs(folder)

    def __enter__(self):
        self.net("up", self.network)
        return self

    def __exit__(self, *_):
        """Nobody gets long: a baresip would wait for the answer to BYE."""
        for program in self.programs:
            if program.poll() is None:
                program.terminate()
        end = time.monotonic() + 2
        for program in self.programs:
            self.reap(program, max(0, end - time.monotonic()))
        self.net("down")

    def net(self, verb, *network):
        subprocess.run([os.path.join(HERE, "net.sh"), verb, self.prefix,
                        *network], check=True)

    def rules(self, space, text):
        """Packet filter rules: the wire loses, or a firewall bars."""
        subprocess.run(["ip", "netns", "exec", f"{self.prefix}-{space}",
                        "nft", "-f", "-"], input=text, text=True, check=True)

    def slow_wire(self, user, delay_ms, jitter_ms=0, loss=0.0):
        """From here on between a host and the hub; not every kernel can."""
        hub = f"{self.prefix}-hub"
        for words in (
                ["link", "set", f"to-{user}", "nomaster"],
                ["link", "add", f"far-{user}", "type", "veth", "peer", "name",
                 f"near-{user}"],
                ["link", "set", f"far-{user}", "master", "br0", "up"],
                ["link", "set", f"near-{user}", "up"]):
            subprocess.run(["ip", "-n", hub, *words], check=True)
        program = self.start("hub", f"wire-{user}.log", "/usr/bin/python3",
                             os.path.join(HERE, "slow_wire.py"), f"to-{user}",
                             f"near-{user}", str(delay_ms), str(jitter_ms),
                             str(loss))
        self.wait_for_log(f"wire-{user}.log", "wire is up")
        return program

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, space, log, *command):
        """Starts a program; `ip netns exec` becomes it, so the id is its."""
        with open(self.path(log), "w", encoding="utf-8") as output:
            program = subprocess.Popen(
                ["ip", "netns", "exec", f"{self.prefix}-{space}", *command],
                stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, cwd=self.folder,
                env={**os.environ, "HOME": self.folder})
        self.programs.append(program)
        return program

    @staticmethod
    def reap(program, seconds):
        try:
            program.wait(seconds)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def log(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for_log(self, name, pattern, seconds=10):
        def seen():
            return re.search(pattern, self.log(name))
        self.wait_until(seen, seconds, f"/{pattern}/ in {name}",
                        lambda: self.log(name)[-2000:])

    def wait_for_port(self, program, protocol, port, seconds=10):
        """Until somebody in the program's namespace is bound to the port."""
        def bound():
            path = f"/proc/{program.pid}/net/{protocol}"
            with contextlib.suppress(OSError), open(path) as table:
                return re.search(f":{port:04X} 0+:0000 ", table.read())
            return False
        self.wait_until(bound, seconds, f"{protocol} port {port}")

    @staticmethod
    def wait_until(condition, seconds, what, more=lambda: ""):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"no {what} within {seconds} s\n{more()}")
            time.sleep(0.02)

    def connect(self, space, port):
        """A socket belongs to the namespace of the thread that makes it."""
        libc = ctypes.CDLL(None, use_errno=True)
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.prefix}-{space}", os.O_RDONLY)
        try:
            if libc.setns(there, CLONE_NEWNET) != 0:
                raise Failed(os.strerror(ctypes.get_errno()))
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        finally:
            libc.setns(home, CLONE_NEWNET)
            os.close(home)
            os.close(there)

    @contextlib.contextmanager
    def capture(self, space, name, precision="micro", interface="eth0"):
        """Records what passes the interface, or "any", while the body runs."""
        log = f"tcpdump-{space}.log"
        program = self.start(
            space, log, "tcpdump", "-i", interface, "-n", "-U", "-s0",
            "-Z", "root", "--immediate-mode", "--time-stamp-precision",
            precision, "-w", self.path(name + ".pcap"), f"not ({NOISE})")
        self.wait_for_log(log, "listening on")
        yield
        time.sleep(0.3)
        program.send_signal(signal.SIGINT)
        self.reap(program, 5)

    def sipp(self, space, log, *arguments):
        """SIPp; its scenario files are in the folder sipp."""
        return self.start(space, log, "sipp", "-nostdin", *arguments)

    def finished(self, program, log, seconds=30, status=0):
        try:
            ended = program.wait(seconds)
        except subprocess.TimeoutExpired:
            ended = "no"
        if ended != status:
            raise Failed(f"{log}: {ended} instead of status {status}\n"
                         + self.log(log)[-2000:])

    def kamailio(self, *defines):
        """With what kamailio.cfg makes of these names, if any."""
        program = self.start(
            "server", "kamailio.log", "kamailio", "-DD", "-E", "-m", "32",
            "-M", "8", "-f", os.path.join(HERE, "kamailio.cfg"),
            *(word for name in defines for word in ("-A", name)),
            "-Y", self.folder, "-w", self.folder)
        self.wait_for_port(program, "udp", 5060)

    def coturn(self, *credentials, both_families=False, secure=(), more=(),
               relayed=SERVER):
        """With the long-term credentials of the users, or others; `secure`:
        options for TLS and DTLS, which are off without; `more`: others;
        `relayed`: whose ports it gives out."""
        second = [SERVER6] if both_families else []
        addresses = zip([SERVER] + second, [relayed] + second)
        users = credentials or ["-a"] + [
            word for user, password in PASSWORDS.items()
            for word in ("-u", f"{user}:{password}")]
        program = self.start(
            "server", "coturn.log", "turnserver", "-n", "--no-cli",
            *(secure or ("--no-tls", "--no-dtls")), "--log-file=stdout",
            "--simple-log", "-v", "--pidfile", self.path("coturn.pid"),
            "--userdb", self.path("turndb"), "-r", "lab.example",
            *(word for near, far in addresses
              for word in ("-L", near, "-E", far)), *users, *more)
        self.wait_for_port(program, "udp", 3478)
        # bound is not yet served: the threads come up after it
        self.wait_for_log("coturn.log", "admin thread")
        return program


class Baresip:
    """One baresip, driven over its control port (JSON in netstrings)."""

    def __init__(self, lab, user, **account):
        self.lab = lab
        self.user = user
        self.events = []
        self.buffer = b""
        folder = lab.path(user)
        os.makedirs(folder)
        shutil.copy(os.path.join(HERE, "baresip.conf"), f"{folder}/config")
        with open(f"{folder}/config", "a", encoding="utf-8") as config:
            config.write(f"rtp_ports\t\t{RTP_PORTS[user]}\n")
            config.write(self.more_config())
        with open(f"{folder}/accounts", "w", encoding="utf-8") as accounts:
            accounts.write(self.account(**account) + "\n")
        with open(f"{folder}/contacts", "w", encoding="utf-8"):
            pass
        self.program = lab.start(user, f"{user}.log", *self.program_name(),
                                 "-4", "-v", "-f", folder)
        lab.wait_for_port(self.program, "tcp", 4444)
        self.control = lab.connect(user, 4444)

    def program_name(self):
        """What to start; others have something to put before it."""
        return ["baresip"]

    def more_config(self):
        return ""

    def account(self, sip_password=None, turn_password=None, nat="turn",
                more=()):
        """nat: None, "ice" (host candidates only), "stun" or "turn"; `more`
        words win over those that stand here."""
        password = PASSWORDS[self.user]
        words = [
            f"<sip:{self.user}@lab.example;transport=udp>",
            f"auth_user={self.user}",
            f"auth_pass={sip_password or password}",
            f'outbound="sip:{SERVER};transport=udp"',
            "regint=60", "audio_codecs=PCMA", "answermode=manual"]
        if nat:
            words.append("medianat=ice")
        if nat in ("stun", "turn"):
            words.append(f'stunserver="{nat}:{SERVER}"')
        if nat == "turn":
            words += [f"stunuser={self.user}",
                      f"stunpass={turn_password or password}"]
        names = [word.partition("=")[0] for word in more]
        return ";".join([word for word in words
                         if word.partition("=")[0] not in names] + list(more))

    def wait_registered(self):
        self.lab.wait_for_log(f"{self.user}.log", r"200 OK \(.*\[1 binding\]")

    def command(self, name, params=""):
        text = json.dumps({"command": name, "params": params}).encode()
        self.control.sendall(b"%d:%s," % (len(text), text))

    def wait(self, kind, seconds=10):
        """Takes events until one of this kind comes."""
        end = time.monotonic() + seconds
        while True:
            while (message := self.take()) is None:
                self.control.settimeout(max(0.01, end - time.monotonic()))
                self.receive(kind)
            if message.get("event"):
                self.events.append(message["type"])
                if message["type"] == kind:
                    return message

    def receive(self, kind):
        try:
            data = self.control.recv(65536)
        except TimeoutError:
            data = b""
        if not data:
            raise Failed(f"{self.user}: no {kind}, only {self.events}\n"
                         + self.lab.log(f"{self.user}.log")[-2000:])
        self.buffer += data

    def take(self):
        """The next whole netstring of the buffer as an object, or None."""
        size, colon, rest = self.buffer.partition(b":")
        if not colon or len(rest) <= int(size):
            return None
        self.buffer = rest[int(size) + 1:]
        return json.loads(rest[:int(size)])

    def quit(self):
        self.command("quit")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.program.wait(5)
