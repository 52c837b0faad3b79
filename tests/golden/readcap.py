"""Reads the frames of pcap and pcapng files, as far as our captures go."""
import struct


def read(path):
    """[(time in ns, interface, size on the wire, bytes)]

    An interface is its number and link type.
    """
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return list(pcapng(data))
    return list(pcap(data))


def pcap(data):
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    unit = 1000 if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4") \
        else 1
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xffff
    at = 24
    while at + 16 <= len(data):
        seconds, part, kept, size = struct.unpack_from(order + "IIII", data,
                                                       at)
        yield (seconds * 10**9 + part * unit, (0, link), size,
               data[at + 16:at + 16 + kept])
        at += 16 + kept


def resolution(options, order):
    """Nanoseconds in a unit of time (if_tsresol); 1000 by default."""
    at = 0
    while at + 4 <= len(options):
        code, n = struct.unpack_from(order + "HH", options, at)
        if code == 9:
            return 10**9 // 10**options[at + 4]
        if code == 0:
            break
        at += 4 + n + -n % 4
    return 1000


def pcapng(data):
    order, interfaces, at = "<", [], 0
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" \
                else ">"
            interfaces = []
        total = struct.unpack_from(order + "I", data, at + 4)[0]
        body = data[at + 8:at + total - 4]
        if kind == 1:
            link = struct.unpack_from(order + "H", body)[0]
            interfaces.append((link, resolution(body[8:], order)))
        elif kind == 6:
            which, high, low, kept, size = struct.unpack_from(
                order + "IIIII", body)
            link, unit = interfaces[which]
            yield ((high << 32 | low) * unit, (which, link), size,
                   body[20:20 + kept])
        at += total
