"""From a capture to what its packets carry: fragments and TCP put together.

Made for the recordings of this folder: Ethernet, nothing cut, TCP in order.
"""

import ipaddress
import re
import struct
import subprocess

ICMP, TCP, UDP, FRAGMENT, ICMP6, SCTP = 1, 6, 17, 44, 58, 132
COOKIE = b"\x21\x12\xa4\x42"
SECRETS = 10      # pcapng block type; editcap cannot take it to other formats


def capture_bytes(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return data
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        data = b"".join(block for kind, block in blocks(data)
                        if kind != SECRETS)
    return subprocess.run(["editcap", "-F", "nsecpcap", "-", "-"],
                          input=data, check=True,
                          stdout=subprocess.PIPE).stdout


def blocks(data):
    """Yields (type, block) of a little-endian pcapng file."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        yield kind, data[at:at + size]
        at += size


def frames(data):
    """Yields (number, what the Ethernet frame carries)."""
    at, number = 24, 0
    while at < len(data):
        size, wire = struct.unpack_from("<II", data, at + 8)
        number += 1
        if size != wire:
            raise ValueError(f"frame {number} was cut by the recorder")
        yield number, data[at + 16 + 14:at + 16 + size]
        at += 16 + size


class Fragments:
    """Puts datagrams together; they come in any order."""

    def __init__(self):
        self.parts = {}

    def whole(self, key, offset, more, data):
        """The datagram that this part completes, or None."""
        if not offset and not more:
            return data
        parts = self.parts.setdefault(key, {})
        parts[offset] = (data, more)
        out = b""
        while len(out) in parts:
            data, more = parts[len(out)]
            out += data
            if not more:
                return out
        return None


def address4(data):
    return str(ipaddress.IPv4Address(data))


def address6(data):
    return f"[{ipaddress.IPv6Address(data)}]"


def datagram(ip, fragments):
    """(protocol, source, destination, content or None)"""
    if ip[0] >> 4 == 6:
        size, protocol = struct.unpack_from(">HB", ip, 4)
        source, target = (address6(ip[a:a + 16]) for a in (8, 24))
        rest = ip[40:40 + size]
        if protocol == FRAGMENT:
            protocol, _, place, ident = struct.unpack_from(">BBHI", rest)
            rest = fragments.whole((source, target, ident), place & ~7,
                                   place & 1, rest[8:])
        return protocol, source, target, rest
    size, ident, place = struct.unpack_from(">HHH", ip, 2)
    source, target = (address4(ip[a:a + 4]) for a in (12, 16))
    rest = fragments.whole((source, target, ident), (place & 0x1FFF) * 8,
                           place & 0x2000, ip[ip[0] % 16 * 4:size])
    return ip[9], source, target, rest


def message_size(data):
    """(framing to take off, size with it) of what a stream begins with, or
    None when there is not yet enough."""
    head = re.match(rb"(?s)(?:[A-Z]+ sips?:|SIP/2.0 ).*?\r\n\r\n", data)
    if head:
        body = re.search(rb"(?i)\r\nContent-Length:\s*(\d+)", head[0])
        return 0, len(head[0]) + int(body[1])
    if len(data) < 8:
        return None
    first, second = struct.unpack_from(">HH", data)
    if data[4:8] == COOKIE:
        return 0, 20 + second
    if 0x4000 <= first < 0x8000 and second + 4 <= len(data):
        return 0, 4 + second + -second % 4
    return 2, 2 + first     # RFC 4571, as ICE over TCP has it


def messages(stream):
    """Cuts whole messages off the front of a stream (a bytearray)."""
    while stream:
        found = message_size(bytes(stream))
        if not found or found[1] > len(stream):
            return
        yield bytes(stream[found[0]:found[1]])
        del stream[:found[1]]


def user_messages(packet, waiting):
    """The messages in the DATA chunks of a packet of SCTP; None for one that
    goes on.  `waiting` is the beginning of the next one."""
    at = 12
    while at < len(packet):
        kind, flags, size = struct.unpack_from(">BBH", packet, at)
        if kind == 0:
            if flags & 2:
                waiting.clear()
            waiting += packet[at + 16:at + size]
            yield bytes(waiting) if flags & 1 else None
        at += size + -size % 4


def packets(data):
    """Yields (frame number, protocol, source, destination, payload)."""
    fragments, streams = Fragments(), {}
    for number, ip in frames(data):
        protocol, source, target, rest = datagram(ip, fragments)
        if rest is None:
            yield number, FRAGMENT, source, target, b""
        elif protocol in (TCP, UDP, SCTP):
            ports = struct.unpack_from(">HH", rest)
            path = f"{source}:{ports[0]}", f"{target}:{ports[1]}"
            if protocol == UDP:
                yield number, protocol, *path, rest[8:]
                continue
            stream = streams.setdefault(path, bytearray())
            if protocol == SCTP:
                for message in user_messages(rest, stream):
                    yield (number, FRAGMENT if message is None else protocol,
                           *path, message)
                continue
            stream += rest[rest[12] // 16 * 4:]
            for message in messages(stream):
                yield number, protocol, *path, message
        else:
            yield number, protocol, source, target, rest
