#!/usr/bin/env python3
"""rules_seen.tsv tells where each rule fires: of bundled captures it is the
truth, and a capture elsewhere that it names shows the rule if it is here (TAP).

Captures elsewhere lie below $MRASCOPE_CAPTURES, or ../shared/captures beside
the source tree.  To renew the table: tests/oracle/rules-seen.
"""
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from rules_seen import (BUNDLED, PROGRAM, TABLE, bundled, found_in,  # noqa: E402
                        read_table, rules)


def the_table_has_all_rules(table):
    wanted = rules()
    return (["%s is not in the table" % r for r in wanted if r not in table] +
            ["%s is no rule" % r for r in table if r not in wanted] +
            ["%s is %s" % (r, wanted[r]) for r in table
             if r in wanted and table[r][0] != wanted[r]])


def bundled_captures_are_told_right(table):
    first = {}
    for name in bundled():
        for rule in found_in(os.path.join(BUNDLED, name)):
            first.setdefault(rule, name)
    return ["%s: first found in %s, told of %s" %
            (rule, first.get(rule, "-"), row[1])
            for rule, row in sorted(table.items())
            if row[1] != first.get(rule, "-")]


def captures_elsewhere_show_what_is_told(table):
    root = os.environ.get("MRASCOPE_CAPTURES") or os.path.normpath(
        os.path.join(HERE, "..", "..", "..", "shared", "captures"))
    bad, found = [], {}
    for rule, row in sorted(table.items()):
        path = os.path.join(root, row[2])
        if row[2] == "-" or not os.path.exists(path):
            continue
        if path not in found:
            found[path] = found_in(path)
        if rule not in found[path]:
            bad.append("%s is not found in %s" % (rule, row[2]))
    return bad


TESTS = [the_table_has_all_rules, bundled_captures_are_told_right,
         captures_elsewhere_show_what_is_told]


def main():
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("Bail out! no program at %s; set MRASCOPE" % PROGRAM)
    table = read_table(TABLE)
    print("1..%d" % len(TESTS))
    for number, test in enumerate(TESTS, 1):
        bad = test(table)
        print("%s %d - %s" % ("not ok" if bad else "ok", number,
                              test.__name__))
        for line in bad:
            print("# " + line)


if __name__ == "__main__":
    main()
