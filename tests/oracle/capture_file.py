"""Just enough of pcap and pcapng to change one UDP payload of a capture, or one
message of a TCP stream."""
import ipaddress
import struct

LINKS = {0: 4, 1: 14, 12: 0, 101: 0, 113: 16, 276: 20}  # header in front of IP


class Packet:
    """A frame, and where its UDP payload stands (or None)."""

    def __init__(self, ns, link, data):
        self.ns, self.link, self.data = ns, link, data
        self.ip = LINKS.get(link)
        self.udp = self.find_udp()
        self.tcp = self.find(6, 20)

    def find(self, protocol, least):
        d, at = self.data, self.ip
        if at is None or len(d) < at + 20 + least:
            return None
        if d[at] >> 4 == 4 and d[at + 9] == protocol:
            fragment = struct.unpack_from(">H", d, at + 6)[0] & 0x3fff
            return None if fragment else at + (d[at] & 15) * 4
        if d[at] >> 4 == 6 and d[at + 6] == protocol:
            return at + 40
        return None

    def find_udp(self):
        return self.find(17, 8)

    def payload(self):
        if self.udp is None:
            return b""
        n = struct.unpack_from(">H", self.data, self.udp + 4)[0]
        return self.data[self.udp + 8:self.udp + n]

    def ports(self):
        return struct.unpack_from(">HH", self.data, self.udp or self.tcp)

    def ends(self):
        """Source and destination: (address, port) each."""
        n = 4 if self.data[self.ip] >> 4 == 4 else 16
        at = self.ip + (12 if n == 4 else 8)
        ips = [str(ipaddress.ip_address(self.data[at + i * n:at + i * n + n]))
               for i in range(2)]
        return list(zip(ips, self.ports()))

    def with_payload(self, payload):
        """A copy that carries this; lengths right, no UDP checksum."""
        d = bytearray(self.data[:self.udp + 8]) + payload
        struct.pack_into(">HH", d, self.udp + 4, 8 + len(payload), 0)
        return Packet(self.ns, self.link, self.lengthened(d))

    def lengthened(self, data):
        """With the length that IP says made right."""
        d = bytearray(data)
        if d[self.ip] >> 4 == 4:
            struct.pack_into(">H", d, self.ip + 2, len(d) - self.ip)
        else:
            struct.pack_into(">H", d, self.ip + 4, len(d) - self.ip - 40)
        return bytes(d)

    def segment(self):
        """Of TCP: sequence number, flags and data."""
        d, at = self.data, self.tcp
        end = self.ip + (struct.unpack_from(">H", d, self.ip + 2)[0]
                         if d[self.ip] >> 4 == 4 else
                         struct.unpack_from(">H", d, self.ip + 4)[0] + 40)
        return (struct.unpack_from(">I", d, at + 4)[0], d[at + 13],
                d[at + (d[at + 12] >> 4) * 4:end])

    def frame(self, numbers):
        """What is written; `numbers` counts TCP by direction."""
        if self.tcp is not None:
            numbers.setdefault(tuple(self.ends()), self.segment()[0] + 1)
        return self.data


class Piece:
    """A message of a TCP stream, and the framing in front of it.  Written in a
    segment of its own, in the place of its last byte."""
    udp, tcp = True, None  # it has a payload that can be changed

    def __init__(self, packet, seq, front, body):
        self.packet, self.seq, self.front, self.body = packet, seq, front, body
        self.ns, self.link = packet.ns, packet.link

    def payload(self):
        return self.body

    def ends(self):
        return self.packet.ends()

    def ports(self):
        return self.packet.ports()

    def with_payload(self, payload):
        """The framing ends with the length."""
        front = self.front and self.front[:-2] + struct.pack(
            ">H", len(payload))
        return Piece(self.packet, self.seq, front, payload)

    def frame(self, numbers):
        p, way = self.packet, tuple(self.ends())
        seq = numbers.setdefault(way, self.seq)
        numbers[way] = seq + len(self.front) + len(self.body)
        head = bytearray(p.data[:p.tcp + 20])
        struct.pack_into(">IIBB", head, p.tcp + 4, seq & 0xffffffff,
                         numbers.get(way[::-1], 0) & 0xffffffff, 0x50, 0x18)
        return p.lengthened(bytes(head) + self.front + self.body)


def pieces(packets, cut):
    """The same packets; but what TCP carries is cut into messages, for each
    of which `cut` tells, from what has come, the size of the framing in front
    and of all; or None: it is not whole.  Nothing may be missing."""
    come, due = {}, {}
    for p in packets:
        if p.tcp is None:
            yield p
            continue
        way = tuple(p.ends())
        seq, flags, data = p.segment()
        if flags & 0x02:
            due[way] = seq + 1
            yield p
            continue
        data = data[max(0, due.get(way, seq) - seq):]
        begin = due.get(way, seq) - len(come.get(way, b""))
        due[way] = due.get(way, seq) + len(data)
        come[way] = come.get(way, b"") + data
        while come[way]:
            sizes = cut(come[way])
            if not sizes or sizes[1] > len(come[way]):
                break
            front, whole = sizes
            yield Piece(p, begin, come[way][:front], come[way][front:whole])
            come[way] = come[way][whole:]
            begin += whole


def read_pcap(data):
    end = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    unit = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    link = struct.unpack_from(end + "I", data, 20)[0] & 0xffff
    at = 24
    while at + 16 <= len(data):
        seconds, part, n, _ = struct.unpack_from(end + "IIII", data, at)
        yield Packet(seconds * 10**9 + part * unit, link,
                     data[at + 16:at + 16 + n])
        at += 16 + n


def options(body, end):
    at = 0
    while at + 4 <= len(body):
        code, n = struct.unpack_from(end + "HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4:at + 4 + n]
        at += 4 + (n + 3) // 4 * 4


def read_pcapng(data):
    end = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    links, units, at = [], [], 0
    while at + 12 <= len(data):
        kind, n = struct.unpack_from(end + "II", data, at)
        body = data[at + 8:at + n - 4]
        if kind == 1:
            units.append(10**3)
            links.append(struct.unpack_from(end + "H", body)[0])
            for code, value in options(body[8:], end):
                if code == 9 and not value[0] & 0x80:
                    units[-1] = 10**(9 - value[0])
        elif kind == 6:
            which, high, low, kept = struct.unpack_from(end + "IIII", body)
            yield Packet((high << 32 | low) * units[which], links[which],
                         body[20:20 + kept])
        at += n


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return list(read_pcapng(data))
    return list(read_pcap(data))


def write(path, packets):
    """One link type, nanoseconds."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144,
                            packets[0].link))
        numbers = {}
        for p in packets:
            data = p.frame(numbers)
            f.write(struct.pack("<IIII", p.ns // 10**9, p.ns % 10**9,
                                len(data), len(data)) + data)
