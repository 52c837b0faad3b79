#!/usr/bin/env python3
"""Damaged copies of every bundled capture are analysed: never a crash, no
other exit status than 0 and 3, lines that are JSON, text without controls,
and an end to it also with many frames (TAP).

The damage is decided by names and numbers, so that it is the same everywhere.
MUTATIONS in the environment says how many copies of a kind (8): all are read
in one process by a fuzz target, the first of them by the program as well.
Copies that did harm are kept in the build folder.
"""
import contextlib
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only

import packets

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "captures")
BUILD = os.environ.get("builddir", ".")
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
TARGET = os.path.abspath(os.path.join(BUILD, "tests", "fuzz", "fuzz_analysis"))
COPIES = int(os.environ.get("MUTATIONS", "8"))
SECONDS_MAX = 20  # of the processor
WAITS = 20  # times that, on a machine that is busy
COPIES_MANY = 64
SIZE_MAX = 200 * 1024
SANITIZED = os.environ.get("MRASCOPE_SANITIZED")
KEYS = ["--credential", "alice:lab.example:wonderland",
        "--credential", "bob:lab.example:builder"]
# Sanitizers end a program with 1 unless they are told otherwise.
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="exitcode=99",
                   LSAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99")
CONTROLS = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")


# ---- damage to the file ----

def cut_off(dice, data):
    return data[:dice.randrange(len(data))]


def flip(dice, data, places):
    """Turns some bits over; `places` are the bytes that may be hit."""
    out = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 4, 16])):
        out[dice.choice(places)] ^= 1 << dice.randrange(8)
    return bytes(out)


def flip_anywhere(dice, data):
    return flip(dice, data, range(len(data)))


def flip_front(dice, data):
    return flip(dice, data, range(min(len(data), 256)))


def insert(dice, data):
    at = dice.randrange(len(data))
    return data[:at] + dice.randbytes(dice.randrange(1, 40)) + data[at:]


def leave_out(dice, data):
    at = dice.randrange(len(data))
    return data[:at] + data[at + dice.randrange(1, 40):]


# ---- damage to the packets, in a file that is in order ----

def some(dice, frames):
    """Numbers of a few frames, of all of them now and then."""
    count = dice.choice([1, 3, 10, len(frames)])
    return set(dice.sample(range(len(frames)), min(count, len(frames))))


def flip_packets(dice, frames):
    hit = some(dice, frames)
    return [flip(dice, f, range(min(len(f), 700))) if n in hit else f
            for n, f in enumerate(frames)]


def grow_packets(dice, frames):
    hit = some(dice, frames)
    return [insert(dice, f) if n in hit else f for n, f in enumerate(frames)]


def shrink_packets(dice, frames):
    hit = some(dice, frames)
    return [leave_out(dice, f) if n in hit else f
            for n, f in enumerate(frames)]


def reorder(dice, frames):
    out = list(frames)
    if dice.random() < 0.3:
        dice.shuffle(out)
    for _ in range(dice.choice([1, 5, 30])):
        a, b = dice.randrange(len(out)), dice.randrange(len(out))
        out[a], out[b] = out[b], out[a]
    return out


def repeat(dice, frames):
    hit = some(dice, frames)
    out = []
    for n, f in enumerate(frames):
        out += [f] * (dice.randrange(2, 5) if n in hit else 1)
    return out


def lose(dice, frames):
    hit = some(dice, frames)
    return [f for n, f in enumerate(frames) if n not in hit] or frames[:1]


# ---- running ----

class Harm(Exception):
    """What a copy did."""


def run(name, line, fine, seconds):
    """In so many seconds of the processor: others work here, too."""
    with subprocess.Popen(line, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=ENVIRONMENT) as process:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_CPU,
                             (seconds, seconds + 1))
        try:
            out, err = process.communicate(timeout=WAITS * seconds)
        except subprocess.TimeoutExpired as late:
            process.kill()
            raise Harm("%s hangs" % name) from late
    done = subprocess.CompletedProcess(line, process.returncode, out, err)
    if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
        raise Harm("%s takes more than %d seconds" % (name, seconds))
    if done.returncode not in fine:
        what = ("signal " + signal.Signals(-done.returncode).name
                if done.returncode < 0 else "status %d" % done.returncode)
        raise Harm("%s: %s\n%s" % (name, what, done.stderr.decode(
            "utf-8", "backslashreplace")))
    return done


def program(command, path):
    return run(command, [PROGRAM, command] + KEYS + [path], (0, 3),
               SECONDS_MAX)


def check(path):
    frames = program("frames", path)
    for line in frames.stdout.decode("utf-8").splitlines():
        json.loads(line)
    told = [frames]
    if not SANITIZED:  # the target has made this report, too
        told.append(program("analyze", path))
    for done in told:
        text = done.stderr + (done.stdout if done is not frames else b"")
        text.decode("utf-8")
        found = CONTROLS.search(text)
        if found:
            raise Harm("a control character is in the text: %r"
                       % text[max(0, found.start() - 40):found.end() + 40])


def check_all(folder, count):
    done = run("fuzz_analysis", [TARGET, folder], (0,), SECONDS_MAX * count)
    if int(done.stdout) != count:
        raise Harm("fuzz_analysis read %r of %d" % (done.stdout, count))


def harm(check_it, *what):
    """What the copies did, or None."""
    try:
        check_it(*what)
    except Harm as done:
        return str(done)
    except UnicodeDecodeError as done:
        return "no UTF-8: %s" % done
    except json.JSONDecodeError as done:
        return "no JSON: %s" % done
    return None


def harm_of(copies, alone, kept):
    """Lines about what copies did, by their names: all are read together, and
    those in `alone` by themselves, too.  Kept under that name if they did."""
    with tempfile.TemporaryDirectory() as folder:
        for name, copy in copies.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(copy)
        whats = [harm(check_all, folder, len(copies))]
        whats += [harm(check, os.path.join(folder, name)) for name in alone]
    lines = [line for what in whats if what for line in
             what.splitlines()[:30]]
    for name, copy in copies.items() if lines else ():
        with open(os.path.join(BUILD, "mutation-%s-%s" % (kept, name)),
                  "wb") as f:
            f.write(copy)
    return lines


def damage_all(name, kind, damage, data, wrap):
    """Lines about the copies that did harm."""
    copies = {}
    for number in range(COPIES):
        dice = random.Random("%s %s %d" % (name, kind, number))
        copies[str(number)] = wrap(damage(dice, data))
    return harm_of(copies, ["0"], "%s-%s" % (name, kind))


FILE_KINDS = [cut_off, flip_anywhere, flip_front, insert, leave_out]
PACKET_KINDS = [flip_packets, grow_packets, shrink_packets, reorder, repeat,
                lose]


def snap(frames, size):
    """A pcap file whose frames were cut at a size."""
    out = packets.pcap([])
    for number, frame in enumerate(frames):
        kept = frame[:size]
        out += packets.record(number, kept, len(frame))
    return out


def snap_all(name, frames):
    sizes = (0, 1, 13, 14, 20, 33, 34, 41, 42, 43, 60, 61, 62, 63, 70, 80, 100,
             128, 200, 400)
    return harm_of({str(size): snap(frames, size) for size in sizes},
                   ["0", "42", "200"], name + "-snap")


# ---- many ----

def bears_many(frames):
    """The same frames many times over: SECONDS_MAX is far more than that
    takes, unless it grows faster than the frames do."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(packets.pcap(frames * COPIES_MANY))
        f.flush()
        what = harm(check, f.name)
    return what.splitlines()[:30] if what else []


# ---- all ----

def tests(name, data):
    """(what is true, function that gives lines about what is not)"""
    frames = packets.frames_of(data)
    if len(frames) < 2:
        raise ValueError("no frames in " + name)
    frames = [content for _, content in frames]
    for kind in FILE_KINDS:
        yield (name + " bears " + kind.__name__, lambda k=kind: damage_all(
            name, k.__name__, k, data, bytes))
    if data[:4] == b"GMBU":
        return  # the packets are those of another file
    for kind in PACKET_KINDS:
        yield (name + " bears " + kind.__name__, lambda k=kind: damage_all(
            name, k.__name__, k, frames, packets.pcap))
    yield name + " bears snap lengths", lambda: snap_all(name, frames)
    yield (name + " bears itself many times over",
           lambda: bears_many(frames))


def main():
    todo = []
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("Bail out! no program at %s; set MRASCOPE" % PROGRAM)
    if not os.access(TARGET, os.X_OK):
        sys.exit("Bail out! no fuzz target at %s; set builddir" % TARGET)
    for name in sorted(os.listdir(CAPTURES)):
        path = os.path.join(CAPTURES, name)
        if name.endswith(("README", ".keys", ".pem")) or os.path.isdir(path):
            continue
        if os.path.getsize(path) < SIZE_MAX:
            with open(path, "rb") as f:
                todo += tests(name, f.read())
    print("1..%d" % len(todo))
    for number, (name, test) in enumerate(todo, 1):
        why = test()
        print("%s %d - %s" % ("not ok" if why else "ok", number, name))
        for line in why:
            print("# " + line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
