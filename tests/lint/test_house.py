#!/usr/bin/env python3
"""The law of the house, held against the tree: who includes whom, headers
that compile alone, words that are banned, objects that can be written, sizes,
and options that the manual must know.  Prints TAP."""
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.environ.get("srcdir", ".")
BUILD = os.environ.get("builddir", ".")
PROGRAM = os.environ.get("MRASCOPE", os.path.join(BUILD, "mrascope"))

# room: rooms it may include besides its own
ROOMS = {
    "core": set(),
    "dissectors": {"core"},
    "capture": {"core"},
    "net": {"core", "dissectors"},
    "model": {"core"},
    "flow": {"core", "net", "dissectors", "model"},
    "engine": {"core", "dissectors"},
    "validate": {"core", "dissectors", "model", "engine"},
    "report": {"core", "model"},
    "check": {"core"},
    "ui": {"core", "model", "report"},
    "io": {"core", "dissectors"},
    "serve": {"core", "dissectors", "engine", "io"},
    "probe": {"core", "dissectors", "engine", "io", "model", "report"},
    "cli": {"core", "capture", "net", "dissectors", "model", "flow",
            "engine", "validate", "report", "check", "ui", "io", "serve",
            "probe"},
}
# single headers that a room may see of another one
EXCEPTIONS = {("net", "capture/frame.h"), ("io", "capture/source.h"),
              ("io", "capture/writer.h")}
# library headers and the files that may see them
LIBRARIES = {
    "openssl/ssl.h": {"src/io/tls.c"},
    "openssl/": {"src/core/crypto.c", "src/io/tls.c"},
    "uv.h": {"src/io/loop.c", "src/io/streams.c"},
    "zlib.h": {"src/core/crypto.c", "src/core/pack.c",
               "src/capture/compress.c"},
    "libxml/": {"src/core/xml.c"},
    "zstd.h": {"src/capture/compress.c"},
    "lz4": {"src/capture/compress.c"},
    "pcap": {"src/capture/filter.c", "src/capture/live.c"},
    "seccomp.h": {"src/cli/sandbox.c"},
    "jansson.h": {"src/check/tree.h"},
    "yaml.h": {"src/check/yaml.c"},
    "curses": {"src/ui/term.c"},
    "pcre2.h": {"src/core/pattern.c"},
    "nghttp2/": {"src/core/hpack.c"},
}
BANNED = ["strcpy", "strcat", "sprintf", "vsprintf", "strncpy", "strtok",
          "atoi", "atol", "atof", "sscanf", "gets", "alloca", "strncat"]
BANNED_BELOW_CLI = ["time", "printf", "exit", "fprintf", "puts", "perror"]
FUNCTION_MAX = 100
FILE_MAX = 900


def files(*suffixes):
    for base in ("src", "dissectors"):
        for folder, _, names in os.walk(os.path.join(TOP, base)):
            for name in sorted(names):
                if name.endswith(suffixes):
                    path = os.path.join(folder, name)
                    yield os.path.relpath(path, TOP), open(path).read()


def room_of(path):
    parts = path.split("/")
    if parts[0] == "dissectors":
        return "dissectors"
    return parts[1] if len(parts) > 2 else "cli"


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text,
                  flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def includes_respect_rooms():
    bad = []
    for path, text in files(".c", ".h"):
        own = room_of(path)
        for name in re.findall(r'^#include "([^"]+)"', text, re.M):
            if "/" not in name:
                if name != "config.h":
                    bad.append("%s includes %s" % (path, name))
                continue
            room = name.split("/")[0]
            if room != own and room not in ROOMS[own] and \
                    (own, name) not in EXCEPTIONS:
                bad.append("%s (%s) includes %s" % (path, own, name))
    return bad


def libraries_stay_in_their_files():
    bad = []
    for path, text in files(".c", ".h"):
        for name in re.findall(r"^#include <([^>]+)>", text, re.M):
            for start, allowed in LIBRARIES.items():
                if name.startswith(start) and path not in allowed:
                    bad.append("%s includes <%s>" % (path, name))
    return bad


def sources_include_config_first():
    bad = []
    for path, text in files(".c"):
        first = re.search(r"^#include .*", text, re.M)
        if not first or first.group() != '#include "config.h"':
            bad.append(path)
    return bad


def headers_compile_alone():
    cc = os.environ.get("CC", "cc").split()
    bad = []
    with tempfile.TemporaryDirectory() as work:
        for path, _ in files(".h"):
            source = os.path.join(work, "alone.c")
            with open(source, "w") as f:
                f.write('#include "%s"\n' % path.replace("src/", "", 1))
            run = subprocess.run(
                cc + ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall",
                      "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                      "-I", BUILD, "-I", os.path.join(TOP, "src"), "-I", TOP,
                      source], capture_output=True, text=True)
            if run.returncode:
                bad.append("%s: %s" % (path, run.stderr.split("\n")[0]))
    return bad


def headers_have_guards_named_after_them():
    bad = []
    for path, text in files(".h"):
        name = re.sub(r"^src/", "", path)
        guard = re.sub(r"[^A-Z0-9]", "_", name.upper())
        if "#ifndef %s\n#define %s\n" % (guard, guard) not in text:
            bad.append("%s wants %s" % (path, guard))
    return bad


def banned_functions_are_not_called():
    bad = []
    for path, text in files(".c", ".h"):
        code = without_comments(text)
        words = list(BANNED)
        if room_of(path) != "cli":
            words += BANNED_BELOW_CLI
        for word in words:
            for m in re.finditer(r"(?<![\w.>])%s\(" % word, code):
                line = code.count("\n", 0, m.start()) + 1
                bad.append("%s:%d calls %s" % (path, line, word))
    return bad


def no_marks_of_unfinished_work():
    bad = []
    for path, text in files(".c", ".h"):
        for m in re.finditer(r"\b(TODO|FIXME|XXX|HACK)\b", text):
            line = text.count("\n", 0, m.start()) + 1
            bad.append("%s:%d %s" % (path, line, m.group()))
    return bad


def no_writable_objects():
    libraries = [os.path.join(BUILD, "libmrascope%s.a" % name)
                 for name in ("", "io", "ui")]
    # By section: relocated constants are in .data.rel.ro, which the letters
    # of nm do not tell from .data.
    run = subprocess.run(["nm", "-f", "sysv", *libraries],
                         capture_output=True, text=True)
    bad, member, seen = [], "", 0
    for line in run.stdout.split("\n"):
        if line.endswith("]:"):
            member = line[:-1]
        row = [word.strip() for word in line.split("|")]
        if len(row) < 7:
            continue
        seen += row[6] == ".text"
        # What sanitizers and coverage add begins with two underscores.
        if re.match(r"\.(t?data|t?bss)$|\*COM\*$", row[6]) and \
                not row[0].startswith("__"):
            bad.append("%s: %s" % (member, row[0]))
    if run.returncode or not seen:
        bad.append("nm: " + run.stderr.strip())
    return bad


def statics_are_const():
    bad = []
    for path, text in files(".c", ".h"):
        code = without_comments(text)
        for m in re.finditer(r"^\s*static (?!const\b|inline\b)([^;(){}]*)"
                             r"(=|;|\[)", code, re.M):
            if "const" not in m.group(1):
                line = code.count("\n", 0, m.start()) + 1
                bad.append("%s:%d static %s" % (path, line,
                                                m.group(1).strip()))
    return bad


def functions_and_files_have_limits():
    bad = []
    for path, text in files(".c", ".h"):
        lines = text.split("\n")
        if len(lines) > FILE_MAX:
            bad.append("%s has %d lines" % (path, len(lines)))
        start = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start > FUNCTION_MAX:
                    bad.append("%s:%d function of %d lines" %
                               (path, start, number - start))
                start = None
    return bad


def lines_have_80_columns():
    """Also those of tests; tables of sentences may be wider."""
    bad = []
    for folder in ("src", "dissectors", "tests"):
        for base, _, names in os.walk(os.path.join(TOP, folder)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(base, name), TOP)
                if not name.endswith((".c", ".h")) or \
                        path.startswith("src/validate/patterns_"):
                    continue
                for number, line in enumerate(open(os.path.join(TOP, path)),
                                              1):
                    width = len(line.rstrip("\n").expandtabs(8))
                    if width > 80:
                        bad.append("%s:%d has %d columns" % (path, number,
                                                             width))
    return bad


def scripts_parse():
    """Python and shell below tests and at the top; most run in CI, those that
    record do not."""
    bad = []
    for base, _, names in os.walk(os.path.join(TOP, "tests")):
        for name in sorted(names):
            path = os.path.join(base, name)
            if name.endswith((".c", ".h", ".golden", ".pcap", ".pcapng")) or \
                    not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                text = file.read()
            first = text.split(b"\n", 1)[0]
            where = os.path.relpath(path, TOP)
            if name.endswith(".py") or \
                    (first.startswith(b"#!") and b"python" in first):
                try:
                    compile(text, where, "exec", dont_inherit=True)
                except (SyntaxError, ValueError) as e:
                    bad.append(str(e))
            elif first.startswith(b"#!") and first.endswith(b"/sh"):
                done = subprocess.run(["sh", "-n", path], check=False,
                                      capture_output=True, text=True)
                if done.returncode:
                    bad.append(done.stderr.strip())
    return bad


def help_of(command):
    run = subprocess.run([PROGRAM, *command, "--help"], capture_output=True,
                         text=True)
    return run.stdout if run.returncode == 0 else ""


def commands():
    text = help_of([]).split("commands", 1)[-1].split("\n\n", 1)[0]
    return re.findall(r"^  (\S+) +\S", text, re.M)


def manual_knows_every_option():
    """In a page that the help of the command names; those of sngrep are in
    its own manual."""
    bad = []
    for command in commands():
        text = help_of([command])
        pages = ""
        for name, section in re.findall(r"(mrascope[a-z-]*)\((\d)\)", text):
            with open(os.path.join(TOP, "man", name + "." + section)) as f:
                pages += f.read()
        for name in re.findall(r"^ {2,6}(?:-\S, )?--([a-z-]+)", text, re.M):
            if "Fl -%s" % name not in pages and command != "sngrep":
                bad.append("%s --%s" % (command, name))
        if not pages:
            bad.append("%s --help names no manual" % command)
    with open(os.path.join(TOP, "man", "mrascope.1")) as f:
        manual = f.read()
    bad += ["mrascope.1 has no " + command for command in commands()
            if ".It Cm " + command not in manual]
    return bad if commands() else ["no commands"]


def help_fits_a_terminal():
    return ["%s: %s" % (command, line)
            for command in [[]] + [[c] for c in commands()]
            for line in help_of(command).split("\n") or ["nothing"]
            if len(line) > 80]


def rules_are_whole_and_unique():
    """Every row of a rule table has its parts; no id stands twice."""
    seen, bad = {}, []
    stages = ("capture", "registration", "token", "gathering", "exchange",
              "probing", "media", "engine")
    for path, text in files(".c", ".def"):
        for m in re.finditer(r'"((?:%s)/[a-z0-9-]+)"' % "|".join(stages),
                             text):
            if not re.search(r"(\.id = |\{|,|\()\s*$", text[:m.start()]):
                continue
            if path.startswith("src/validate/patterns_"):
                continue  # it names rules; test_verdicts.py looks
            if m.group(1) in seen:
                bad.append("%s in %s and %s" % (m.group(1),
                                                seen[m.group(1)], path))
            seen[m.group(1)] = path
    told = subprocess.run([PROGRAM, "rules", "-f", "json"], check=True,
                          capture_output=True, text=True).stdout
    for rule in json.loads(told)["rules"]:
        if not rule["source"] or not rule["title"]:
            bad.append("%s lacks its source or title" % rule["rule"])
    return bad if seen else ["no rule found"]


def every_dissector_is_tested():
    listed = re.findall(r"^DISSECTOR\((\w+)\)", open(os.path.join(
        TOP, "dissectors", "dissectors.def")).read(), re.M)
    bad = [] if listed == sorted(listed) else ["dissectors.def is unsorted"]
    for name in listed:
        if not any(name + "_dissector = {" in text
                   for _, text in files(".c")):
            bad.append("no %s_dissector" % name)
        fuzz = os.path.join(TOP, "tests", "fuzz")
        if not os.path.exists(os.path.join(fuzz, "fuzz_%s.c" % name)):
            bad.append("no fuzz target for " + name)
        if not os.path.isdir(os.path.join(fuzz, "corpus", name)):
            bad.append("no saved inputs for " + name)
    return bad


def members_of(part):
    """The names of all members below a part of a schema."""
    if isinstance(part, list):
        return {name for each in part for name in members_of(each)}
    if not isinstance(part, dict):
        return set()
    found = set(part.get("properties", {}))
    return found.union(*(members_of(each) for each in part.values()))


def manual_knows_members():
    """Of analyses, and of what probe writes."""
    bad = []
    for page, schema in (("mrascope-json.5", "analysis"),
                         ("mrascope-probe.1", "probe")):
        with open(os.path.join(TOP, "man", page), encoding="utf-8") as f:
            words = set(re.findall(r"[\w-]+", f.read()))
        path = os.path.join(TOP, "schema", "mrascope.%s-1.schema.json" % schema)
        with open(path, encoding="utf-8") as f:
            bad += ["%s is not in %s" % (name, page)
                    for name in sorted(members_of(json.load(f)) - words)]
    return bad


def manual_pages_lint():
    bad = []
    for name in sorted(os.listdir(os.path.join(TOP, "man"))):
        run = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                              os.path.join(TOP, "man", name)],
                             capture_output=True, text=True)
        bad += [line for line in run.stdout.split("\n")
                if line and "referenced manual not found" not in line]
    return bad


TESTS = [includes_respect_rooms, libraries_stay_in_their_files,
         sources_include_config_first, headers_compile_alone,
         headers_have_guards_named_after_them,
         banned_functions_are_not_called, no_marks_of_unfinished_work,
         no_writable_objects, statics_are_const,
         functions_and_files_have_limits, lines_have_80_columns, scripts_parse,
         manual_knows_every_option, help_fits_a_terminal,
         rules_are_whole_and_unique, every_dissector_is_tested,
         manual_knows_members, manual_pages_lint]


def main():
    print("1..%d" % len(TESTS))
    failed = 0
    for number, test in enumerate(TESTS, 1):
        name = test.__name__
        try:
            bad = test()
        except FileNotFoundError as e:
            if e.filename in ("mandoc", "nm", "cc"):
                print("ok %d - %s # SKIP no %s" % (number, name, e.filename))
                continue
            bad = [str(e)]
        print("%s %d - %s" % ("not ok" if bad else "ok", number, name))
        for line in bad[:30]:
            print("# " + line)
        failed += bool(bad)
    return failed != 0


sys.exit(main())
