#!/usr/bin/env python3
"""Lists what a capture of this folder shows and holds it to its story.

An independent reading of the recordings, with code of its own: SIP start
lines, STUN with its integrity computed again, and what is carried inside of
ChannelData and Send/Data.  The frame numbers of captures/README come from
here.  The name of the file says which story it must tell.

usage: check.py FILE...        (pcap; others are turned into one by editcap)
"""

import collections
import hashlib
import hmac
import os
import re
import struct
import subprocess
import sys
import zlib

PASSWORDS = {"alice": "wonderland", "bob": "builder"}
COOKIE = b"\x21\x12\xa4\x42"
METHODS = {1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data",
           8: "CreatePermission", 9: "ChannelBind"}
CLASSES = ("request", "indication", "success", "error")
USERNAME, INTEGRITY, ERROR, CHANNEL = 0x0006, 0x0008, 0x0009, 0x000C
LIFETIME, PEER, DATA, REALM = 0x000D, 0x0012, 0x0013, 0x0014
RELAYED, MAPPED, USE_CANDIDATE, FINGERPRINT = 0x0016, 0x0020, 0x0025, 0x8028
ADDRESSES = ((RELAYED, "relayed"), (MAPPED, "mapped"), (PEER, "peer"))

REGISTERED = (r"REGISTER ", r" 401 ", r"REGISTER .*username=alice",
              r" 200 .*REGISTER")
ALLOCATED = (r"Allocate request", r"Allocate error .*401",
             r"Allocate request .*alice .*verified",
             r"Allocate success .*relayed=203.0.113.5:.*verified")
# The answer to BYE and the end of the allocation come in any order.
GOODBYE = r" 200 .*BYE|Refresh request .*lifetime=0|Refresh success"
RELAYED_PAIR = r"\[channel 4000\] Binding "
# Lines that must come, in this order, each somewhere after the one before.
STORIES = {
    "register-ok": REGISTERED + (r"REGISTER .*expires=0", r" 200 .*REGISTER"),
    "registration-wrong-password-failed":
        REGISTERED[:3] + (r" 401 ", r"REGISTER .*username=alice", r" 401 "),
    "allocate-wrong-password-failed": REGISTERED + (
        r"Allocate error .*401", r"Allocate request .*alice .*no key fits",
        r"Allocate error .*401", r"INVITE .*host .*srflx", r" 200 .*INVITE",
        r"Binding request 10.1.0.2:\d+ > 10.2.0.2:.*verified",
        r"Binding request 10.1.0.2:\d+ > 203.0.113.20:.*verified",
        r"BYE ", r" 200 .*BYE"),
    "call-rejected-486": REGISTERED + ALLOCATED + (
        r"INVITE .*relay ", r" 180 ", r" 486 ", r"ACK ",
        r"Refresh request .*lifetime=0", r"Refresh success"),
    "call-over-relay-established": REGISTERED + ALLOCATED + (
        r"INVITE .*relay ", r" 180 ", r" 200 .*INVITE.*relay ",
        r"ChannelBind request .*channel=4000 .*verified",
        r"ChannelBind success .*verified",
        RELAYED_PAIR + r"request .*203.0.113.5:3478 >.*verified",
        RELAYED_PAIR + r"request 10.1.0.2.*USE-CANDIDATE.*verified",
        RELAYED_PAIR + r"success .*203.0.113.5:3478 >.*verified",
        r"\[channel 4000\] RTP .*starts", r"BYE ") + 3 * (GOODBYE,),
    "call-over-tcp-established": 3 * (
        r"INVITE ", r" 180 ", r" 200 .*INVITE", r"ACK ", r"BYE ",
        r" 200 .*BYE"),
}
BARRED = {
    "call-over-relay-established": r"^ *\d+ RTP|no key fits",
    "allocate-wrong-password-failed": r"RTP|Allocate success|Binding success "
                                      r".*10.2.0.2|USE-CANDIDATE",
    "registration-wrong-password-failed": r" 200 ",
}


def capture_bytes(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return data
    return subprocess.run(["editcap", "-F", "nsecpcap", path, "-"],
                          check=True, stdout=subprocess.PIPE).stdout


def packets(data):
    """Yields (frame number, protocol, source, destination, payload)."""
    at, number = 24, 0
    while at < len(data):
        size, wire = struct.unpack_from("<II", data, at + 8)
        frame = data[at + 16:at + 16 + size]
        at, number = at + 16 + size, number + 1
        if size != wire:
            raise ValueError(f"frame {number} was cut by the recorder")
        ip = frame[14:]
        protocol, header = ip[9], ip[0] % 16 * 4
        source, target = (".".join(map(str, ip[a:a + 4])) for a in (12, 16))
        rest = ip[header:struct.unpack_from(">H", ip, 2)[0]]
        if protocol in (6, 17):
            ports = struct.unpack_from(">HH", rest)
            source, target = f"{source}:{ports[0]}", f"{target}:{ports[1]}"
            rest = rest[rest[12] // 16 * 4 if protocol == 6 else 8:]
        yield number, protocol, source, target, rest


def address(value):
    port = struct.unpack_from(">H", value, 2)[0] ^ 0x2112
    host = bytes(a ^ b for a, b in zip(value[4:8], COOKIE))
    return ".".join(map(str, host)) + f":{port}"


class Reader:
    """Turns packets into lines; keeps the keys and streams it has met."""

    def __init__(self):
        self.lines = []
        self.ice = {}       # ufrag: pwd
        self.asked = {}     # transaction: key that its request proved
        self.streams = collections.Counter()

    def line(self, number, wrap, text):
        inside = f"[{wrap}] " if wrap else ""
        self.lines.append(f"{number:4} {inside}{text}")

    def read(self, number, protocol, path, payload):
        if protocol == 1:
            self.line(number, "", f"ICMP {payload[0]}/{payload[1]} {path}")
        elif payload:
            self.message(number, "", path, payload)

    def message(self, number, wrap, path, data):
        first = data[0]
        if first < 4 and data[4:8] == COOKIE:
            self.stun(number, wrap, path, data)
        elif 0x40 <= first < 0x80 and path.find(":3478") >= 0 and not wrap:
            channel, size = struct.unpack_from(">HH", data)
            self.message(number, f"channel {channel:x}", path,
                         data[4:4 + size])
        elif first >> 6 == 2:
            self.rtp(number, wrap, path, data)
        elif re.search(rb" SIP/2.0\r\n|^SIP/2.0 ", data):
            for text in re.split(r"(?<=\r\n)(?=[A-Z]+ sips?:|SIP/2.0 \d)",
                                 data.decode()):
                self.sip(number, path, text)
        else:
            self.line(number, wrap, f"unknown {path} {data[:16].hex()}")

    def sip(self, number, path, text):
        start = text.split("\r\n", 1)[0].replace(" SIP/2.0", "")
        told = re.findall(r"^(?:CSeq|Call-ID): (.*?)\r", text, re.M)
        told += ["username=" + x
                 for x in re.findall(r'username="(.*?)"', text)]
        told += ["expires=" + x for x in
                 re.findall(r"^(?:Expires: |Contact:.*expires=)(\d+)", text,
                            re.M)]
        ufrag = re.search(r"a=ice-ufrag:(\S+)", text)
        if ufrag:
            password = re.search(r"a=ice-pwd:(\S+)", text)[1]
            self.ice[ufrag[1]] = password
            told += ["ufrag=" + ufrag[1], "pwd=" + password]
        for host, port, kind in re.findall(
                r"a=candidate:.*? (\S+) (\d+) typ (\w+)", text):
            told.append(f"{kind} {host}:{port}")
        self.line(number, "", f"{start} {path} " + " ".join(told))

    def stun(self, number, wrap, path, data):
        kind = struct.unpack_from(">H", data)[0]
        method = METHODS[kind & 0xF]
        category = CLASSES[(kind >> 4 & 1) | (kind >> 7 & 2)]
        found, offsets, at = {}, {}, 20
        while at < len(data):
            name, size = struct.unpack_from(">HH", data, at)
            found.setdefault(name, data[at + 4:at + 4 + size])
            offsets.setdefault(name, at)
            at += 4 + size + -size % 4
        told = [f"{word}={address(found[name])}" for name, word in ADDRESSES
                if name in found]
        if USERNAME in found:
            told.append("username=" + found[USERNAME].decode())
        if ERROR in found:
            told.append(str(found[ERROR][2] * 100 + found[ERROR][3]))
        if CHANNEL in found:
            told.append(f"channel={found[CHANNEL][:2].hex()}")
        if LIFETIME in found:
            told.append(f"lifetime={int.from_bytes(found[LIFETIME], 'big')}")
        if USE_CANDIDATE in found:
            told.append("USE-CANDIDATE")
        if INTEGRITY in found:
            told.append("integrity "
                        + self.integrity(data, found, offsets[INTEGRITY]))
        if FINGERPRINT in found:
            told.append("fingerprint "
                        + self.fingerprint(data, offsets[FINGERPRINT]))
        self.line(number, wrap, f"{method} {category} {path} "
                  + " ".join(told))
        if DATA in found:
            inner = f"{method.lower()} {address(found[PEER])}"
            self.message(number, inner, path, found[DATA])

    def integrity(self, data, found, at):
        user = found.get(USERNAME, b"").decode()
        if REALM in found and user in PASSWORDS:
            text = f"{user}:{found[REALM].decode()}:{PASSWORDS[user]}"
            keys = [hashlib.md5(text.encode()).digest()]
        elif user:
            keys = [self.ice.get(user.split(":")[0], "").encode()]
        else:
            keys = self.asked.get(data[8:20], [])
        head = data[:2] + struct.pack(">H", at + 4) + data[4:at]
        for key in keys:
            if hmac.digest(key, head, "sha1") == data[at + 4:at + 24]:
                self.asked[data[8:20]] = [key]
                return "verified"
        return "no key fits" if keys else "unchecked"

    @staticmethod
    def fingerprint(data, at):
        head = data[:2] + struct.pack(">H", at - 12) + data[4:at]
        sum32 = struct.unpack_from(">I", data, at + 4)[0]
        return "ok" if zlib.crc32(head) ^ 0x5354554E == sum32 else "bad"

    def rtp(self, number, wrap, path, data):
        if 192 <= data[1] <= 223:
            self.line(number, wrap, f"RTCP {data[1]} {path}")
            return
        source, kind = data[8:12].hex(), data[1] & 127
        stream = f"{path} ssrc={source} payload-type={kind}"
        self.streams[(wrap, stream)] += 1
        if self.streams[(wrap, stream)] == 1:
            self.line(number, wrap, f"RTP {stream} starts")

    def finish(self):
        for (wrap, stream), count in self.streams.items():
            inside = f"[{wrap}] " if wrap else ""
            self.lines.append(f"     {inside}RTP {stream}: {count} packets")


def hold(name, lines):
    """The first part of the story that is not in the lines, or None."""
    if name not in STORIES:
        return f"no story is known for {name}"
    rest = iter(lines)
    for part in STORIES[name]:
        if not any(re.search(part, line) for line in rest):
            return f"nothing like /{part}/ where it was expected"
    for line in lines:
        if name in BARRED and re.search(BARRED[name], line):
            return f"not expected: {line}"
    return None


def main(paths):
    wrong = 0
    for path in paths:
        name = os.path.basename(path).split(".")[0]
        reader = Reader()
        for number, protocol, source, target, payload in packets(
                capture_bytes(path)):
            reader.read(number, protocol, f"{source} > {target}", payload)
        reader.finish()
        print(f"== {path}", *reader.lines, sep="\n")
        fault = hold(name, reader.lines)
        if fault:
            print(f"check: {path}: {fault}", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
