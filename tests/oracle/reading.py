"""Two readings of one capture, in one shape: tshark's and ours.

A reading is a dictionary: (frame, kind) -> Reading, the messages of that kind
that the frame completes.  tshark's comes from ORACLE/FILE.tsv.gz (one line a
frame, several values of a field joined by "|"), ours from the JSON lines of
`mrascope frames FILE`.

What is left out of the comparison, and why (everything else counts):

 * Quoted: messages inside an ICMP error are no lines of ours, by contract.
   tshark dissects them; they stand behind "icmp" in frame.protocols.  A line
   of ours in such a frame is still an extra one.
 * SIP over WebSocket, on both sides: it has its own tests.  Ours is known by
   `transport`; as plain TCP it would be an extra message.
 * Nested: what TURN carries (in ChannelData, Send, Data, or the multiplexed
   frame of MS-TURN) is "data" for tshark 4.0, but a line with a `wrap` for us.
   Such a line needs an outer message in tshark's reading of the same frame;
   without one it counts as extra.
 * Lines with "proto": "malformed" claim no message.

And where tshark's columns tell less than our lines:

 * stun.att.type leaves out every type that has no name in tshark: exactly
   those are dropped from our lists (TSHARK_NAMES).  classicstun.att.type
   leaves out none.
 * Text: a value ends at NUL, and bytes that are no UTF-8 are U+FFFD.  So both
   sides end at NUL, and a run of non-ASCII characters counts as one mark.
 * Several messages in one frame: requests stand in one column and responses in
   another, attributes of all messages in one list.  Ours are joined likewise.
"""
import collections
import gzip
import json
import re

KINDS = ("sip", "stun", "classic", "ms-turn", "channel-data")

# whats: methods and status codes, or message types; ids: Call-IDs or
# transaction ids; rest: CSeqs or attribute types.
Reading = collections.namedtuple("Reading", "count whats ids rest")

CARRIERS = {"channel_data", "send", "data", "mturn"}
ELSEWHERE = {"ws", "wss"}

# The attribute types that TShark 4.0.17 lists in stun.att.type.  Found by
# trial: 65536 messages with one attribute each.
TSHARK_NAMES = frozenset(int(x, 16) for x in """
0001 0002 0003 0004 0005 0006 0007 0008 0009 000a 000b 000c 000d 000e 000f 0010
0011 0012 0013 0014 0015 0016 0017 0018 0019 001a 001b 001c 001d 001e 0020 0022
0024 0025 0026 0027 0028 002a 0030 8000 8001 8002 8003 8004 8006 8008 8020 8022
8023 8025 8027 8028 8029 802a 802b 802c 802d 802e 8030 8032 8037 8039 8050 8054
8055 8056 8057 8058 8059 805a 805b 805c 805d 805e 805f 8060 8061 8062 8068 8070
8090 8095 c000 c001 c002 c057 c058 c059 c05a c05b c05c c05d c060 ff04 ff05
""".split())


def plain(text):
    """Text as tshark can show it."""
    return re.sub(r"[^\x00-\x7f]+", "\ufffd", text.split("\0")[0])


def split(value):
    return value.split("|") if value else []


def stun_kind(attributes, cookie):
    """MS-TURN puts its own cookie first ([MS-TURN] 2.2.2.8)."""
    if attributes and int(attributes[0], 16) == 0x000F:
        return "ms-turn"
    return "stun" if cookie else "classic"


# ---- tshark's reading ----

def oracle_sip(row):
    whats = split(row["sip.Method"]) + split(row["sip.Status-Code"])
    ids, rest = [row["sip.Call-ID"]], [row["sip.CSeq"]]
    if len(whats) > 1:
        ids, rest = split(ids[0]), split(rest[0])
    return Reading(len(whats), whats, [plain(x) for x in ids if x],
                   [plain(x) for x in rest if x])


def oracle_row(row):
    """Yields (kind, Reading) of one frame."""
    sip = oracle_sip(row)
    if sip.count:
        yield "sip", sip
    for prefix, cookie in (("stun", True), ("classicstun", False)):
        types = split(row[prefix + ".type"])
        attributes = split(row[prefix + ".att.type"])
        if types:
            yield (stun_kind(attributes, cookie),
                   Reading(len(types), types, split(row[prefix + ".id"]),
                           attributes))
    if row["stun.channel"] and not row["stun.type"]:
        yield "channel-data", Reading(1, [], [], [])


def left_out(kind, protocols):
    """Why tshark's reading of this frame does not count, or None."""
    if "icmp" in protocols or "icmpv6" in protocols:
        return "quoted in ICMP"
    if kind == "sip" and "websocket" in protocols:
        return "SIP over WebSocket"
    return None


def read_oracle(path):
    """Returns tshark's reading and a count of what is left out, by reason."""
    reading, out = {}, collections.Counter()
    with gzip.open(path, "rt", encoding="utf-8", errors="replace",
                   newline="\n") as lines:
        names = next(lines).rstrip("\n").split("\t")
        for line in lines:
            row = dict(zip(names, line.rstrip("\n").split("\t")))
            protocols = row["frame.protocols"].split(":")
            for kind, r in oracle_row(row):
                why = left_out(kind, protocols)
                if why:
                    out[why] += r.count
                else:
                    reading[int(row["frame.number"]), kind] = r
    return reading, out


# ---- our reading ----

def our_kind(line):
    if line["proto"] == "sip":
        return "sip"
    if line["proto"] == "channel_data":
        return "channel-data"
    stun = line["stun"]
    return stun_kind(stun["attributes"], len(stun["txid"]) == 24)


def our_message(line):
    """One line as a Reading of one message."""
    if line["proto"] == "sip":
        sip = line["sip"]
        what = sip["method"] if sip["status"] is None else str(sip["status"])
        return Reading(1, [what], [plain(sip["call_id"])]
                       if sip["call_id"] else [],
                       [plain(sip["cseq"])] if sip["cseq"] else [])
    if line["proto"] == "channel_data":
        return Reading(1, [], [], [])
    stun = line["stun"]
    attributes = stun["attributes"]
    if len(stun["txid"]) == 24:
        attributes = [x for x in attributes if int(x, 16) in TSHARK_NAMES]
    return Reading(1, [stun["type"]], [stun["txid"]], attributes)


def joined(a, b):
    """Two readings of one frame; requests before responses, as tshark does."""
    whats = sorted(a.whats + b.whats,
                   key=lambda x: x.isdigit() and len(x) == 3)
    return Reading(a.count + b.count, whats, a.ids + b.ids, a.rest + b.rest)


def read_ours(lines, oracle):
    """Our reading, and a count of what is left out; `oracle` is tshark's."""
    reading, out = {}, collections.Counter()
    outer = {frame for frame, kind in oracle if kind != "sip"}
    for text in lines:
        line = json.loads(text)
        if line["proto"] == "malformed":
            out["malformed"] += 1
            continue
        if line["proto"] == "sip" and line["transport"] in ELSEWHERE:
            out["SIP over " + line["transport"]] += 1
            continue
        if CARRIERS & set(line["wrap"]) and line["frame"] in outer:
            out["nested"] += 1
            continue
        key, r = (line["frame"], our_kind(line)), our_message(line)
        reading[key] = joined(reading[key], r) if key in reading else r
    return reading, out
