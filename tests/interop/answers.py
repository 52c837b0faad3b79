"""A TURN server over UDP that says what it is told to say: for the tests of
what a probe makes of it."""
import contextlib
import hashlib
import hmac
import os
import socket
import struct
import threading
import zlib

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMIT, CHANNEL = 1, 3, 4, 6, 7, 8, 9
USERNAME, INTEGRITY, ERROR, REALM, NONCE = 0x06, 0x08, 0x09, 0x14, 0x15
LIFETIME, RELAYED, MAPPED, ALTERNATE = 0x0D, 0x16, 0x20, 0x8023
OTHER = 0x802C


def attribute(number, value):
    return struct.pack("!HH", number, len(value)) + value + \
        bytes(-len(value) % 4)


def plain(at):
    return struct.pack("!BBH", 0, 1, at[1]) + socket.inet_aton(at[0])


def mixed(at):
    ip = struct.unpack("!I", socket.inet_aton(at[0]))[0] ^ COOKIE
    return struct.pack("!BBHI", 0, 1, at[1] ^ (COOKIE >> 16), ip)


def error(code, reason=""):
    return attribute(ERROR, struct.pack("!HBB", 0, code // 100, code % 100) +
                     reason.encode())


def key_of(user, password, realm="example.org"):
    return hashlib.md5(("%s:%s:%s" % (user, realm, password)).encode()).digest()


def signed(key, message):
    """With the integrity behind it."""
    head = message[:2] + struct.pack("!H", len(message) - 20 + 24)
    return head + message[4:] + attribute(INTEGRITY, hmac.new(
        key, head + message[4:], hashlib.sha1).digest())


def found(reply, number):
    """The value of an attribute; b"" where there is none."""
    at = 20
    while at + 4 <= len(reply):
        kind, n = struct.unpack("!HH", reply[at:at + 4])
        if kind == number:
            return reply[at + 4:at + 4 + n]
        at += 4 + n + -n % 4
    return b""


class Holder:
    """A client that has an allocation, as long as it is not left."""

    def __init__(self, port, user="alice", password="wonder"):
        self.at, self.who = ("127.0.0.1", port), (user, password)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(0.5)

    def ask(self, more=b"", key=None):
        body = attribute(0x19, bytes([17, 0, 0, 0])) + more
        message = struct.pack("!HHI", ALLOCATE, len(body), COOKIE) + \
            os.urandom(12) + body
        for _ in range(60):
            self.socket.sendto(signed(key, message) if key else message,
                               self.at)
            with contextlib.suppress(TimeoutError):
                while True:
                    said = self.socket.recv(2000)
                    if said[8:20] == message[8:20]:
                        return said
        raise OSError("the server does not answer")

    def __enter__(self):
        said = self.ask()
        realm, nonce = found(said, REALM), found(said, NONCE)
        said = self.ask(attribute(USERNAME, self.who[0].encode()) +
                        attribute(REALM, realm) + attribute(NONCE, nonce),
                        key_of(*self.who, realm.decode()))
        if not found(said, RELAYED):
            raise OSError("no allocation: %r" % found(said, ERROR))
        return self

    def __exit__(self, *_):
        self.socket.close()


class Answers(threading.Thread):
    """`says` maps a method to a code, or to a list of codes for one request
    after the other, the last for ever; 0 is success, None silence."""

    def __init__(self, says, user="alice", password="wonder", alternate=None):
        super().__init__(daemon=True)
        self.says, self.alternate = says, alternate
        self.key = key_of(user, password)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        # Nobody reads what comes here: a relay that swallows all.
        self.relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.relay.bind(("127.0.0.1", 0))
        self.clients = set()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.relay.close()

    def code(self, method):
        said = self.says.get(method, 0)
        if isinstance(said, list):
            return said.pop(0) if len(said) > 1 else said[0]
        return said

    def success(self, method, client):
        if method == BINDING:
            return attribute(MAPPED, mixed(client))
        if method == ALLOCATE:
            return attribute(RELAYED, mixed(self.relay.getsockname())) + \
                attribute(MAPPED, mixed(client)) + \
                attribute(LIFETIME, struct.pack("!I", 600))
        if method == REFRESH:
            return attribute(LIFETIME, bytes(4))
        return b""

    def answer(self, request, client):
        kind = struct.unpack("!H", request[:2])[0]
        if kind & 0x110 or kind > 0x3FFF:
            return None  # an indication, or data on a channel
        method, by_key = kind & 0xF, b"\0\x08\0\x14" in request
        if method != BINDING and not by_key:
            return self.packed(method, 0x110, request, False, error(
                401, "Unauthorized") + attribute(REALM, b"example.org") +
                attribute(NONCE, b"once"))
        code = self.code(method)
        if code is None:
            return None
        if code == 0:
            return self.packed(method, 0x100, request, method != BINDING,
                               self.success(method, client))
        body = error(code, "as told")
        if code in (401, 438):
            body += attribute(REALM, b"example.org") + \
                attribute(NONCE, b"twice")
        if code == 300:
            body += attribute(ALTERNATE, plain(self.alternate))
        return self.packed(method, 0x110, request, code not in (401, 438),
                           body)

    def packed(self, method, kind, request, by_key, body):
        def head(n):
            return struct.pack("!HH", method | kind, n) + request[4:20]

        if by_key:
            body = signed(self.key, head(len(body)) + body)[20:]
        whole = head(len(body) + 8) + body
        return whole + attribute(0x8028, struct.pack(
            "!I", zlib.crc32(whole) ^ 0x5354554E))

    def run(self):
        while True:
            try:
                request, client = self.socket.recvfrom(2000)
                self.clients.add(client)
                reply = self.answer(request, client) \
                    if len(request) >= 20 else None
                if reply:
                    self.socket.sendto(reply, client)
            except OSError:
                return
