"""An analysis (mrascope.analysis/1) held against itself: what refers to what,
what stands in which order, and what must not be in it."""
import re

STAGES = ["registration", "token", "gathering", "exchange", "probing"]
LISTS = {"p": "parties", "r": "registrations", "t": "tokens",
         "a": "allocations", "c": "calls", "f": "findings"}
# member of a row: the kind of id that it holds
REFERENCES = {
    "registrations": {"party": "p"},
    "tokens": {"party": "p"},
    "allocations": {"party": "p", "token": "t"},
    "findings": {"call": "c"},
}
IN_CALLS = {
    "dialogs": {"parent": "d"},
    "candidates": {"dialog": "d", "allocation": "a"},
    "pairs": {"offer": "k", "answer": "k", "derived_from": "q"},
    "media": {"pair": "q"},
    "unchecked": {"offer": "k", "answer": "k", "base_pair": "q"},
}


class Document:
    def __init__(self, analysis):
        self.a = analysis
        self.wrong = []
        self.ids = {kind: {} for kind in "prtacf"}

    def say(self, where, text):
        self.wrong.append("%s: %s" % (where, text))

    def collect(self):
        """Ids and keys of the lists at the top stand once."""
        for kind, name in LISTS.items():
            keys = set()
            for row in self.a[name]:
                if row["id"] in self.ids[kind]:
                    self.say(row["id"], "stands twice")
                if row["key"] in keys:
                    self.say(row["id"], "key stands twice: " + row["key"])
                self.ids[kind][row["id"]] = row
                keys.add(row["key"])

    def refer(self, where, row, members, ids):
        for member, kind in members.items():
            value = row[member]
            if value is not None and value not in ids[kind]:
                self.say(where, "%s %s is not there" % (member, value))

    def call(self, c):
        ids = dict(self.ids)
        for kind, name in (("d", "dialogs"), ("k", "candidates"),
                           ("q", "pairs")):
            ids[kind] = {}
            for row in c[name]:
                if row["id"] in ids[kind]:
                    self.say(c["id"], row["id"] + " stands twice")
                ids[kind][row["id"]] = row
        for name, members in IN_CALLS.items():
            for row in c[name]:
                self.refer("%s %s" % (c["id"], row.get("id", name)), row,
                           members, ids)
        self.stages(c, ids)
        self.derived(c, ids["q"])
        self.findings(c)
        for p in c["parties"]:
            if p not in ids["p"]:
                self.say(c["id"], p + " is not there")
        self.order(c["id"], c["start"], c["end"])

    def stages(self, c, ids):
        if [s["stage"] for s in c["stages"]] != STAGES:
            self.say(c["id"], "stages are not the five in their order")
        for s in c["stages"]:
            for r in s["refs"]:
                if r not in ids[r[0]]:
                    self.say(c["id"], "%s of %s is not there" %
                             (r, s["stage"]))
            self.order(c["id"] + " " + s["stage"], s["start"], s["end"])

    def derived(self, c, pairs):
        for q in c["pairs"]:
            origin = pairs.get(q["derived_from"])
            if origin and (origin["derived_from"] or
                           origin["selected"] != q["selected"]):
                self.say(q["id"], "is not derived as it should be")

    def findings(self, c):
        own = [f["id"] for f in self.a["findings"] if f["call"] == c["id"]]
        if sorted(own) != sorted(c["findings"]):
            self.say(c["id"], "findings %s are not %s" % (c["findings"], own))
        rules = {self.ids["f"][f]["rule"] for f in own}
        rule = c["verdict"]["rule"]
        if rule and rule not in rules:
            self.say(c["id"], "no finding of the rule " + rule)

    def order(self, where, first, last):
        if first and last and first > last:
            self.say(where, "ends before it begins")

    def places(self, value, where=""):
        """Frames exist."""
        if isinstance(value, dict):
            for k, v in value.items():
                if k == "frame" and v:
                    self.place(v, where)
                elif k == "frames" and isinstance(v, list):
                    for place in v:
                        self.place(place, where)
                elif isinstance(v, (dict, list)):
                    self.places(v, value.get("id", where))
        else:
            for v in value:
                if isinstance(v, (dict, list)):
                    self.places(v, where)

    def place(self, place, where):
        file, frame = map(int, place.split(":"))
        captures = self.a["captures"]
        if file >= len(captures) or frame > captures[file]["frames"]:
            self.say(where, "no frame " + place)

    def check(self):
        self.collect()
        for name, members in REFERENCES.items():
            for row in self.a[name]:
                self.refer(row["id"], row, members, self.ids)
        for c in self.a["calls"]:
            self.call(c)
        for i, c in enumerate(self.a["captures"]):
            self.order("capture %d" % i, c["first_time"], c["last_time"])
        for name in ("allocations", "tokens", "registrations", "calls",
                     "findings"):
            self.places(self.a[name])
        if sum(c["frames"] for c in self.a["captures"]) != \
                self.a["counts"]["frames"]:
            self.say("counts", "not all frames of the captures")
        return self.wrong


def faults(analysis):
    """What is wrong with a document that fits its schema."""
    return Document(analysis).check()


def secrets_in(capture):
    """The passwords that a capture shows in the clear."""
    found = re.findall(rb"a=ice-pwd:([!-~]{8,})", capture)
    found += re.findall(rb"<(?:\w+:)?password>([^<]{8,})<", capture)
    return {s.decode("ascii", "replace") for s in found}
