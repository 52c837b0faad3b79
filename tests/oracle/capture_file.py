"""Just enough of pcap and pcapng to change one UDP payload of a capture."""
import ipaddress
import struct

LINKS = {0: 4, 1: 14, 12: 0, 101: 0, 113: 16, 276: 20}  # header in front of IP


class Packet:
    """A frame, and where its UDP payload stands (or None)."""

    def __init__(self, ns, link, data):
        self.ns, self.link, self.data = ns, link, data
        self.ip = LINKS.get(link)
        self.udp = self.find_udp()

    def find_udp(self):
        d, at = self.data, self.ip
        if at is None or len(d) < at + 28:
            return None
        if d[at] >> 4 == 4 and d[at + 9] == 17:
            fragment = struct.unpack_from(">H", d, at + 6)[0] & 0x3fff
            return None if fragment else at + (d[at] & 15) * 4
        if d[at] >> 4 == 6 and d[at + 6] == 17:
            return at + 40
        return None

    def payload(self):
        if self.udp is None:
            return b""
        n = struct.unpack_from(">H", self.data, self.udp + 4)[0]
        return self.data[self.udp + 8:self.udp + n]

    def ports(self):
        return struct.unpack_from(">HH", self.data, self.udp)

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
        if d[self.ip] >> 4 == 4:
            struct.pack_into(">H", d, self.ip + 2, len(d) - self.ip)
        else:
            struct.pack_into(">H", d, self.ip + 4, len(d) - self.ip - 40)
        return Packet(self.ns, self.link, bytes(d))


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
        for p in packets:
            f.write(struct.pack("<IIII", p.ns // 10**9, p.ns % 10**9,
                                len(p.data), len(p.data)) + p.data)
