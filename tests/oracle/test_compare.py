#!/usr/bin/env python3
"""Tests of the comparison itself, over captures that it makes up (TAP).

A producer that repeats tshark's reading must agree to the last message, and
each way to differ from it must be noticed.
"""
import contextlib
import copy
import gzip
import io
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only

import compare

COLUMNS = """frame.number frame.protocols sip.Method sip.Status-Code
 sip.Call-ID sip.CSeq stun.type stun.id stun.att.type stun.channel
 classicstun.type classicstun.id classicstun.att.type""".split()
UDP = "eth:ethertype:ip:udp:"
ID24 = "0123456789abcdef01234567"
ID32 = "00112233445566778899aabbccddeeff"


def sip(frame, what, call_id="a@b", cseq="1 INVITE", **more):
    status = int(what) if what.isdigit() else None
    return dict({"file": 0, "frame": frame, "transport": "udp", "wrap": [],
                 "proto": "sip", "stun": None,
                 "sip": {"method": None if status else what, "status": status,
                         "call_id": call_id, "cseq": cseq, "bodies": []}},
                **more)


def stun(frame, what, txid, *attributes, **more):
    return dict({"file": 0, "frame": frame, "transport": "udp", "wrap": [],
                 "proto": "stun", "sip": None,
                 "stun": {"type": what, "txid": txid,
                          "attributes": list(attributes)}}, **more)


def channel(frame):
    return {"file": 0, "frame": frame, "transport": "udp", "wrap": [],
            "proto": "channel_data", "sip": None, "stun": None}


# tshark's reading, and below what a faithful program reads.
TSHARK = [
    (1, UDP + "sip:sdp", "INVITE", "", "a@b", "1 INVITE"),
    (2, UDP + "sip", "", "200", "a@\ufffd\ufffdb", "1 INVITE"),
    (3, UDP + "icmp:ip:udp:sip", "INVITE", "", "a@b", "1 INVITE"),
    (4, "eth:ethertype:ip:tcp:http:websocket:sip", "BYE", "", "c", "2 BYE"),
    (5, UDP + "stun", "", "", "", "", "0x0001", ID24, "0x0006|0x0024"),
    (6, UDP + "stun:data", "", "", "", "", "0x0016", ID24, "0x0012|0x0013"),
    (7, UDP + "stun:data", "", "", "", "", "", "", "", "0x4000"),
    (8, UDP + "classicstun", "", "", "", "", "", "", "", "", "0x0001", ID32,
     "0x0003"),
    (9, UDP + "classicstun:data", "", "", "", "", "", "", "", "", "0x0115",
     ID32, "0x000f|0x0012|0x0013"),
    (10, "eth:ethertype:ip:tcp:stun", "", "", "", "", "0x0003|0x0003",
     ID24 + "|" + ID24, "0x0019|0x0019"),
    (11, "eth:ethertype:ip:tcp:sip:sip", "BYE", "200", "x|y", "2 BYE|1 BYE"),
    (12, UDP + "data"),
    (13, "eth:ethertype:ip:tcp:sip"),
]
OTHER = [(12, UDP + "sip", "BYE", "", "a@b", "1 INVITE")]
FAITHFUL = [
    sip(1, "INVITE"),
    sip(2, "200", "a@\x80\x81b"),
    sip(4, "BYE", "c", "2 BYE", transport="ws", wrap=["websocket"]),
    stun(5, "0x0001", ID24, "0x0006", "0x8036", "0x0024"),
    stun(6, "0x0016", ID24, "0x0012", "0x0013"),
    stun(6, "0x0001", ID24, "0x0006", wrap=["send"]),
    channel(7),
    stun(8, "0x0001", ID32, "0x0003"),
    stun(9, "0x0115", ID32, "0x000f", "0x0012", "0x0013"),
    stun(10, "0x0003", ID24, "0x0019"),
    stun(10, "0x0003", ID24, "0x0019"),
    sip(11, "200", "x", "2 BYE"),
    sip(11, "BYE", "y", "1 BYE"),
    dict(channel(12), proto="malformed"),
]


def changed(number, **values):
    """FAITHFUL with one line's SIP or STUN part changed."""
    lines = copy.deepcopy(FAITHFUL)
    line = lines[number]
    line[line["proto"]].update(values)
    return lines


def without(number):
    return FAITHFUL[:number] + FAITHFUL[number + 1:]


# name, lines of the program, rows of the table, does it pass?
CASES = [
    ("a faithful copy agrees", FAITHFUL, [], True),
    ("a missing SIP message", without(0), [], False),
    ("a missing STUN message", without(3), [], False),
    ("a missing ChannelData", without(6), [], False),
    ("a missing classic STUN message", without(7), [], False),
    ("a missing MS-TURN message", without(8), [], False),
    ("a missing message of two in a frame", without(10), [], False),
    ("another method", changed(0, method="BYE"), [], False),
    ("another status", changed(1, status=201), [], False),
    ("another Call-ID", changed(0, call_id="a@c"), [], False),
    ("no Call-ID", changed(0, call_id=None), [], False),
    ("another CSeq", changed(0, cseq="2 INVITE"), [], False),
    ("another type", changed(3, type="0x0101"), [], False),
    ("another transaction", changed(7, txid="f" * 32), [], False),
    ("an attribute less", changed(3, attributes=["0x0006"]), [], False),
    ("attributes in another order",
     changed(3, attributes=["0x0024", "0x0006"]), [], False),
    ("a classic attribute more",
     changed(7, attributes=["0x0003", "0x8036"]), [], False),
    ("an attribute less among two messages",
     changed(10, attributes=[]), [], False),
    ("another Call-ID among two messages",
     changed(12, call_id="z"), [], False),
    ("an extra SIP message", FAITHFUL + [sip(12, "BYE")], [], False),
    ("an extra STUN message", FAITHFUL + [stun(12, "0x0001", ID24)], [],
     False),
    ("a second message in a frame", FAITHFUL + [sip(1, "INVITE")], [], False),
    ("a message quoted in ICMP", FAITHFUL + [sip(3, "INVITE")], [], False),
    ("SIP over WebSocket called TCP", FAITHFUL + [sip(4, "BYE")], [], False),
    ("a nested message without an outer one",
     FAITHFUL + [stun(12, "0x0001", ID24, wrap=["data"])], [], False),
    ("a line without its parts", FAITHFUL + [{"frame": 12}], [], False),
    ("a row excuses a missing message", without(7),
     ["*.pcap\t8\tclassic\tmrascope\t-\tx\ty"], True),
    ("a row excuses a shorter list", changed(3, attributes=["0x0006"]),
     ["a.pcap\t5\tstun\tmrascope\t0x0001[0x0006]\tx\ty"], True),
    ("a row excuses nothing but what it tells",
     changed(3, attributes=["0x0024"]),
     ["a.pcap\t5\tstun\tmrascope\t0x0001[0x0006]\tx\ty"], False),
    ("a row excuses no other transaction",
     changed(3, txid="f" * 24, attributes=["0x0006"]),
     ["a.pcap\t5\tstun\tmrascope\t0x0001[0x0006]\tx\ty"], False),
    ("a row that is not needed", FAITHFUL,
     ["a.pcap\t5\tstun\tmrascope\t0x0001\tx\ty"], False),
    ("a row for another file", FAITHFUL,
     ["b.pcap\t5\tstun\tmrascope\t-\tx\ty"], False),
    ("a row that reads as another file", FAITHFUL + [sip(12, "BYE")],
     ["a.pcap\t12\tsip\tmrascope\t=b.pcap\tx\ty"], True),
    ("a row that reads not as another file", FAITHFUL + [sip(12, "ACK")],
     ["a.pcap\t12\tsip\tmrascope\t=b.pcap\tx\ty"], False),
    ("a row that reads frame by frame", without(0)[1:],
     ["a.pcap\t1-2\tsip\tneither\t- -\tx\ty"], True),
]


def make_captures(root):
    for folder in ("real", "oracle"):
        os.mkdir(os.path.join(root, folder))
    with open(os.path.join(root, "real", "a.pcap"), "w", encoding="ascii"):
        pass
    write_oracle(root, "a.pcap", TSHARK)
    write_oracle(root, "b.pcap", OTHER)


def write_oracle(root, name, rows):
    with gzip.open(os.path.join(root, "oracle", name + ".tsv.gz"), "wt",
                   encoding="utf-8") as out:
        print("\t".join(COLUMNS), file=out)
        for row in rows:
            cells = [str(x) for x in row] + [""] * len(COLUMNS)
            print("\t".join(cells[:len(COLUMNS)]), file=out)


def passes(root, lines, rows):
    texts = [json.dumps(line) for line in lines]
    table = [compare.Row(row, n) for n, row in enumerate(rows, 2)]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        passed = compare.test_all(root, ["a.pcap"], lambda path: texts, table)
    return passed, output.getvalue()


def main():
    print("1..%d" % len(CASES))
    with tempfile.TemporaryDirectory() as root:
        make_captures(root)
        for number, (name, lines, rows, wanted) in enumerate(CASES, 1):
            passed, output = passes(root, lines, rows)
            print("%s %d - %s" % ("ok" if passed == wanted else "not ok",
                                  number, name))
            if passed != wanted:
                print("".join("# %s\n" % x for x in output.split("\n")))


if __name__ == "__main__":
    main()
