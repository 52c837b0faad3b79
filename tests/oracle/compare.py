#!/usr/bin/env python3
"""Holds `mrascope frames` against tshark's reading of real captures.

usage: compare.py [-v] [BINARY [FILE...]]
       compare.py --count

BINARY is $MRASCOPE unless given.  Runs over CAPTURES/real, CAPTURES being
$MRASCOPE_CAPTURES or ../shared/captures beside the source tree; FILEs are
names below it, or shell patterns of such.  Prints TAP, one test a file:
per kind (SIP, cookie STUN, classic STUN, MS-TURN, ChannelData) 99.5 % of the
messages must agree frame by frame, missing, extra and different ones alike.
What counts is told in reading.py.  -v shows every frame that differs, --count
only what tshark sees.

Where one of the two is known to be wrong, a row of differences.tsv says so.
A row names a file (or a pattern), frames, a kind, who is right, what
mrascope reads in each of these frames, and the source that decides.  It
excuses a frame only while mrascope reads that, and a row that no file needs
is an error: so the table stays short and true.  In the column `reads`:

    -              no message of that kind
    0x0113         one message of that type (or a SIP method or status)
    0x0113[a,b]    the same with exactly these attributes, named or not
    A B C          frame by frame, as many as the row has frames
    =FILE          what tshark reads in that frame of FILE

A transaction id or Call-ID that tshark reads there must still be ours.
"""
import collections
import fnmatch
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

from reading import KINDS, Reading, our_kind, read_oracle, read_ours

HERE = os.path.dirname(os.path.abspath(__file__))
AGREEMENT = 0.995
PATIENCE = 120  # seconds a file may take
SHOWN = 5  # frames that differ, a file, without -v
NOTES = (".tsv", ".md", ".txt", ".keys")  # not captures
NOTHING = Reading(0, [], [], [])

# ok: agree; excused: by a row; missing: tshark's only; extra: ours only.
Score = collections.namedtuple("Score", "ok excused missing extra different")


class Row:
    """A row of differences.tsv."""

    def __init__(self, line, number):
        cells = line.rstrip("\n").split("\t")
        if len(cells) != 7:
            raise ValueError("line %d has not 7 columns" % number)
        self.name = "differences.tsv:%d" % number
        self.file, frames, self.kind, self.right, reads = cells[:5]
        self.frames = frame_list(frames)
        if self.kind not in KINDS or self.right not in (
                "tshark", "mrascope", "neither"):
            raise ValueError("line %d: kind or who is right" % number)
        self.like = reads[1:] if reads.startswith("=") else None
        self.reference = {}
        reads = reads.split(" ")
        if len(reads) == 1:
            reads *= len(self.frames)
        if len(reads) != len(self.frames):
            raise ValueError("line %d: as many readings as frames" % number)
        self.reads = dict(zip(self.frames, reads))
        self.used = False
        self.wrong = []  # places where it is not true

    def load(self, root):
        """Reads what the row refers to."""
        if self.like:
            self.reference = read_oracle(oracle_path(root, self.like))[0]

    def true_of(self, frame, theirs, ours, attributes):
        """Do we read in this frame what the row says?"""
        if self.like:
            return self.reference.get((frame, self.kind), NOTHING) == ours
        return reads_so(self.reads[frame], ours, attributes, theirs)


def frame_list(text):
    """"3,5-7" is [3, 5, 6, 7]."""
    frames = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        frames += range(int(first), int(last or first) + 1)
    return frames


def read_rows(path):
    with open(path, encoding="utf-8") as lines:
        next(lines)
        return [Row(line, number) for number, line in enumerate(lines, 2)]


def common(a, b):
    """How many values two lists share."""
    return sum((collections.Counter(a) & collections.Counter(b)).values())


def score_frame(theirs, ours):
    """Score of one frame and kind."""
    total = max(theirs.count, ours.count)
    if theirs == ours:
        return Score(total, 0, 0, 0, 0)
    missing = max(0, theirs.count - ours.count)
    extra = max(0, ours.count - theirs.count)
    ok = min(common(theirs.whats, ours.whats), common(theirs.ids, ours.ids))
    if ok == total:  # so it is CSeq or attributes
        ok -= 1
    ok = min(ok, total - missing - extra)
    return Score(ok, 0, missing, extra, total - ok - missing - extra)


def full_attributes(lines):
    """(frame, kind) -> attributes of STUN lines, those without names too."""
    full = collections.defaultdict(list)
    for text in lines:
        line = json.loads(text)
        if line["proto"] == "stun" and line["stun"]:
            full[line["frame"], our_kind(line)] += line["stun"]["attributes"]
    return full


def reads_so(wanted, ours, attributes, theirs):
    """Is `wanted`, a cell of the table, what we read?"""
    if wanted == "-":
        return ours.count == 0
    what, _, listed = wanted.partition("[")
    if ours.count != 1 or ours.whats != [what]:
        return False
    if theirs.count == 1 and theirs.ids != ours.ids:
        return False
    return not listed or listed.rstrip("]").split(",") == attributes


def excused(rows, place, theirs, ours, attributes):
    """Does a row excuse this frame?  Notes what rows turn out to be."""
    file, frame, kind = place
    for row in rows:
        if (row.kind != kind or frame not in row.reads
                or not fnmatch.fnmatchcase(file, row.file)):
            continue
        if theirs == ours or not row.true_of(frame, theirs, ours,
                                             attributes):
            row.wrong.append("%s frame %d" % (file, frame))
            return False
        row.used = True
        return True
    return False


def show(kind, frame, theirs, ours):
    def one(r):
        return " ".join(["; ".join(x) or "-" for x in r[1:]]) \
            if r.count else "nothing"
    return "frame %d %s: tshark %s, mrascope %s" % (
        frame, kind, one(theirs), one(ours))


def compare(file, theirs, lines, rows):
    """Returns {kind: Score}, what differs, and what of ours is left out."""
    ours, out = read_ours(lines, theirs)
    full = full_attributes(lines)
    total = {kind: Score(0, 0, 0, 0, 0) for kind in KINDS}
    differ = []
    for frame, kind in sorted(set(theirs) | set(ours)):
        t = theirs.get((frame, kind), NOTHING)
        o = ours.get((frame, kind), NOTHING)
        if excused(rows, (file, frame, kind), t, o, full[frame, kind]):
            score = Score(0, max(t.count, o.count), 0, 0, 0)
        else:
            score = score_frame(t, o)
            if t != o:
                differ.append(show(kind, frame, t, o))
        total[kind] = Score(*map(sum, zip(total[kind], score)))
    return total, differ, out


def good(score):
    counted = sum(score) - score.excused
    return counted == 0 or score.ok >= AGREEMENT * counted


def tell(total):
    parts = []
    for kind, s in total.items():
        if sum(s):
            part = "%s %d of %d" % (kind, s.ok, sum(s) - s.excused)
            parts.append(part + (" (and %d excused)" % s.excused
                                 if s.excused else ""))
    return ", ".join(parts) or "no messages"


def run(binary, path):
    """Lines of `frames`; raises OSError when it fails.

    Status 3 says that the input is damaged or has nothing to judge: what
    could be read is still there.
    """
    done = subprocess.run([binary, "frames", path], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=PATIENCE, check=False)
    if done.returncode not in (0, 3):
        raise OSError("status %d: %s" % (
            done.returncode, done.stderr.decode(errors="replace")[:300]))
    return done.stdout.decode("utf-8", "replace").split("\n")[:-1]


def captures_root():
    return os.environ.get("MRASCOPE_CAPTURES") or os.path.normpath(
        os.path.join(HERE, "..", "..", "..", "shared", "captures"))


def capture_names(root, patterns):
    names = []
    for folder, _, files in os.walk(os.path.join(root, "real")):
        for file in files:
            name = os.path.relpath(os.path.join(folder, file),
                                   os.path.join(root, "real"))
            if not file.endswith(NOTES) and (not patterns or any(
                    fnmatch.fnmatchcase(name, p) for p in patterns)):
                names.append(name)
    return sorted(names)


def oracle_path(root, name):
    return os.path.join(root, "oracle", name + ".tsv.gz")


def count(root, names):
    """What tshark sees, a line a file that has messages."""
    print("file\t" + "\t".join(KINDS) + "\tleft out")
    for name in names:
        theirs, out = read_oracle(oracle_path(root, name))
        counts = collections.Counter()
        for (_, kind), r in theirs.items():
            counts[kind] += r.count
        if counts or out:
            print("\t".join([name] + [str(counts[k]) for k in KINDS] + [
                ", ".join("%s %d" % x for x in sorted(out.items()))]))


def check_rows(rows, number, whole):
    """The last test: the table of differences is true."""
    faults = ["%s is not true of %s" % (r.name, ", ".join(r.wrong[:SHOWN]))
              for r in rows if r.wrong]
    if whole:
        faults += ["%s excuses nothing" % r.name for r in rows
                   if not r.used and not r.wrong]
    print("%s %d - differences.tsv: all %d rows are true and needed" % (
        "not ok" if faults else "ok", number, len(rows)))
    for fault in faults:
        print("# " + fault)
    return not faults


def test_file(number, name, root, frames, rows, verbose, sums):
    """One TAP line; True when it passes."""
    theirs, out = read_oracle(oracle_path(root, name))
    try:
        lines = frames(os.path.join(root, "real", name))
        total, differ, ours_out = compare(name, theirs, lines, rows)
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError,
            TypeError) as fault:
        print("not ok %d - %s: %r" % (number, name, fault))
        return False
    passed = all(good(score) for score in total.values())
    print("%s %d - %s: %s" % ("ok" if passed else "not ok", number, name,
                              tell(total)))
    for text in differ if verbose else differ[:SHOWN]:
        print("# " + text.encode("ascii", "backslashreplace").decode())
    if len(differ) > SHOWN and not verbose:
        print("# and %d more frames (-v shows them)" % (len(differ) - SHOWN))
    for kind in KINDS:
        sums[kind].append(total[kind])
    sums["tshark"].update(out)
    sums["ours"].update(ours_out)
    return passed


def summary(sums):
    for kind in KINDS:
        s = Score(*map(sum, zip(Score(0, 0, 0, 0, 0), *sums[kind])))
        print("# %s: %d agree, %d excused, %d missing, %d extra, %d different"
              % ((kind,) + s))
    for side in ("tshark", "ours"):
        print("# left out of %s: %s" % (side, ", ".join(
            "%s %d" % x for x in sorted(sums[side].items())) or "nothing"))


def test_all(root, names, frames, rows, verbose=False, whole=True):
    """`frames` gives the lines of a path.  True when all pass."""
    sums = collections.defaultdict(list)
    sums["tshark"] = collections.Counter()
    sums["ours"] = collections.Counter()
    for row in rows:
        row.load(root)
    print("1..%d" % (len(names) + 1))
    passed = [test_file(number, name, root, frames, rows, verbose, sums)
              for number, name in enumerate(names, 1)]
    passed.append(check_rows(rows, len(names) + 1, whole))
    summary(sums)
    return all(passed)


def main(arguments):
    options = [a for a in arguments if a.startswith("-")]
    words = [a for a in arguments if not a.startswith("-")]
    if set(options) - {"-v", "--count"}:
        print(__doc__, file=sys.stderr)
        return 2
    root = captures_root()
    if not os.path.isdir(os.path.join(root, "oracle")):
        print("1..0 # SKIP no captures with tshark's reading in " + root)
        return 0
    binary = words[0] if words else os.environ.get("MRASCOPE")
    names = capture_names(root, words[1:])
    if "--count" in options:
        count(root, names)
        return 0
    if not binary or not names:
        print("Bail out! no program given, or no such capture")
        return 2
    rows = read_rows(os.path.join(HERE, "differences.tsv"))
    return 0 if test_all(root, names, lambda path: run(binary, path), rows,
                         "-v" in options, len(words) < 2) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
