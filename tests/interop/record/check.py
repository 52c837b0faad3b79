#!/usr/bin/env python3
"""Lists what a capture of this folder shows and holds it to its story.

An independent reading of the recordings, with code of its own: SIP start
lines, STUN with its integrity computed again, and what is carried inside of
ChannelData and Send/Data.  The frame numbers of captures/README come from
here.  The name of the file says which story it must tell.

usage: check.py FILE...        (pcap; others are turned into one by editcap)
"""

import base64
import collections
import hashlib
import hmac
import os
import re
import struct
import sys
import zlib

from stories import hold
from wire import COOKIE, FRAGMENT, ICMP, ICMP6, address4, address6
from wire import capture_bytes, packets

PASSWORDS = {"alice": "wonderland", "bob": "builder"}
SECRET = b"through-the-mirror"      # of the users that TURN REST makes
METHODS = {1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data",
           8: "CreatePermission", 9: "ChannelBind", 10: "Connect",
           11: "ConnectionBind", 12: "ConnectionAttempt"}
CLASSES = ("request", "indication", "success", "error")
USERNAME, INTEGRITY, ERROR, CHANNEL = 0x0006, 0x0008, 0x0009, 0x000C
LIFETIME, PEER, DATA, REALM = 0x000D, 0x0012, 0x0013, 0x0014
RELAYED, MAPPED, USE_CANDIDATE, FINGERPRINT = 0x0016, 0x0020, 0x0025, 0x8028
ADDRESSES = ((RELAYED, "relayed"), (MAPPED, "mapped"), (PEER, "peer"))


def address(value, transaction):
    port = struct.unpack_from(">H", value, 2)[0] ^ 0x2112
    host = bytes(a ^ b for a, b in zip(value[4:], COOKIE + transaction))
    return f"{(address4 if value[1] == 1 else address6)(host)}:{port}"


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
        if protocol in (ICMP, ICMP6):
            self.line(number, "", f"ICMP {payload[0]}/{payload[1]} {path}")
        elif protocol == FRAGMENT:
            self.line(number, "", f"fragment {path}")
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
        told = [f"{word}={address(found[name], data[8:20])}"
                for name, word in ADDRESSES if name in found]
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
            inner = f"{method.lower()} {address(found[PEER], data[8:20])}"
            self.message(number, inner, path, found[DATA])

    def integrity(self, data, found, at):
        user = found.get(USERNAME, b"").decode()
        password = PASSWORDS.get(user)
        if re.fullmatch(r"\d+:\w+", user):
            password = base64.b64encode(
                hmac.digest(SECRET, user.encode(), "sha1")).decode()
        if REALM in found and password:
            text = f"{user}:{found[REALM].decode()}:{password}"
            keys = [hashlib.md5(text.encode()).digest()]
        else:
            ufrag = user.split(":")[0]
            keys = self.asked.get(data[8:20]) or [
                word.encode() for name, word in self.ice.items()
                if name == ufrag]
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


def main(paths):
    wrong = 0
    for path in paths:
        name = os.path.basename(path).rsplit(".", 1)[0]
        reader = Reader()
        for number, protocol, source, target, payload in packets(
                capture_bytes(path)):
            reader.read(number, protocol, f"{source} > {target}", payload)
        reader.finish()
        print(f"== {path}", *reader.lines, sep="\n")
        fault = hold(name.replace(".netmon2", ""), reader.lines)
        if fault:
            print(f"check: {path}: {fault}", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
