#!/usr/bin/env python3
"""The screens in the manual are those that the golden cases print (TAP).

With --update they are put there anew, from what is kept under tests/golden.
"""
import os
import re
import sys

TOP = os.path.abspath(os.environ.get(
    "srcdir", os.path.join(os.path.dirname(__file__), "..", "..")))


def escaped(line):
    """A line of a screen for roff."""
    line = line.replace("\\", "\\e").replace("-", "\\-")
    line = re.sub(r"[^\x00-\x7f]",
                  lambda m: "\\[u%04X]" % ord(m.group()), line)
    return "\\&" + line if line[:1] in (".", "'") else line


def of_manual(case):
    out = open(os.path.join(TOP, "tests", "golden", case, "out"),
               encoding="utf-8").read()
    lines = [escaped(line.rstrip()) for line in out.rstrip("\n").split("\n")]
    return ".Bd -literal\n%s\n.Ed\n" % "\n".join(lines)


def renewed(text):
    return re.sub(r'(\.\\" screen (\S+)\n).*?(\.\\" end\n)',
                  lambda m: m.group(1) + of_manual(m.group(2)) + m.group(3),
                  text, flags=re.S)


def main():
    path = os.path.join(TOP, "man", "mrascope-tui.1")
    text = open(path, encoding="utf-8").read()
    want = renewed(text)
    if "--update" in sys.argv:
        with open(path, "w", encoding="utf-8") as f:
            f.write(want)
        return 0
    print("1..1")
    print("%s 1 - screens_in_the_manual_are_true" %
          ("ok" if text == want else "not ok"))
    return text != want


sys.exit(main())
