#!/usr/bin/env python3
"""Each rule with a capture that it must be found in and one that it must leave
alone, made by mkcapture from recipes (README) that differ in one fact (TAP).
Patterns of names as arguments run only these."""
import difflib
import fnmatch
import json
import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
MKCAPTURE = os.path.join(os.environ.get("builddir", "."), "mkcapture")
LINES_MAX = 2  # in which hit and quiet may differ

# Rules that want gigantic input, or that only other callers of a dissector
# reach, and the test that holds them instead.
EXEMPT = {
    "capture/limit-evidence": "tests/unit/test_list.c",
    "capture/limit-flows": "tests/unit/test_flow_table.c",
    "capture/limit-media": "tests/unit/test_media_table.c",
    "capture/limit-memory": "tests/unit/test_arena.c",
    "capture/limit-segments": "tests/unit/test_tcp.c",
    "capture/tls-unreadable": "tests/unit/test_streams_tls.c",
}


# What `mrascope check` found in captures that many of at a time were given to
# (analyse_together): by path.
FOUND = {}


def analysis_of(arguments):
    run = subprocess.run([PROGRAM, "analyze", "-q", "-f", "json"] + arguments,
                         capture_output=True, text=True, check=False,
                         timeout=60)
    if run.returncode or run.stderr:
        raise ValueError("exit status %d: %s" %
                         (run.returncode, run.stderr.strip()))
    return json.loads(run.stdout)


def severities(found):
    """{rule: severity} of findings."""
    return {f["rule"]: f["severity"] for f in found}


def findings(arguments):
    return severities(analysis_of(arguments)["findings"])


class Recipe:
    """A recipe file: its lines, and what it tells this test."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, HERE)
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        self.lines = [line for line in lines if not line.startswith("#") or
                      line.startswith("#: options")]
        told = [line[2:].split(None, 1) for line in lines
                if line.startswith("#:")]
        self.also = [w for words in told if words[0] == "also"
                     for w in words[1].split()]
        self.options = [w.replace("$HERE", HERE) for words in told
                        if words[0] == "options"
                        for w in shlex.split(words[1])]
        self.wanted = dict(word.split("=") for words in told
                           if words[0] == "found"
                           for word in words[1].split())
        self.says = [words[1] for words in told if words[0] == "says"]
        self.split = any(words[0] == "split" for words in told)

    def folder(self, work):
        return os.path.join(work, self.name.replace("/", "-"))

    def made(self, work):
        stem = self.folder(work)
        return sorted(os.path.join(stem, name)
                      for name in os.listdir(stem)) \
            if os.path.isdir(stem) else []

    def place(self, work):
        """Makes the folder of its captures; where the first goes."""
        os.makedirs(self.folder(work), exist_ok=True)
        return os.path.join(self.folder(work), "capture.pcapng")

    def capture(self, work):
        """Makes the captures, unless that was done; their paths."""
        if not self.made(work):
            subprocess.run([MKCAPTURE] + ["-s"] * self.split +
                           [self.path, self.place(work)],
                           check=True, capture_output=True, text=True)
        return self.made(work)

    def found(self, work):
        paths = self.capture(work)
        if not self.options and paths[0] in FOUND:
            return FOUND[paths[0]]
        return findings(self.options + paths)

    def fits(self, rule):
        return any(fnmatch.fnmatchcase(rule, also) for also in self.also)


def make_together(recipes, work):
    """One process for all: each costs more than its work.  What a recipe that
    is wrong leaves unmade is made, and complained of, alone."""
    subprocess.run([MKCAPTURE] + [word for r in recipes
                                  for word in (r.path, r.place(work))],
                   check=False, capture_output=True)


def analyse_together(recipes, work):
    """Fills FOUND.  What is not in it afterwards is analysed alone."""
    if not recipes:
        return
    make_together(recipes, work)
    paths = [r.made(work)[0] for r in recipes if len(r.made(work)) == 1]
    run = subprocess.run([PROGRAM, "check", "-q", "-f", "json"] + paths,
                         capture_output=True, text=True, check=False,
                         timeout=600)
    for result in json.loads(run.stdout)["results"]:
        if result["status"] == 0:
            FOUND[result["captures"][0]] = severities(result["findings"])


def recipe_of(rule, kind):
    path = os.path.join(HERE, rule.replace("/", "-") + "." + kind)
    return Recipe(path) if os.path.exists(path) else None


def hit_hits(rule, recipe, work):
    found = recipe.found(work)
    bad = [] if rule in found else ["not found: " + rule]
    bad += ["found, too: " + other for other in sorted(found)
            if other != rule and not recipe.fits(other)]
    return bad


def quiet_is_quiet(rule, recipe, work):
    found = recipe.found(work)
    bad = ["found: " + rule] if rule in found else []
    bad += ["an error is found: " + other for other in sorted(found)
            if found[other] == "error" and other != rule]
    return bad


def differ_in_one_fact(hit, quiet):
    lines = [line for line in difflib.ndiff(hit.lines, quiet.lines)
             if line[0] in "+-"]
    for sign in "+-":
        if sum(line[0] == sign for line in lines) > LINES_MAX:
            return ["hit and quiet differ in more than %d lines" % LINES_MAX]
    return [] if lines else ["hit and quiet do not differ"]


def test_rule(rule, work):
    hit, quiet = recipe_of(rule, "hit"), recipe_of(rule, "quiet")
    if rule in EXEMPT:
        source = os.path.join(TOP, EXEMPT[rule])
        return [] if os.path.exists(source) else ["no " + EXEMPT[rule]]
    if not hit or not quiet:
        return ["no recipe: %s.%s" % (rule.replace("/", "-"), kind)
                for kind, r in (("hit", hit), ("quiet", quiet)) if not r]
    return (hit_hits(rule, hit, work) + quiet_is_quiet(rule, quiet, work) +
            differ_in_one_fact(hit, quiet))


def unsaid(recipe, analysis):
    """What the recipe wants to be said, and nothing says."""
    texts = [f["message"] for f in analysis["findings"]] + \
        [call["verdict"]["text"] for call in analysis["calls"]] + \
        [stage["summary"] for call in analysis["calls"]
         for stage in call["stages"]]
    return ["nothing says %s: %s" % (text, texts) for text in recipe.says
            if not any(text in t for t in texts)]


def test_good(name, work):
    """A call in which nothing is wrong, nor odd, nor worth a word."""
    recipe = Recipe(os.path.join(HERE, name))
    bad = ["found: %s (%s)" % item
           for item in sorted(recipe.found(work).items())
           if not recipe.fits(item[0])]
    return bad + (unsaid(recipe, analysis_of(recipe.capture(work)))
                  if recipe.says else [])


def test_found(name, work):
    """These findings with these severities and no others; and what a finding
    or a verdict says."""
    recipe = Recipe(os.path.join(HERE, name))
    analysis = analysis_of(recipe.options + recipe.capture(work))
    found = severities(analysis["findings"])
    bad = [] if recipe.wanted else ["no finding is told"]
    bad += ["%s is %s, not %s" % (rule, found.get(rule, "not found"), severity)
            for rule, severity in sorted(recipe.wanted.items())
            if found.get(rule) != severity]
    bad += ["found, too: %s (%s)" % item for item in sorted(found.items())
            if item[0] not in recipe.wanted and not recipe.fits(item[0])]
    return bad + unsaid(recipe, analysis)


def without_signalling(lines):
    """A recipe whose SIP nobody can read: those lines and theirs are gone."""
    out, skips = [], False
    for line in lines:
        if not line.startswith("\t"):
            skips = line.startswith("sip ")
        if not skips:
            out.append(line)
    return out


def first_host(lines):
    return next(line.split()[1] for line in lines if line.startswith("host "))


def with_log(lines, form="uccapi", host=None):
    """The same story as capture and log: who logs is the first host, or
    another, and signalling that does not go to or from it is seen by
    nobody."""
    out, kept, sip = [], True, False
    host = host or first_host(lines)
    for line in lines:
        words = line.split()
        if line.strip() and not line.startswith("\t"):
            sip = words[:1] == ["sip"]
            ends = [w.rsplit(":", 1)[0] for w in words[1:3]]
            kept = not sip or host in ends
            if sip and kept:
                out.append("logged %s %s ahead=3600s" % (form, host))
        if kept and (not line.startswith("#") or
                     line.startswith("#: options")):
            out.append("\t" * sip + line)
    return out


def verdict_is(analysis, want):
    """A call with that outcome, that stopped there, and the finding that says
    why: with frames, in the stage of its name, and with a remedy."""
    outcome, stage, rule = want.split()
    bad = []
    verdicts = [call["verdict"] for call in analysis["calls"]]
    if not any((outcome == "-" or v["outcome"] == outcome) and
               (stage == "-" or v["stage"] == stage) for v in verdicts):
        bad.append("verdicts: %s" % [(v["outcome"], v["stage"], v["rule"])
                                     for v in verdicts])
    if rule == "-":
        return bad
    found = [f for f in analysis["findings"] if f["rule"] == rule]
    if not found:
        return bad + ["not found: %s among %s" % (
            rule, sorted(f["rule"] for f in analysis["findings"]))]
    if not found[0]["frames"] or not found[0]["remedy"] or \
            found[0]["stage"] != rule.split("/")[0]:
        bad.append("no frames, stage or remedy: %s" % found[0])
    if ("blames" in found[0]) != rule.startswith("engine/"):
        bad.append("who is to blame: %s" % found[0])
    return bad


def written(name, kind, lines, work):
    path = os.path.join(work, "%s.%s" % (os.path.basename(name), kind))
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))
    return Recipe(path)


def fails_as_told(recipe, kind, told, work):
    analysis = analysis_of(recipe.options + recipe.capture(work))
    bad = verdict_is(analysis, told[kind])
    first = [cause["id"] for call in analysis["calls"]
             for cause in call["verdict"]["causes"][:1]]
    if "cause" in told and told["cause"] not in first:
        bad.append("the cause is %s" % first)
    texts = [call["verdict"]["text"] for call in analysis["calls"]]
    if not any(told.get("says", "") in text for text in texts):
        bad.append("it says %s" % texts)
    opening = told.get(kind + "-opening", told.get("opening"))
    if opening == "none" and analysis["openings"]:
        bad.append("openings, though none helps: %s" % analysis["openings"])
    elif opening and opening != "none" and opening not in [
            "%s %s %s" % (o["transport"], o["dst"], o["dst_ports"])
            for o in analysis["openings"]]:
        bad.append("no opening %s among %s" % (opening,
                                               analysis["openings"]))
    return ["%s: %s" % (kind, why) for why in bad]


def test_failed(name, work):
    """What went wrong is named; so, too, where a log of the client shows the
    signalling and the capture does not; and as much of it without the
    signalling as the evidence still tells."""
    path = os.path.join(HERE, name)
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    told = {line[2:].split()[0]: line[2:].split(None, 1)[1] for line in lines
            if line.startswith("#:")}
    told.setdefault("log", told["expect"])
    return (fails_as_told(Recipe(path), "expect", told, work) +
            fails_as_told(written(name, "log", with_log(lines), work), "log",
                          told, work) +
            fails_as_told(written(name, "bare", without_signalling(lines),
                                  work), "bare", told, work))


def test_recorded(path):
    """A bundled capture of traffic that worked has no error in it."""
    found = findings([path])
    return ["found: " + rule for rule in sorted(found)
            if found[rule] == "error"]


def test_strays(rules):
    """Recipes of rules that there are not."""
    names = {rule.replace("/", "-") for rule in rules}
    return ["%s is of no rule" % name for name in sorted(os.listdir(HERE))
            if name.endswith((".hit", ".quiet")) and
            name.rsplit(".", 1)[0] not in names]


def test_messages(work):
    """What is wrong in a recipe is said with its file and line."""
    path = os.path.join(work, "wrong")
    bad = []
    for line, want in (("host alice", "the address is missing"),
                       ("wait 5", "5 is no time"),
                       ("sing", "no such statement: sing"),
                       ("rtp 192.0.2.1:1 2001:db8::1:1", "of two families"),
                       ("stun 192.0.2.1:1 192.0.2.2:1 binding 1 colour=2",
                        "no such attribute: colour"),
                       ("sip a> OPTIONS 1", "no connection")):
        with open(path, "w") as f:
            f.write("# a comment\n\n%s\n" % line)
        run = subprocess.run([MKCAPTURE, path, path + ".pcapng"],
                             capture_output=True, text=True, check=False)
        if run.returncode != 1 or \
                not run.stderr.startswith(path + ":3: ") or \
                want not in run.stderr:
            bad.append("%s: %s" % (line, run.stderr.strip()))
    return bad


def test_manual():
    """The manual page is what tests/recipes/rules-page prints now."""
    run = subprocess.run(
        [sys.executable, os.path.join(HERE, "rules-page")],
        capture_output=True, text=True, check=True,
        env=dict(os.environ, MRASCOPE=PROGRAM))
    with open(os.path.join(TOP, "man", "mrascope-rules.7"),
              encoding="utf-8") as f:
        page = f.read()
    return ["man/mrascope-rules.7 is old: print it with "
            "tests/recipes/rules-page"] if page != run.stdout else []


def tests(rules, work):
    """(name, function) for all tests."""
    for rule in rules:
        yield rule, lambda rule=rule: test_rule(rule, work)
    good = os.path.join(HERE, "good")
    for name in sorted(os.listdir(good)):
        name = "good/" + name
        yield name, lambda name=name: test_good(name, work)
    for name in sorted(os.listdir(os.path.join(HERE, "found"))):
        name = "found/" + name
        yield name, lambda name=name: test_found(name, work)
    for name in sorted(os.listdir(os.path.join(HERE, "failed"))):
        name = "failed/" + name
        yield name, lambda name=name: test_failed(name, work)
    captures = os.path.join(TOP, "captures")
    for name in sorted(os.listdir(captures)):
        if name.endswith((".keys", ".pem")):
            continue
        if "-established" in name or "-ok" in name:
            yield ("captures/" + name,
                   lambda name=name: test_recorded(os.path.join(captures,
                                                                name)))
    yield "every recipe has its rule", lambda: test_strays(rules)
    yield "the manual page is printed from the table", test_manual
    yield "errors name file and line", lambda: test_messages(work)


def plain_recipes(names):
    """Of these tests: those that want no options and make one capture."""
    found = [r for name in names for kind in ("hit", "quiet")
             for r in [recipe_of(name, kind)] if r]
    found += [Recipe(os.path.join(HERE, name)) for name in names
              if name.startswith("good/")]
    return [r for r in found if not r.options and not r.split]


def outcome(test):
    try:
        return test()
    except subprocess.CalledProcessError as e:
        return [e.stderr.strip()]
    except (ValueError, subprocess.TimeoutExpired) as e:
        return [str(e)]


def main():
    if not os.access(PROGRAM, os.X_OK) or not os.access(MKCAPTURE, os.X_OK):
        sys.exit("Bail out! no mrascope or mkcapture: set MRASCOPE, builddir")
    table = json.loads(subprocess.run(
        [PROGRAM, "rules", "-f", "json"], capture_output=True,
        check=True).stdout)
    rules = [row["rule"] for row in table["rules"]]
    with tempfile.TemporaryDirectory() as work:
        chosen = [(name, test) for name, test in tests(rules, work)
                  if not sys.argv[1:] or
                  any(fnmatch.fnmatch(name, p) for p in sys.argv[1:])]
        analyse_together(plain_recipes([name for name, _ in chosen]), work)
        print("1..%d" % len(chosen))
        for number, (name, test) in enumerate(chosen, 1):
            why = outcome(test)
            print("%s %d - %s" % ("not ok" if why else "ok", number, name))
            for line in why:
                print("# " + line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
