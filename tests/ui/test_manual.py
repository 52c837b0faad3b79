#!/usr/bin/env python3
"""The screens in the manual and in README are those that the golden cases print
(TAP).

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


def lines_of(case):
    out = open(os.path.join(TOP, "tests", "golden", case, "out"),
               encoding="utf-8").read()
    return [line.rstrip() for line in out.rstrip("\n").split("\n")]


def of_manual(case):
    return ".Bd -literal\n%s\n.Ed\n" % "\n".join(
        escaped(line) for line in lines_of(case))


def renewed_manual(text):
    return re.sub(r'(\.\\" screen (\S+)\n).*?(\.\\" end\n)',
                  lambda m: m.group(1) + of_manual(m.group(2)) + m.group(3),
                  text, flags=re.S)


def of_readme(case):
    """Indented, and without most of the room below the rows."""
    text = "\n".join(("    " + line).rstrip() for line in lines_of(case))
    return re.sub(r"\n{3,}", "\n\n", text) + "\n"


def renewed_readme(text):
    """A picture stands below a line that ends with its case."""
    return re.sub(r"(\(tests/golden/(tui-\S+)\):\n\n)"
                  r"(?:(?:    [^\n]*)?\n)*?(?=\S|\Z)",
                  lambda m: m.group(1) + of_readme(m.group(2)) + "\n",
                  text)


DOCUMENTS = [("man/mrascope-tui.1", renewed_manual, 13),
             ("README", renewed_readme, 9)]


def main():
    failed = 0
    if "--update" not in sys.argv:
        print("1..%d" % len(DOCUMENTS))
    for number, (name, renewed, least) in enumerate(DOCUMENTS, 1):
        path = os.path.join(TOP, name)
        text = open(path, encoding="utf-8").read()
        want = renewed(text)
        if "--update" in sys.argv:
            with open(path, "w", encoding="utf-8") as f:
                f.write(want)
            continue
        count = len(re.findall(r'^\.\\" screen tui-|\(tests/golden/tui-',
                               text, re.M))
        fine = text == want and count >= least
        print("%s %d - screens_in_%s_are_true" %
              ("ok" if fine else "not ok", number, os.path.basename(name)))
        failed += not fine
    return failed != 0


sys.exit(main())
