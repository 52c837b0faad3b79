"""Inputs that are too large to keep, made when a case wants them; also those
that stand in tests/recipes (NAME.hit.pcapng, FOLDER+NAME.recipe.pcapng) and in
sentences.py (NAME.told.pcapng)."""
import gzip
import os
import struct
import subprocess

import packets
import sentences


def nested_indications():
    """Send indications in each other's DATA: 2700 fit into a datagram; four
    datagrams make it more than 10 000."""
    inner = packets.stun(0x0001)
    while len(inner) + 24 < 65507:
        inner = packets.stun(0x0016, packets.attribute(0x0013, inner))
    return packets.pcap([packets.udp(packets.ALICE, packets.TURN, inner)] * 4)


def nested_channel_data():
    """10 000 ChannelData messages in each other, after a binding."""
    inner = packets.stun(0x0001)
    for _ in range(10000):
        inner = struct.pack("!HH", 0x4000, len(inner)) + inner
    bind = packets.stun(0x0009, packets.attribute(
        0x000c, b"\x40\0\0\0") + packets.XOR_PEER)
    return packets.pcap([packets.udp(packets.ALICE, packets.TURN, bind),
                         packets.udp(packets.ALICE, packets.TURN, inner)])


def a_message():
    return packets.pcap([packets.udp(packets.ALICE, packets.BOB,
                                     packets.sip(packets.OPTIONS))])


def passwords():
    """An INVITE with a password in its URI, and one for ICE in its SDP."""
    offer = b"\r\n".join([
        b"v=0", b"o=- 1 1 IN IP4 192.0.2.1", b"s=-",
        b"c=IN IP4 192.0.2.1", b"t=0 0", b"m=audio 40000 RTP/AVP 0",
        b"a=ice-ufrag:abcd", b"a=ice-pwd:opensesameopensesame12",
        b"a=candidate:1 1 UDP 2130706431 192.0.2.1 40000 typ host", b""])
    invite = packets.sip("INVITE sip:bob:hunter2@example.test SIP/2.0", offer)
    invite = invite.replace(b"1 OPTIONS", b"1 INVITE").replace(
        b"Max-Forwards", b"Content-Type: application/sdp\r\nMax-Forwards")
    busy = packets.sip("SIP/2.0 486 Busy Here").replace(
        b"1 OPTIONS", b"1 INVITE").replace(b"test>\r\nCall",
                                           b"test>;tag=b\r\nCall")
    return packets.pcap([packets.udp(packets.ALICE, packets.BOB, invite),
                         packets.udp(packets.BOB, packets.ALICE, busy)])


def secrets():
    """Secrets that fields know: a token of OAuth (RFC 7635) in an Allocate,
    the response of Digest in a REGISTER."""
    allocate = packets.stun(0x0003, packets.attribute(
        0x0019, b"\x11\0\0\0") + packets.attribute(
            0x001b, b"opensesameopensesame"))
    refused = packets.stun(0x0113, packets.attribute(
        0x0009, b"\0\0\4\1Unauthorized"))
    register = packets.sip("REGISTER sip:example.test SIP/2.0").replace(
        b"1 OPTIONS", b"2 REGISTER").replace(
            b"Max-Forwards", b"Authorization: Digest username=\"alice\", "
            b"realm=\"example.test\", nonce=\"n\", "
            b"uri=\"sip:example.test\", "
            b"response=\"0123456789abcdef0123456789abcdef\"\r\n"
            b"Max-Forwards")
    return packets.pcap([packets.udp(packets.ALICE, packets.TURN, allocate),
                         packets.udp(packets.TURN, packets.ALICE, refused),
                         packets.udp(packets.ALICE, packets.BOB, register)])


def others():
    """Beside a call that is refused what is no call: OPTIONS with an answer,
    a MESSAGE that is refused, a SUBSCRIBE without answer and, in the dialog of
    the call, an OPTIONS that is no row of its own."""
    def ask(first, number, cseq):
        text = packets.sip(first, number=number).replace(
            b"1 OPTIONS", cseq.encode())
        return packets.udp(packets.ALICE, packets.BOB, text)

    def answer(first, number, cseq):
        text = packets.sip(first, number=number).replace(
            b"1 OPTIONS", cseq.encode()).replace(
                b"test>\r\nCall", b"test>;tag=b\r\nCall")
        return packets.udp(packets.BOB, packets.ALICE, text)

    uri = " sip:bob@example.test SIP/2.0"
    compact = packets.udp(packets.ALICE, packets.BOB, packets.sip(
        "SUBSCRIBE" + uri, number=4).replace(b"1 OPTIONS", b"1 SUBSCRIBE")
        .replace(b"From:", b"f:").replace(b"To:", b"t:")
        .replace(b"Call-ID:", b"i:"))
    return packets.pcap([
        ask("OPTIONS" + uri, 2, "1 OPTIONS"),
        answer("SIP/2.0 200 OK", 2, "1 OPTIONS"),
        ask("INVITE" + uri, 1, "1 INVITE"),
        ask("MESSAGE" + uri, 3, "1 MESSAGE"),
        answer("SIP/2.0 404 Not Found", 3, "1 MESSAGE"),
        ask("OPTIONS" + uri, 1, "2 OPTIONS"),
        answer("SIP/2.0 486 Busy Here", 1, "1 INVITE"), compact])


def hostile():
    """What a terminal would obey, in places that a screen shows: escape
    codes, controls, marks that turn text around, broken UTF-8."""
    invite = packets.sip("INVITE sip:bob@example.test SIP/2.0")
    invite = invite.replace(b"1 OPTIONS", b"1 INVITE").replace(
        b"From: <sip:alice@", b"From: \"\x1b]0;owned\x07\" <sip:a\x1b[2Je@"
    ).replace(b"Max-Forwards", b"Subject: \x1b[31mred \xe2\x80\xaeturned "
              b"\x9b2J \xff\xfe \x08\x08\x7f\r\nUser-Agent: "
              + "\u4e2d\u6587 \u00e9\u0301 \\ tab\t".encode() +
              b"\r\nMax-Forwards")
    busy = packets.sip("SIP/2.0 486 \x1b[5mBusy\x1b[0m \x1bc").replace(
        b"1 OPTIONS", b"1 INVITE").replace(b"test>\r\nCall",
                                           b"test>;tag=b\r\nCall")
    return packets.pcap([packets.udp(packets.ALICE, packets.BOB, invite),
                         packets.udp(packets.BOB, packets.ALICE, busy)])


def gzip_bomb():
    """A message, and 64 MB of zeros behind it in 64 KB."""
    return gzip.compress(a_message() + bytes(64 << 20), 9, mtime=0)


def zstd_block(kind, size, content):
    """RFC 8878 3.1.1.2; kind 0: as it is, 1: one byte `size` times."""
    return struct.pack("<I", size << 3 | kind << 1)[:3] + content


def zstd_bomb():
    """A message, and 4000 packets of 128 KB of nothing; 80 KB by hand."""
    start = a_message()
    head = struct.pack("<IIII", packets.START, 0, 131072, 131072)
    nothing = zstd_block(0, len(head), head) + zstd_block(1, 131072, b"\0")
    return b"\x28\xb5\x2f\xfd\0\x38" + zstd_block(0, len(start), start) \
        + nothing * 4000 + b"\1\0\0"


MAKERS = {
    "nested-indications.pcap": nested_indications,
    "nested-channel-data.pcap": nested_channel_data,
    "passwords.pcap": passwords,
    "secrets.pcap": secrets,
    "others.pcap": others,
    "hostile.pcap": hostile,
    "bomb.pcap.gz": gzip_bomb,
    "bomb.pcap.zst": zstd_bomb,
    **sentences.CAPTURES,
}


RECIPES = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "recipes")
MKCAPTURE = os.path.abspath(os.path.join(os.environ.get("builddir", "."),
                                         "mkcapture"))


def recipe_of(path):
    name = os.path.basename(path).replace("+", os.sep)
    return os.path.join(RECIPES, name[:-len(".pcapng")])


def make_told(path):
    recipe = path + ".recipe"
    with open(recipe, "w", encoding="utf-8") as f:
        f.write(sentences.RECIPES[os.path.basename(path)[
            :-len(".told.pcapng")]]())
    subprocess.run([MKCAPTURE, recipe, path], check=True,
                   stdin=subprocess.DEVNULL)


def make(path):
    """Makes the input `path` unless it is there; other names are outputs."""
    if path.endswith(".told.pcapng"):
        make_told(path)
        return
    if path.endswith(".told.uccapilog"):  # made with its capture
        if not os.path.exists(path):
            make_told(path[:-len("uccapilog")] + "pcapng")
        return
    if path.endswith((".hit.pcapng", ".quiet.pcapng", ".recipe.pcapng")):
        subprocess.run([MKCAPTURE, recipe_of(path), path], check=True,
                       stdin=subprocess.DEVNULL)
        return
    maker = MAKERS.get(os.path.basename(path))
    if maker and not os.path.exists(path):
        with open(path, "wb") as f:
            f.write(maker())
