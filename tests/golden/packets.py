"""Small captures from bytes: what the tests here make their inputs with."""
import struct

ALICE = ("192.0.2.1", 5060)
BOB = ("192.0.2.2", 5060)
TURN = ("192.0.2.3", 3478)
START = 1795521600  # 2026-11-24 12:00:00 UTC


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_bytes(name):
    return bytes(int(x) for x in name.split("."))


def ip4(src, dst, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000,
                       64, protocol, 0, ip_bytes(src), ip_bytes(dst))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + head + payload


def udp(src, dst, payload):
    return ip4(src[0], dst[0], 17, struct.pack(
        "!HHHH", src[1], dst[1], 8 + len(payload), 0) + payload)


def tcp(src, dst, sequence, payload, flags=0x18, ack=1):
    return ip4(src[0], dst[0], 6, struct.pack(
        "!HHIIBBHHH", src[1], dst[1], sequence, ack, 0x50, flags, 65535, 0,
        0) + payload)


def record(number, frame, size=None):
    """A frame of a pcap file; `size` is what it had before it was cut."""
    return struct.pack("<IIII", START + number, 0, len(frame),
                       len(frame) if size is None else size) + frame


def pcap(frames, link_type=1):
    """A second after the other; microseconds, little-endian."""
    return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144,
                       link_type) + \
        b"".join(record(number, frame) for number, frame in enumerate(frames))


def pcap_frames(data):
    """(time, bytes) of each frame of a pcap file as our own scripts write
    it; time in the file's own units."""
    at = 24
    while at < len(data):
        seconds, part, size, _ = struct.unpack_from("<IIII", data, at)
        yield (seconds, part), data[at + 16:at + 16 + size]
        at += 16 + size


def pcapng_frames(data):
    """The same of a pcapng file: enhanced packet blocks."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 6:
            high, low, n = struct.unpack_from("<III", data, at + 12)
            yield divmod(high << 32 | low, 10**9), data[at + 28:at + 28 + n]
        at += size


def netmon_frames(data):
    """The same of a Network Monitor 2 file, by its frame table."""
    table, size = struct.unpack_from("<II", data, 24)
    for entry in struct.unpack_from("<%dI" % (size // 4), data, table):
        time, _, n = struct.unpack_from("<QII", data, entry)
        yield divmod(time, 10**6), data[entry + 16:entry + 16 + n]


def frames_of(data):
    """The frames of a bundled capture."""
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return list(pcapng_frames(data))
    return list(netmon_frames(data) if data[:4] == b"GMBU"
                else pcap_frames(data))


def sip(first, body=b"", length=None, number=1):
    """A message with what it must have; `length` is what it claims."""
    return b"\r\n".join([
        first.encode(),
        b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%d" % number,
        b"From: <sip:alice@example.test>;tag=a",
        b"To: <sip:bob@example.test>",
        b"Call-ID: call-%d@example.test" % number,
        b"CSeq: 1 OPTIONS",
        b"Max-Forwards: 70",
        b"Content-Length: %d" % (len(body) if length is None else length),
        b"", b""]) + body


OPTIONS = "OPTIONS sip:bob@example.test SIP/2.0"


def stun(kind, attributes=b"", number=1):
    return struct.pack("!HHI4xQ", kind, len(attributes), 0x2112a442,
                       number) + attributes


def attribute(kind, value, length=None):
    return struct.pack("!HH", kind, len(value) if length is None
                       else length) + value + b"\0" * (-len(value) % 4)


XOR_PEER = attribute(0x0012, b"\0\1\x2d\x9c\xe1\x12\xa6\x43")
