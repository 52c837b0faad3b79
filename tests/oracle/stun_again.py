"""STUN messages as lists of attributes, to be changed and signed again."""
import hashlib
import hmac
import ipaddress
import struct
import zlib

COOKIE = b"\x21\x12\xa4\x42"
INTEGRITY, FINGERPRINT = 0x0008, 0x8028
XOR = (0x0012, 0x0016, 0x0020)


class Message:
    def __init__(self, kind, txid, attributes):
        self.kind, self.txid = kind, txid
        self.attributes = list(attributes)  # (type, value)

    def has(self, kind):
        return any(a[0] == kind for a in self.attributes)

    def value(self, kind):
        return next((v for t, v in self.attributes if t == kind), None)

    def without(self, *kinds):
        return Message(self.kind, self.txid,
                       [a for a in self.attributes if a[0] not in kinds])

    def with_value(self, kind, value):
        """In its place, or in front of the integrity."""
        out = Message(self.kind, self.txid, self.attributes)
        for i, a in enumerate(out.attributes):
            if a[0] == kind:
                out.attributes[i] = (kind, value)
                return out
        at = next((i for i, a in enumerate(out.attributes)
                   if a[0] in (INTEGRITY, FINGERPRINT)), len(out.attributes))
        out.attributes.insert(at, (kind, value))
        return out

    def of_kind(self, kind):
        return Message(kind, self.txid, self.attributes)

    def address(self, ip, port):
        ip = ipaddress.ip_address(ip)
        mask = COOKIE + self.txid
        packed = bytes(x ^ y for x, y in zip(ip.packed, mask))
        return struct.pack(">BBH", 0, 1 if ip.version == 4 else 2,
                           port ^ 0x2112) + packed

    def endpoint(self, value):
        mask = COOKIE + self.txid
        packed = bytes(x ^ y for x, y in zip(value[4:], mask))
        return (str(ipaddress.ip_address(packed)),
                struct.unpack(">H", value[2:4])[0] ^ 0x2112)

    def bytes(self, key, spoil=False):
        """Lengths, integrity (where it has one) and fingerprint made right."""
        out = struct.pack(">HH", self.kind, 0) + COOKIE + self.txid
        for kind, value in self.attributes:
            if kind == INTEGRITY and key:
                head = out[:2] + struct.pack(">H", len(out) + 4) + out[4:]
                value = hmac.new(key, head, hashlib.sha1).digest()
                if spoil:
                    value = bytes([value[0] ^ 1]) + value[1:]
            if kind == FINGERPRINT:
                head = out[:2] + struct.pack(">H", len(out) - 12) + out[4:]
                value = struct.pack(">I", zlib.crc32(head) ^ 0x5354554e)
            out += struct.pack(">HH", kind, len(value)) + value + \
                b"\0" * (-len(value) % 4)
        return out[:2] + struct.pack(">H", len(out) - 20) + out[4:]


def parse(payload):
    """A Message, or None."""
    if len(payload) < 20 or payload[0] & 0xc0 or payload[4:8] != COOKIE or \
            struct.unpack_from(">H", payload, 2)[0] + 20 != len(payload):
        return None
    attributes, at = [], 20
    while at + 4 <= len(payload):
        kind, n = struct.unpack_from(">HH", payload, at)
        attributes.append((kind, payload[at + 4:at + 4 + n]))
        at += 4 + (n + 3) // 4 * 4
    return Message(struct.unpack_from(">H", payload)[0], payload[8:20],
                   attributes)


def long_term_key(user, realm, password):
    return hashlib.md5(b":".join((user, realm, password))).digest()
