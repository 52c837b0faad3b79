"""Messages of [MS-TURN] as lists of attributes, to be changed and signed again:
no padding, the integrity over a padded text (spec stun-turn 2.4, 2.6)."""
import hashlib
import hmac
import ipaddress
import struct

from stun_again import INTEGRITY, Message

COOKIE = (0x000f, b"\x72\xc6\x4b\xc6")


class MsMessage(Message):
    """txid has all 16 bytes behind the length."""

    def again(self, kind, attributes):
        return MsMessage(kind, self.txid, attributes)

    def without(self, *kinds):
        return self.again(self.kind, [a for a in self.attributes
                                      if a[0] not in kinds])

    def of_kind(self, kind):
        return self.again(kind, self.attributes)

    def with_value(self, kind, value):
        out = self.again(self.kind, self.attributes)
        for i, a in enumerate(out.attributes):
            if a[0] == kind:
                out.attributes[i] = (kind, value)
                return out
        at = next((i for i, a in enumerate(out.attributes)
                   if a[0] == INTEGRITY), len(out.attributes))
        out.attributes.insert(at, (kind, value))
        return out

    def plain(self, ip, port):
        ip = ipaddress.ip_address(ip)
        return struct.pack(">BBH", 0, 1 if ip.version == 4 else 2,
                           port) + ip.packed

    def address(self, ip, port):
        value = self.plain(ip, port)
        mask = self.txid[:2] + self.txid
        return value[:2] + bytes(a ^ b for a, b in zip(value[2:], mask))

    def endpoint(self, value, masked=True):
        mask = self.txid[:2] + self.txid if masked else bytes(18)
        clear = bytes(a ^ b for a, b in zip(value[2:], mask))
        return (str(ipaddress.ip_address(clear[2:])),
                struct.unpack(">H", clear[:2])[0])

    def bytes(self, key, spoil=False, size=None):
        """Length right, and the integrity where there is a key."""
        body = [(k, bytes(size) if k == INTEGRITY and size else v)
                for k, v in self.attributes]
        n = sum(4 + len(v) for _, v in body)
        out = struct.pack(">HH", self.kind, n) + self.txid
        for kind, value in body:
            if kind == INTEGRITY and key:
                text = out + bytes(-len(out) % 64)
                mac = hmac.new(key, text, hashlib.sha256 if len(value) == 32
                               else hashlib.sha1).digest()
                value = (mac + bytes(4))[:len(value)]
                if spoil:
                    value = bytes([value[0] ^ 1]) + value[1:]
            out += struct.pack(">HH", kind, len(value)) + value
        return out


def parse(payload):
    """An MsMessage, or None."""
    if len(payload) < 28 or payload[0] & 0xc0 or \
            struct.unpack_from(">H", payload, 2)[0] + 20 != len(payload):
        return None
    attributes, at = [], 20
    while at + 4 <= len(payload):
        kind, n = struct.unpack_from(">HH", payload, at)
        attributes.append((kind, payload[at + 4:at + 4 + n]))
        at += 4 + n
    if at != len(payload) or attributes[0] != COOKIE:
        return None
    return MsMessage(struct.unpack_from(">H", payload)[0], payload[4:20],
                     attributes)


def trimmed(text):
    return text.lstrip(b'"').rstrip(b'"\0')


def key_of(user, realm, password):
    return hashlib.md5(b":".join(
        trimmed(t) for t in (user, realm, password))).digest()
