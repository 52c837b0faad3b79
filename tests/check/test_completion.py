#!/usr/bin/env python3
"""What the shells complete is what the commands' help says (TAP).

bash is asked as it is when somebody presses Tab; zsh and fish too where they
are, else their files are read.
"""
import os
import re
import shutil
import subprocess
import sys

PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(w) for w in what))


def say(*line):
    run = subprocess.run([PROGRAM, *line], capture_output=True, text=True)
    check(run.returncode == 0, line, run.stderr)
    return run.stdout


def commands():
    """Names of the list in the help."""
    text = say("--help").split("commands", 1)[1].split("\n\n", 1)[0]
    found = re.findall(r"^  (\S+) +\S", text, re.M)
    check(len(found) > 8 and "analyze" in found and "tui" in found, found)
    return found


def options(command):
    """Words like --format, each with its letter or ""."""
    run = subprocess.run([PROGRAM, command, "--help"], capture_output=True,
                         text=True)
    check(run.returncode == 0, command, run.stderr)
    if command == "completion":     # has none
        return {}
    rows = re.findall(r"^ {2,6}(?:-(\S), +)?--(\S+)", run.stdout, re.M)
    check(rows, command, "has no options in its help")
    return {"--" + name: letter for letter, name in rows}


def bash(*words):
    """What Tab offers behind these words."""
    script = say("completion", "bash") + """
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_mrascope
printf '%s\\n' "${COMPREPLY[@]}"
"""
    run = subprocess.run(["bash", "-c", script, "bash", "mrascope", *words],
                         capture_output=True, text=True)
    check(run.returncode == 0 and not run.stderr, words, run.stderr)
    return [word for word in run.stdout.split("\n") if word]


def bash_offers_the_options_of_each_command():
    for command in commands():
        check(set(bash(command, "--")) == set(options(command)), command,
              set(bash(command, "--")) ^ set(options(command)))
        letters = {"-" + letter for letter in options(command).values()
                   if letter}
        offered = {word for word in bash(command, "-")
                   if not word.startswith("--")}
        check(offered == letters, command, offered, letters)


def bash_offers_commands_and_the_options_of_the_first():
    check(set(commands()) <= set(bash("")), bash(""))
    check(bash("an") == ["analyze"], bash("an"))
    check(set(bash("--")) == set(options("analyze")), bash("--"))


def bash_offers_what_options_take():
    check("json" in bash("analyze", "-f", ""), bash("analyze", "-f", ""))
    check("junit" in bash("check", "--format", "ju"), "no junit")
    check("junit" not in bash("rules", "-f", ""), "rules speak no junit")
    check(bash("--color", "a") == ["auto", "always"], "--color")
    check(bash("analyze", "--color", "=", "n") == ["never"], "--color=n")
    check("any" in bash("tui", "-i", ""), "no interfaces")
    check(bash("tui", "--limit", "") == [], "a number is not guessed")
    folder, here = os.path.split(os.path.abspath(__file__))
    check(os.path.join(folder, here) in
          bash("analyze", "--output", os.path.join(folder, here[:9])),
          "no files")
    check("probing" in bash("rules", "pro"), "no stages")


def each_word_that_is_offered_is_taken():
    for word in bash("analyze", "--format", ""):
        run = subprocess.run([PROGRAM, "analyze", "-f", word, "/nowhere"],
                             capture_output=True, text=True)
        check(run.returncode == 3, word, run.stderr)
    for option in ("--color", "--fail-on", "--engine"):
        for word in bash("analyze", option, ""):
            run = subprocess.run([PROGRAM, "analyze", option, word,
                                  "/nowhere"], capture_output=True, text=True)
            check(run.returncode == 3, option, word, run.stderr)
    for command, option in (("probe", "--transport"), ("probe", "--dialect"),
                            ("probe", "--family"),
                            ("probe", "--relay-family"),
                            ("serve", "--sip-auth"),
                            ("serve", "--media-encryption")):
        words = bash(command, option, "")
        check(len(words) > 1, command, option, words)
        for word in words:
            run = subprocess.run([PROGRAM, command, option, word, "--no-such"],
                                 capture_output=True, text=True)
            check(run.returncode == 2 and "--no-such" in run.stderr,
                  option, word, run.stderr)


def zsh_names_the_options_of_each_command():
    text = say("completion", "zsh")
    for command in commands():
        block = re.search(r"^\t%s\)\n(.*?)^\t\t;;" % command, text,
                          re.S | re.M).group(1)
        found = set(re.findall(r"(--[a-z0-9-]+)=?(?:\}'\[|\[)", block))
        check(found == set(options(command)), command,
              found ^ set(options(command)))
    if shutil.which("zsh"):
        run = subprocess.run(["zsh", "-f", "-n"], input=text, text=True,
                             capture_output=True)
        check(run.returncode == 0 and not run.stderr, run.stderr)


def fish_names_the_options_of_each_command():
    text = say("completion", "fish")
    for command in commands():
        found = set(re.findall(
            r"-n '__fish_seen_subcommand_from %s' -l (\S+)" % command, text))
        wanted = {name[2:] for name in options(command)}
        check(found == wanted, command, found ^ wanted)
    if not shutil.which("fish"):
        return
    for command in commands():
        run = subprocess.run(
            ["fish", "--no-config", "-c", text + "\ncomplete -C "
             "'mrascope %s --'" % command], capture_output=True, text=True)
        check(run.returncode == 0 and not run.stderr, run.stderr)
        found = {line.split("\t")[0] for line in run.stdout.splitlines()}
        check(set(options(command)) <= found, command,
              set(options(command)) - found)


def other_shells_are_refused():
    for line in (("completion",), ("completion", "tcsh"),
                 ("completion", "bash", "zsh")):
        run = subprocess.run([PROGRAM, *line], capture_output=True, text=True)
        check(run.returncode == 2 and "bash|zsh|fish" in run.stderr and
              not run.stdout, line, run.stderr)


TESTS = [bash_offers_the_options_of_each_command,
         bash_offers_commands_and_the_options_of_the_first,
         bash_offers_what_options_take, each_word_that_is_offered_is_taken,
         zsh_names_the_options_of_each_command,
         fish_names_the_options_of_each_command, other_shells_are_refused]


def main():
    if not shutil.which("bash"):
        print("1..0 # SKIP no bash")
        return 0
    print("1..%d" % len(TESTS))
    failed = 0
    for number, test in enumerate(TESTS, 1):
        bad = ""
        try:
            test()
        except AssertionError as e:
            bad = str(e)
        print("%s %d - %s" % ("not ok" if bad else "ok", number,
                              test.__name__))
        for line in bad.split("\n") if bad else ():
            print("# " + line)
        failed += bool(bad)
    return failed != 0


sys.exit(main())
