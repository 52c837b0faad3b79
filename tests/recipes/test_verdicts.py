#!/usr/bin/env python3
"""Each row of the failure catalogue (src/validate/patterns_*.c) with a capture
that shows it and a neighbour that does not (TAP): verdicts/ID.hit and .quiet,
or those of the rule that the file verdicts/of-rules names for it.
Patterns of names as arguments run only these."""
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import test_rules as recipes

FOLDER = os.path.join(recipes.HERE, "verdicts")
# In the order in which they are tried (src/validate/patterns.c).
TABLES = [os.path.join(recipes.TOP, "src", "validate", f"patterns_{name}.c")
          for name in ("registration", "relay", "exchange", "probing")]
LEAST = 40  # rows that the catalogue has at least


def text_of_tables():
    return "".join(pathlib.Path(path).read_text(encoding="utf-8")
                   for path in TABLES)


def catalogue():
    """The ids, each once, in their order."""
    return list(dict.fromkeys(re.findall(r'ROW\("([a-z0-9-]+)"',
                                         text_of_tables())))


def test_rules_named():
    """The findings that rows ask for are those of rules."""
    run = subprocess.run([recipes.PROGRAM, "rules", "-f", "json"],
                         capture_output=True, check=True)
    rules = {row["rule"] for row in json.loads(run.stdout)["rules"]}
    named = set(re.findall(r'FOUND\("([^"]+)"', text_of_tables()))
    return ["%s is no rule" % name for name in sorted(named - rules)]


def of_rules():
    with open(os.path.join(FOLDER, "of-rules"), encoding="utf-8") as f:
        return dict(line.split() for line in f
                    if line.strip() and not line.startswith("#"))


def recipe_of(name, kind, rules):
    stem = os.path.join(FOLDER, name)
    if name in rules:
        stem = os.path.join(recipes.HERE, rules[name].replace("/", "-"))
    path = "%s.%s" % (stem, kind)
    return recipes.Recipe(path) if os.path.exists(path) else None


def causes(recipe, work):
    """[(id, cause)] of all calls of the capture."""
    run = subprocess.run(
        [recipes.PROGRAM, "analyze", "-q", "-f", "json"] + recipe.options +
        recipe.capture(work), capture_output=True, text=True, check=True,
        timeout=60)
    return [(cause["id"], cause) for call in json.loads(run.stdout)["calls"]
            for cause in call["verdict"]["causes"]]


def whole(cause):
    """What an administrator must be told."""
    return [] if cause["headline"] and cause["remedy"] and cause["who"] and \
        cause["frames"] else ["not whole: %s" % cause]


def test_pattern(name, rules, work):
    hit, quiet = (recipe_of(name, kind, rules) for kind in ("hit", "quiet"))
    if not hit or not quiet:
        return ["no recipes"]
    shown = dict(causes(hit, work))
    bad = whole(shown[name]) if name in shown else \
        ["not shown, but %s" % sorted(shown)]
    if name in dict(causes(quiet, work)):
        bad.append("shown by its neighbour, too")
    return bad + recipes.differ_in_one_fact(hit, quiet)


def test_strays(ids, rules):
    names = {name.rsplit(".", 1)[0] for name in os.listdir(FOLDER)
             if name != "of-rules"}
    return ["%s is in no row" % name
            for name in sorted((names | set(rules)) - set(ids))]


def main():
    ids, rules = catalogue(), of_rules()
    with tempfile.TemporaryDirectory() as work:
        tests = [(name, lambda name=name: test_pattern(name, rules, work))
                 for name in ids]
        tests.append(("the catalogue is not small",
                      lambda: [] if len(ids) >= LEAST else [str(len(ids))]))
        tests.append(("rows ask for findings of rules", test_rules_named))
        tests.append(("every recipe has its row",
                      lambda: test_strays(ids, rules)))
        chosen = [(name, test) for name, test in tests if not sys.argv[1:] or
                  any(fnmatch.fnmatch(name, p) for p in sys.argv[1:])]
        made = [recipe_of(name, kind, rules) for name, _ in chosen
                for kind in ("hit", "quiet")]
        recipes.make_together([r for r in made if r and not r.split], work)
        print("1..%d" % len(chosen))
        for number, (name, test) in enumerate(chosen, 1):
            try:
                why = test()
            except (subprocess.SubprocessError, OSError) as e:
                why = [str(e)]
            print("%s %d - %s" % ("not ok" if why else "ok", number, name))
            for line in why:
                print("# " + line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
