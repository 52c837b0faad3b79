"""An analysis as goldens keep it: rows by their keys, in the order of these,
and keys in place of ids; so a new call or rule adds lines and changes none."""
import json

WIDTH = 100
TOP = {"parties": "p", "registrations": "r", "tokens": "t",
       "allocations": "a", "calls": "c", "findings": "f"}
REFERENCES = {"party", "token", "call", "allocation", "dialog", "parent",
              "offer", "answer", "derived_from", "pair", "base_pair"}
LISTS = {"refs", "parties", "findings"}


def candidate_key(row):
    return "%s %s %s %s %s" % (row["side"], row["type"], row["address"],
                               row["transport"], row["component"])


def pair_key(row):
    return "%s %s - %s%s" % (
        row["id"] if row["offer_address"] is None else "pair",
        row["offer_address"], row["answer_address"],
        " derived" if row["derived_from"] else "")


INNER = {"dialogs": lambda row: row["call_id"], "candidates": candidate_key,
         "pairs": pair_key}


def unique(names, row_id, name):
    """Equal names get a number in order of appearance."""
    taken, number = set(names.values()), 1
    first = name
    while name in taken:
        number += 1
        name = "%s#%d" % (first, number)
    names[row_id] = name


def replace(value, names):
    if isinstance(value, list):
        return [replace(v, names) for v in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for member, v in value.items():
        if member in REFERENCES and isinstance(v, str):
            v = names.get(v, v)
        elif member in LISTS and all(isinstance(x, str) for x in v):
            v = sorted(names.get(x, x) for x in v)
        else:
            v = replace(v, names)
        out[member] = v
    return out


def keyed(rows, names):
    out = {}
    for row in rows:
        row = dict(row)
        name = names[row.pop("id")]
        row.pop("key", None)
        out[name] = replace(row, names)
    return dict(sorted(out.items()))


def call_by_key(call, names):
    names = dict(names)
    for member, name_of in INNER.items():
        own = {}
        for row in call[member]:
            unique(own, row["id"], name_of(row))
        names.update(own)
    call = dict(call)
    inner = {member: keyed(call[member], names) for member in INNER}
    call = replace({k: v for k, v in call.items() if k not in INNER}, names)
    call.update(inner)
    return call


def by_key(analysis):
    names = {row["id"]: row["key"] for member in TOP
             for row in analysis[member]}
    out = dict(analysis)
    out["generator"] = dict(analysis["generator"], version="VERSION")
    out["calls"] = [call_by_key(call, names) for call in analysis["calls"]]
    for member in TOP:
        out[member] = keyed(out[member], names)
    return out


def dump(value, indent=0, before=0):
    """Like json.dumps, but what fits a line is one; `before`: the width of
    what stands before it on its line."""
    flat = json.dumps(value)
    if indent + before + len(flat) < WIDTH or not value or \
            not isinstance(value, (dict, list)):
        return flat
    pad = "\n" + " " * (indent + 1)
    if isinstance(value, dict):
        items = [(json.dumps(k) + ": ", v) for k, v in value.items()]
    else:
        items = [("", v) for v in value]
    lines = [pad + k + dump(v, indent + 1, len(k)) for k, v in items]
    ends = "{}" if isinstance(value, dict) else "[]"
    return ends[0] + ",".join(lines) + "\n" + " " * indent + ends[1]


def text(document):
    """The golden text of a document; itself when it is none."""
    try:
        return dump(by_key(json.loads(document))) + "\n"
    except ValueError:
        return document
