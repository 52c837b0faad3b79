#!/usr/bin/env python3
"""`mrascope serve` as such: configuration, metrics, giving up root, behaviour
discovery, and broken packets: $MRASCOPE_MUTANTS of them, else a hundred
thousand.  Prints TAP."""
import hashlib
import hmac
import json
import os
import random
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serving  # noqa: E402

COOKIE = bytes.fromhex("2112a442")
BINDING, ALLOCATE, REFRESH, PERMISSION, CHANNEL = 1, 3, 4, 8, 9
NAME, PASSWORD, REALM = b"dave", b"hal", b"lab.example"
MUTANTS = int(os.environ.get("MRASCOPE_MUTANTS", "100000"))
STRANGERS = 20000
FLOOD = os.environ.get("MRASCOPE_FLOOD", "./mrascope-flood")


def attribute(number, value):
    return struct.pack("!HH", number, len(value)) + value + \
        bytes(-len(value) % 4)


def message(method, *attributes, key=None):
    body = b"".join(attributes)
    head = struct.pack("!HH", method, len(body)) + COOKIE + os.urandom(12)
    if not key:
        return head + body
    head = head[:2] + struct.pack("!H", len(body) + 24) + head[4:]
    return head + body + attribute(
        8, hmac.new(key, head + body, hashlib.sha1).digest())


def attributes_of(packet, padded=True):
    at, found = 20, {}
    while at + 4 <= len(packet):
        number, n = struct.unpack_from("!HH", packet, at)
        found.setdefault(number, packet[at + 4:at + 4 + n])
        at += 4 + n + (-n % 4 if padded else 0)
    return found


def ask(s, to, packet, timeout=60):
    """The answer to a request, or None."""
    s.settimeout(timeout)
    s.sendto(packet, to)
    try:
        while True:
            answer, where = s.recvfrom(4096)
            if answer[4:20] == packet[4:20]:
                return answer, where
    except OSError:
        return None


class Client:
    def __init__(self, to):
        self.to = to
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.key = hashlib.md5(b":".join((NAME, REALM, PASSWORD))).digest()
        first = ask(self.socket, to, message(
            ALLOCATE, attribute(0x19, b"\x11\0\0\0")))
        self.nonce = attributes_of(first[0])[0x15]

    def request(self, method, *attributes):
        return message(method, *attributes, attribute(6, NAME),
                       attribute(0x14, REALM), attribute(0x15, self.nonce),
                       key=self.key)

    def ask(self, method, *attributes):
        return ask(self.socket, self.to, self.request(method, *attributes))[0]


def peer_attribute(port):
    return attribute(0x12, struct.pack("!HH", 1, port ^ 0x2112) +
                     bytes(a ^ b for a, b in zip(bytes([127, 0, 0, 1]),
                                                 COOKIE)))


def success(answer):
    return answer and struct.unpack("!H", answer[:2])[0] & 0x110 == 0x100


def mutant(dice, packet):
    packet = bytearray(packet)
    for _ in range(dice.randrange(1, 5)):
        way = dice.randrange(5)
        at = dice.randrange(len(packet))
        if way == 0:
            packet[at] ^= 1 << dice.randrange(8)
        elif way == 1:
            packet[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif way == 2 and at > 0:
            del packet[at:]
        elif way == 3:
            packet[at:at] = packet[:dice.randrange(1, 40)]
        else:
            packet[2:4] = struct.pack("!H", dice.randrange(65536))
        packet = packet[:1400]
    return bytes(packet)


def keeps_freed():
    """The address sanitizer holds back what was freed: memory tells nothing."""
    with open(serving.PROGRAM, "rb") as f:
        return b"__asan_init" in f.read()


def flood(to, count, seed, packets, fds):
    """How many were sent, in how many batches, and how many of those were
    answered."""
    done = subprocess.run(
        [FLOOD, to[0], str(to[1]), str(count), str(seed), *map(str, fds)],
        input="".join(p.hex() + "\n" for p in packets), pass_fds=fds,
        capture_output=True, text=True, timeout=600, check=True)
    return [int(word) for word in done.stdout.split()]


def broken_packets(tap, server):
    """Over UDP from an allocation's own socket and from a stranger's, and over
    TCP; the server must go on, and not grow."""
    to = ("127.0.0.1", server.port("udp"))
    dice = random.Random(20261129)
    client = Client(to)
    tap.ok(success(client.ask(ALLOCATE, attribute(0x19, b"\x11\0\0\0"))),
           "an allocation is made")
    client.ask(CHANNEL, attribute(0xC, b"\x40\0\0\0"), peer_attribute(9))
    seeds = [client.request(ALLOCATE, attribute(0x19, b"\x11\0\0\0"),
                            attribute(0x18, b"\x80")),
             client.request(REFRESH, attribute(0xD, b"\0\0\2\x58")),
             client.request(PERMISSION, peer_attribute(9)),
             client.request(CHANNEL, attribute(0xC, b"\x40\1\0\0"),
                            peer_attribute(11)),
             message(BINDING, attribute(0x8028, b"\0\0\0\0")),
             message(0x16, peer_attribute(9), attribute(0x13, b"data")),
             b"\x40\0\0\x08channels"]
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.1", 0))
    fds = [client.socket.fileno(), stranger.fileno()]
    flood(to, MUTANTS // 10, 1, seeds, fds)
    held = server.memory()
    began = time.monotonic()
    sent, batches, answered = flood(to, MUTANTS - MUTANTS // 10, 2, seeds, fds)
    print("# %d broken packets in %.1f s; the server used %.1f s" %
          (sent, time.monotonic() - began, server.processor()))
    tap.ok(answered > 0.99 * batches, "Bindings between them are answered",
           batches, answered)
    grown = server.memory() - held
    tap.ok(grown < 1 << 19 or keeps_freed(), "and do not make it grow", grown)
    for i in range(200):
        with socket.create_connection(
                ("127.0.0.1", server.port("tcp" if i % 2 else "tls"))) as s:
            s.sendall(mutant(dice, dice.choice(seeds)) or b"\0")
    answer = ask(stranger, to, message(BINDING))
    tap.ok(answer and success(answer[0]),
           "%d broken packets, and streams, leave it serving" % MUTANTS)


def ask_as_strangers(to):
    """How many of every twentieth Allocate were refused."""
    refused = 0
    for _ in range(STRANGERS // 20):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for _ in range(19):
                s.sendto(message(ALLOCATE, attribute(0x19, b"\x11\0\0\0")),
                         to)
            refused += ask(s, to, message(ALLOCATE, attribute(
                0x19, b"\x11\0\0\0")))[0][:2] == b"\x01\x13"
    return refused


def slow_strangers(tap, server):
    """Unauthenticated Allocates cost no memory, from whatever port."""
    to = ("127.0.0.1", server.port("udp"))
    grown = []
    # Pages of buffers that were never used before may come with the first of
    # them, not again with the others; 26 bytes for each at most.
    while len(grown) < 2 and (not grown or grown[0] >= 1 << 19):
        held = server.memory()
        refused = ask_as_strangers(to)
        grown.append(server.memory() - held)
    tap.ok(refused == STRANGERS // 20 and
           (grown[-1] < 1 << 19 or keeps_freed()),
           "%d Allocates of who does not prove who he is cost no memory" %
           STRANGERS, refused, grown)


def metrics(tap, server, port):
    with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port,
                                timeout=60) as answer:
        text = answer.read().decode()
    values = dict(line.split() for line in text.splitlines()
                  if not line.startswith("#"))
    heard = sum(int(values["mrascope_%s_total" % name]) for name in
                ("requests", "dropped", "datagrams_to_peers"))
    tap.ok(values["mrascope_allocations"] == "1" and heard > MUTANTS and
           int(values["mrascope_dropped_total"]) > MUTANTS // 10 and
           "# TYPE mrascope_requests_total counter" in text,
           "metrics tell of it", text)
    try:
        urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=60)
        tap.ok(False, "other paths are not found")
    except urllib.error.HTTPError as e:
        tap.ok(e.code == 404, "other paths are not found", e)


def certificate(tap, work, server):
    """The certificate is the one that was given."""
    context = ssl.create_default_context(cafile=work + "/cert.pem")
    with socket.create_connection(("127.0.0.1", server.port("tls"))) as s, \
            context.wrap_socket(s, server_hostname="turn.test") as t:
        packet = message(BINDING)
        t.sendall(packet)
        tap.ok(success(t.recv(2048)), "TLS shows the certificate it was given")


def make_certificate(work):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    work + "/key.pem", "-out", work + "/cert.pem", "-days",
                    "2", "-subj", "/CN=turn.test", "-addext",
                    "subjectAltName=DNS:turn.test"], check=True,
                   capture_output=True)


def from_a_file(tap, work):
    """The same names in a file; loopback peers are refused by default."""
    port = serving.free_port()
    make_certificate(work)
    with open(work + "/accounts", "w") as f:
        f.write("# who\n%s\t%s\n" % (NAME.decode(), PASSWORD.decode()))
    with open(work + "/serve.yaml", "w") as f:
        json.dump({"listen": ["udp:127.0.0.1:0", "tcp:127.0.0.1:0",
                              "tls:127.0.0.1:0"], "realm": REALM.decode(),
                   "accounts": work + "/accounts", "user-quota": 1,
                   "certificate": work + "/cert.pem", "software": "lab",
                   "key": work + "/key.pem", "allow-private": True,
                   "metrics": "127.0.0.1:%d" % port}, f)
    server = serving.Server("--config", work + "/serve.yaml")
    try:
        broken_packets(tap, server)
        slow_strangers(tap, server)
        metrics(tap, server, port)
        certificate(tap, work, server)
        client = Client(("127.0.0.1", server.port("udp")))
        answer = client.ask(ALLOCATE, attribute(0x19, b"\x11\0\0\0"))
        found = attributes_of(answer)
        tap.ok(found[9][2:4] == bytes([4, 86]) and
               found[0x8022] == b"lab", "quota and SOFTWARE are as set", found)
    finally:
        status, said = server.stop(signal.SIGINT)
    tap.ok(status == 0 and not said, "SIGINT ends it cleanly", status, said)


def peers_refused(tap):
    server = serving.Server("--listen", "udp:127.0.0.1:0", "--account",
                            "dave:hal", "--realm", REALM.decode())
    try:
        client = Client(("127.0.0.1", server.port("udp")))
        client.ask(ALLOCATE, attribute(0x19, b"\x11\0\0\0"))
        found = attributes_of(client.ask(PERMISSION, peer_attribute(9)))
        tap.ok(found.get(9, b"")[2:4] == bytes([4, 3]),
               "peers on the loopback are refused by default", found)
        if os.geteuid() == 0:
            with open("/proc/%d/status" % server.process.pid) as f:
                said = f.read()
            tap.ok("Uid:\t0" not in said and
                   "CapEff:\t0000000000000000" in said,
                   "root is given up, with all its rights", said)
    finally:
        server.stop()


def foreign_behaviour(tap):
    """The same, asked for by coturn's programs; padding, too."""
    if not shutil.which("turnutils_natdiscovery"):
        return
    port = serving.free_port()
    server = serving.Server("--listen", "udp:127.0.0.1:%d" % port,
                            "--alternate", "127.0.0.2:%d" %
                            serving.free_port())
    where = ["-p", str(port), "-L", "127.0.0.1", "127.0.0.1"]
    try:
        said = "".join(subprocess.run(
            command + where, capture_output=True, text=True, timeout=120,
            check=False).stdout for command in (
                ["turnutils_natdiscovery", "-m", "-f"],
                ["turnutils_stunclient"]))
    finally:
        server.stop()
    tap.ok("NAT with Endpoint Independent Mapping" in said and
           "NAT with Endpoint Independent Filtering" in said and
           "response 3" in said and "error" not in said,
           "coturn's programs see how a NAT behaves", said)


def behaviour(tap):
    """RFC 5780: the four corners."""
    server = serving.Server(
        "--listen", "udp:127.0.0.1:%d" % serving.free_port(), "--alternate",
        "127.0.0.2:%d" % serving.free_port())
    try:
        corners = server.ports["udp"]
        tap.ok(len(set(corners)) == 4, "four corners are opened", corners)
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        wrong = []
        for here in corners:
            for change in (0, 2, 4, 6):
                got = ask(s, here, message(BINDING, attribute(
                    3, struct.pack("!I", change))))
                other = [c for c in corners
                         if c[0] != here[0] and c[1] != here[1]][0]
                want = (other[0] if change & 4 else here[0],
                        other[1] if change & 2 else here[1])
                told = got and attributes_of(got[0])[0x802C]
                said = told and (socket.inet_ntoa(told[4:8]),
                                 struct.unpack("!H", told[2:4])[0])
                if not got or got[1] != want or said != other:
                    wrong.append((here, change, got and got[1], want, said))
        tap.ok(not wrong, "each answers from where it is asked to", *wrong)
    finally:
        server.stop()


def bare(number, value):
    """[MS-TURN] pads nothing."""
    return struct.pack("!HH", number, len(value)) + value


def ms_message(*attributes, key=None):
    """An Allocate of [MS-TURN]; signed over padded text (3.1)."""
    body = attribute(0xF, bytes.fromhex("72c64bc6")) + b"".join(attributes)
    head = struct.pack("!HH", ALLOCATE, len(body) + (24 if key else 0)) + \
        os.urandom(16)
    text = head + body
    if not key:
        return text
    return text + attribute(8, hmac.new(
        key, text + bytes(-len(text) % 64), hashlib.sha1).digest())


def version(number):
    return attribute(0x8008, struct.pack("!I", number))


def ms_options(tap):
    """What options say of MS-TURN is what clients are told."""
    port = serving.free_port()
    server = serving.Server(
        "--listen", "udp:127.0.0.1:0", "--account", "dave:hal", "--realm",
        REALM.decode(), "--ms-turn", "--ms-version", "5", "--ms-host-name",
        "edge.test", "--ms-alternate-server", "127.0.0.9:4711",
        "--ms-bandwidth", "300", "--ms-shared-port", str(port), "--ports",
        "1024-65535", "--user", "root")
    try:
        to = ("127.0.0.1", server.port("udp"))
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        new = attributes_of(ask(s, to, ms_message(version(6)))[0], False)
        old = attributes_of(ask(s, to, ms_message(version(1)))[0], False)
        tap.ok(new[0x8008] == struct.pack("!I", 5) and
               new[0x8032] == b"edge.test" and
               new[0xE][2:8] == struct.pack("!H", 4711) + bytes(
                   [127, 0, 0, 9]), "MS-TURN: version, host name, where next",
               new)
        tap.ok(new[1][2:4] == struct.pack("!H", port) and
               len(new[0x8095]) == 8 and 0x8095 not in old,
               "MS-TURN: from version 5 on a session on the shared port",
               new, old)
        key = hashlib.md5(b":".join((NAME, REALM, PASSWORD))).digest()
        # In MS-TURN numbers of nonce and realm stand the other way round.
        got = attributes_of(ask(s, to, ms_message(
            version(1), bare(6, NAME), bare(0x14, old[0x14]),
            bare(0x15, old[0x15]),
            attribute(0x10, struct.pack("!I", 900)), key=key))[0], False)
        tap.ok(got[0x10] == struct.pack("!I", 300) and
               got[1][2:4] != struct.pack("!H", port),
               "MS-TURN: bandwidth is cut, and an old client has its own port",
               got)
    finally:
        server.stop()


def rest_issue(tap):
    """What is issued lets in."""
    done = subprocess.run(
        [serving.PROGRAM, "serve", "--turn-secret", "north", "--rest-issue",
         "erin", "--rest-life", "600"], capture_output=True, text=True,
        timeout=120)
    made = json.loads(done.stdout)
    expiry, _, user = made["username"].partition(":")
    tap.ok(done.returncode == 0 and user == "erin" and made["ttl"] == 600 and
           400 < int(expiry) - time.time() < 601, "a name is issued",
           done.stdout, done.stderr)
    server = serving.Server("--listen", "udp:127.0.0.1:0", "--turn-secret",
                            "north", "--allow-loopback", "--user", "root")
    try:
        done = subprocess.run(
            [serving.PROGRAM, "probe", "-q", "--transport", "udp",
             "--credential", "%s::%s" % (made["username"], made["password"]),
             "127.0.0.1:%d" % server.port("udp")], capture_output=True,
            text=True, timeout=120)
        tap.ok(done.returncode == 0, "and lets in", done.stdout, done.stderr)
    finally:
        server.stop()


def wrong_usage(tap):
    for words, text in [
            (["--nonsense"], "no such option"),
            (["--listen", "udp:nowhere:1"], "not udp|tcp|tls|dtls"),
            (["--listen"], "needs a value"),
            (["--ports", "9-2"], "not MIN-MAX"),
            (["--lifetime", "0"], "lifetime"),
            (["--metrics", "192.0.2.1:9"], "loopback"),
            (["--key", "x"], "certificate"),
            (["--alternate", "127.0.0.2:1"], "alternate wants"),
            (["--rest-issue", "erin"], "turn-secret"),
            (["--ms-version", "7", "--ms-turn"], "1 to 6"),
            (["--ms-bandwidth", "7"], "want ms-turn"),
            (["--ms-turn", "--ms-shared-port", "80"], "one of the ports"),
            (["--oauth-key", "kid:A256GCM:c2hvcnQ="], "not KID"),
            (["--oauth-name", "x"], "wants an oauth-key")]:
        done = subprocess.run([serving.PROGRAM, "serve", *words],
                              capture_output=True, text=True, timeout=120)
        tap.ok(done.returncode == 2 and text in done.stderr,
               "usage: " + " ".join(words), done.returncode, done.stderr)
    for words in (["--certificate", "/dev/null"],
                  ["--record", "/nowhere/x"],
                  ["--listen", "udp:192.0.2.77:5"]):
        options = words if "--listen" in words else \
            ["--listen", "tls:127.0.0.1:0", *words]
        done = subprocess.run([serving.PROGRAM, "serve", *options],
                              capture_output=True, text=True, timeout=120)
        tap.ok(done.returncode == 3 and done.stderr,
               "cannot: " + " ".join(words), done.returncode, done.stderr)


def main():
    serving.alone()
    tap = serving.Tap()
    with serving.folder() as work:
        parts = [threading.Thread(target=from_a_file, args=(tap, work))]
        parts += [threading.Thread(target=part, args=(tap,))
                  for part in (peers_refused, behaviour,
                               foreign_behaviour, wrong_usage,
                           ms_options, rest_issue)]
        for part in parts:
            part.start()
        for part in parts:
            part.join()
    tap.finish()


main()
