#!/usr/bin/env python3
"""Drives the real program in a terminal: keys in, captured pane out (TAP).

A private tmux server is the terminal.  Skipped where there is no tmux.
"""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from colours import coloured, contrast, palette  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
TOP = os.path.abspath(os.environ.get("srcdir", "."))
# In its sandbox the program cannot be looked at for what it left; and what it
# gave back is not to count as held.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:quarantine_size_mb=4"
CAPTURES = os.path.join(TOP, "captures")
RELAY = os.path.join(CAPTURES, "call-over-relay-established.pcapng")
PATIENCE = 60.0  # seconds, for a machine that is busy


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, work, width, height, arguments, **env):
        # A server of its own each time: the one before may still be ending.
        self.socket = os.path.join(tempfile.mkdtemp(dir=work), "tmux")
        self.status = os.path.join(work, "status")
        if os.path.exists(self.status):
            os.remove(self.status)
        env = {"LC_ALL": "C.UTF-8", **env}
        settings = " ".join("%s=%s" % pair for pair in env.items())
        line = "env -u NO_COLOR %s %s %s; echo $? >%s; sleep 60" % (
            settings, PROGRAM, arguments, self.status)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width),
                  "-y", str(height), line)

    def tmux(self, *arguments):
        run = subprocess.run(["tmux", "-S", self.socket, *arguments],
                             capture_output=True, text=True,
                             env={**os.environ, "LC_ALL": "C.UTF-8"})
        return run.stdout

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def pane(self, colours=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def wait(self, wanted, patience=PATIENCE):
        """The pane as soon as it holds what is wanted (an expression) and
        stands still: what is drawn may be seen by halves."""
        end = time.monotonic() + patience
        last = None
        while True:
            pane = self.pane()
            if re.search(wanted, pane) and pane == last:
                return pane
            last = pane
            if time.monotonic() > end:
                raise AssertionError("no %r in\n%s" % (wanted, pane))
            time.sleep(0.05)

    def colours(self):
        """The pane with its colours, when it stands still."""
        last, left = None, PATIENCE / 0.05
        while (pane := self.pane(colours=True)) != last and left > 0:
            last, left = pane, left - 1
            time.sleep(0.05)
        return pane

    def ended(self):
        """The exit status, when the program has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if os.path.exists(self.status):
                text = open(self.status).read().strip()
                if text:
                    return int(text)
            time.sleep(0.05)
        raise AssertionError("it does not end:\n" + self.pane())

    def close(self):
        self.tmux("kill-server")


def check(condition, what, pane=""):
    if not condition:
        raise AssertionError("%s\n%s" % (what, pane))


def screen(size, keys="", path=RELAY, locale="C.UTF-8"):
    """What --screen prints: the same canvas without a terminal."""
    run = subprocess.run(
        [PROGRAM, "tui", "--config", "none", "--screen", size, "--keys", keys,
         path], capture_output=True, text=True,
        env={**os.environ, "LC_ALL": locale})
    check(run.returncode == 0, run.stderr)
    return run.stdout


def lines(text):
    rows = [line.rstrip() for line in text.split("\n")]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def same_picture(terminal, picture):
    """The pane becomes what the canvas is."""
    end = time.monotonic() + PATIENCE
    while lines(terminal.pane()) != lines(picture):
        check(time.monotonic() < end, "not the same:\n" + terminal.pane() +
              "\nbut\n" + picture)
        time.sleep(0.05)


def walk(work, width, height):
    """From the list to a message and back, and out."""
    t = Terminal(work, width, height, "tui --config none " + RELAY)
    try:
        same_picture(t, screen("%dx%d" % (width, height)))
        t.keys("Enter")
        same_picture(t, screen("%dx%d" % (width, height), "Enter"))
        t.keys("Down", "Down", "Enter")
        t.wait(r"message 3 of \d+")
        t.keys("q", "P")
        t.wait(r"7 candidate pairs")
        t.keys("Escape")
        t.wait(r"call 1: ")
        t.keys("q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def walks_at_80x24(work):
    walk(work, 80, 24)


def walks_at_132x43(work):
    walk(work, 132, 43)


def walks_at_200x60(work):
    walk(work, 200, 60)


def follows_a_resize(work):
    t = Terminal(work, 80, 24, "tui --config none " + RELAY)
    try:
        t.wait(r"established \(proved\)")
        t.keys("Enter")
        t.wait(r"REGISTER")
        t.resize(132, 43)
        same_picture(t, screen("132x43", "Enter"))
        t.resize(60, 16)
        same_picture(t, screen("60x16", "Enter"))
        t.keys("q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def survives_a_storm_of_resizes(work):
    t = Terminal(work, 80, 24, "tui --config none " + CAPTURES)
    try:
        # All is read: keys find what they open.
        t.wait(r"\((proved|likely|guess)\)")
        for i in range(60):
            t.resize(20 + 37 * i % 190, 4 + 11 * i % 60)
            t.keys(["Down", "Enter", "q", "P", "q", "L", "q", "!", "q",
                    "i", "q", "?", "q"][i % 13])
        t.resize(80, 24)
        t.wait(r"mrascope")
        for _ in range(8):
            t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def fits_40x10(work):
    t = Terminal(work, 40, 10, "tui --config none " + RELAY)
    try:
        t.wait(r"alice")
        t.keys("Enter")
        pane = t.wait(r"REGISTER")
        check(max(map(len, pane.split("\n"))) <= 40, "too wide", pane)
        t.keys("Enter", "q", "P", "q", "L", "q", "!", "q", "q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def draws_ascii_in_a_locale_of_c(work):
    t = Terminal(work, 80, 24, "tui --config none " + RELAY, LC_ALL="C")
    try:
        pane = t.wait(r"established \(proved\)")
        check(pane.isascii(), "not ASCII", pane)
        t.keys("Enter")
        pane = t.wait(r"-+ REGISTER -*>")
        check(pane.isascii(), "not ASCII", pane)
        t.keys("P")
        pane = t.wait(r"host  10.1.0.2:20010 - host  10.2.0.2:30052")
        check(pane.isascii(), "not ASCII", pane)
        t.keys("q", "q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def works_on_a_vt100(work):
    t = Terminal(work, 80, 24, "tui --config none " + RELAY, TERM="vt100")
    try:
        t.wait(r"established \(proved\)")
        t.keys("Enter")
        t.wait(r"INVITE")
        t.keys("q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def says_when_the_terminal_is_unknown(work):
    # curses loses some bytes when it does not know a terminal.
    t = Terminal(work, 80, 24, "tui --config none " + RELAY, TERM="wibble",
                 ASAN_OPTIONS="detect_leaks=0")
    try:
        check(t.ended() == 2, "exit status")
        t.wait(r"type of this terminal is unknown: set TERM")
    finally:
        t.close()


def has_no_colours_where_asked(work):
    for env, wanted in (({}, True), ({"NO_COLOR": "1"}, False)):
        t = Terminal(work, 80, 24, "tui --config none " + RELAY, **env)
        try:
            t.wait(r"established \(proved\)")
            found = re.search(r"\x1b\[[0-9;]*(3[1-7]|4[1-7])[;m]",
                              t.colours())
            check(bool(found) == wanted, "colours: %s" % bool(found))
            t.keys("q")
            check(t.ended() == 0, "exit status")
        finally:
            t.close()


def takes_as_many_colours_as_there_are(work):
    for name, wanted in (("screen-256color", True), ("screen", False)):
        t = Terminal(work, 80, 24, "tui --config none " + RELAY, TERM=name)
        try:
            t.wait(r"established \(proved\)")
            found = re.search(r"\x1b\[[0-9;]*[34]8;5;\d+", t.colours())
            check(bool(found) == wanted, "%s: %s" % (name, bool(found)))
            t.keys("q")
            check(t.ended() == 0, "exit status")
        finally:
            t.close()


def stops_and_goes_on(work):
    t = Terminal(work, 80, 24, "tui --config none " + RELAY)
    try:
        t.wait(r"established \(proved\)")
        pid = t.tmux("display-message", "-p", "#{pane_pid}").strip()
        child = subprocess.run(["pgrep", "-P", pid], capture_output=True,
                               text=True).stdout.split()[0]
        subprocess.run(["kill", "-TSTP", child])
        time.sleep(0.3)
        subprocess.run(["kill", "-CONT", child])
        # A letter: Enter is another key while the terminal is given back.
        t.keys("P")
        t.wait(r"7 candidate pairs")
        subprocess.run(["kill", "-TERM", child])
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def is_alive(pid):
    """What has ended and is not waited for is no process any more."""
    try:
        with open("/proc/%s/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends_with_its_terminal(work):
    t = Terminal(work, 80, 24, "tui --config none " + RELAY)
    t.wait(r"established \(proved\)")
    pid = t.tmux("display-message", "-p", "#{pane_pid}").strip()
    child = subprocess.run(["pgrep", "-P", pid], capture_output=True,
                           text=True).stdout.split()[0]
    t.close()
    end = time.monotonic() + PATIENCE
    while is_alive(child):
        check(time.monotonic() < end, "it lives on without a terminal")
        time.sleep(0.05)


def takes_a_paste_of_anything(work):
    t = Terminal(work, 80, 24, "tui --config none " + CAPTURES)
    try:
        # All is read: keys find what they open.
        t.wait(r"\((proved|likely|guess)\)")
        junk = os.path.join(work, "junk")
        with open(junk, "wb") as f:
            value = 12345
            for _ in range(3000):
                value = (value * 1103515245 + 12345) & 0x7FFFFFFF
                byte = value >> 16 & 0xFF
                # q and ^C would end it, S would write files.
                f.write(bytes([byte if byte not in b"qQsS\x1b\3\x1a\x1c"
                               else 106]))
        t.tmux("load-buffer", junk)
        t.tmux("paste-buffer")
        end = time.monotonic() + PATIENCE
        while not os.path.exists(t.status):
            # Out of whatever it has opened, form or screen.
            t.keys("Escape")
            time.sleep(0.05)
            t.keys("q")
            check(time.monotonic() < end, "it cannot be left", t.pane())
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def keeps_a_key_behind_escape(work):
    """Both are read at once, where the program is slow or the line is."""
    t = Terminal(work, 80, 24, "tui --config none " + RELAY)
    try:
        t.wait(r"established \(proved\)")
        t.keys("Enter")
        t.wait(r"call 1: ")
        t.type("\x1b" + "\x1bOP")  # F1 of tmux's terminals
        t.wait(r"mrascope  help")
        t.keys("q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


RAW = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e"
                 "\u2060-\u206f\ufeff]")
# Of the same length, in users, realms, names, Call-IDs, reasons, SDP.
HOSTILE = ((b"alice", b"\x1b[2J\x07"), (b"bob@", b"\x1bc\xff@"),
           (b"lab.example", b"\xe2\x80\xae\xc2\x9bXY\x1b[7m"),
           (b"Ringing", b"\x9b5mR\xef\xbb\xbf"), (b"audio", b"a\x1b[1m"),
           (b"OK\r\n", b"\x1bc\r\n"),
           (b"Call-ID: ", b"Call-ID:\x1b"), (b"baresip", b"\x1b]0;x\x07\x9b"))
SCREENS = ("", "Enter", "Enter Enter", "Enter Enter Tab", "P", "P Enter", "L",
           "L Enter", "!", "! Enter", "i", "F2", "F10", "F7", "o", "o Enter",
           "[ [ Enter", "Enter F4 d m", "Space Down Space =",
           "Enter Space Down Space")


def shows_nothing_of_the_wire_raw(work):
    with open(RELAY, "rb") as f:
        data = f.read()
    for was, becomes in HOSTILE:
        data = data.replace(was, becomes[:len(was)])
    path = os.path.join(work, "\x1b[2J\u202e" + os.path.basename(RELAY))
    with open(path, "wb") as f:
        f.write(data)
    escaped = 0
    for keys in SCREENS:
        text = screen("132x43", keys, path)
        escaped += text.count("\\x1b")
        found = RAW.search(text)
        check(not found, "%r shows %r" % (keys, found and found.group()), text)
    check(escaped > 50, "only %d were to be escaped" % escaped)
    for form in ("text", "json", "csv"):
        out = subprocess.run([PROGRAM, "analyze", "-q", "-f", form, path],
                             capture_output=True).stdout.decode()
        found = RAW.search(out.replace("\r\n", "\n"))
        check(out and not found, "%s: %r" % (form, found))


WAY_PAST_ALL = ("Enter", "q", "P", "q", "L", "q", "!", "q", "i", "q", "F8",
                "q", "F10", "q", "F1", "q", "R", "q", "Enter", "R", "f", "q",
                "c", "c", "q", "F7", "Escape", "F2", "Escape", "[", "[")


def can_be_read_on(work, theme, ground, term, least):
    """Each character of each screen stands out from what is behind it; lines
    and bars may be weaker."""
    t = Terminal(work, 132, 30, "tui --config none " + RELAY, TERM=term)
    seen = {}
    try:
        t.wait(r"established \(proved\)")
        t.keys("F8", *(["Space"] if theme == "light" else []))
        t.wait(r"theme +%s" % theme)
        t.keys("q")
        t.wait(r"established \(proved\)")
        t.colours()
        for key in WAY_PAST_ALL:
            before, end = t.colours(), time.monotonic() + 1
            t.keys(key)
            # Some change nothing here.
            while t.colours() == before and time.monotonic() < end:
                time.sleep(0.02)
            for c, front, back in coloured(t.colours()):
                weak = "\u2500" <= c <= "\u259f"
                if (front, back) != (None, None) and not weak:
                    seen[front, back] = c
        colours = [(contrast(palette(front),
                             ground if back is None else palette(back)),
                    front, back, c) for (front, back), c in seen.items()
                   if front is not None]
        check(len(colours) > 5, "hardly a colour: %r" % seen)
        check(min(colours)[0] >= least, "%s on %s cannot be read: %r" % (
            theme, term, min(colours)))
    finally:
        t.close()


def can_be_read_on_a_dark_ground(work):
    can_be_read_on(work, "dark", (0, 0, 0), "screen-256color", 4.5)


def can_be_read_on_a_light_ground(work):
    can_be_read_on(work, "light", (1, 1, 1), "screen-256color", 4.5)
    # Of 8 colours green is what all expect of what is fine.
    can_be_read_on(work, "light", (1, 1, 1), "screen", 2.1)


def takes_clicks_of_older_terminals(work):
    """Whatever the terminal's description says of its mouse; and on time."""
    config = os.path.join(work, "config")
    with open(config, "w") as f:
        f.write("set mouse on\n")
    for term in "xterm-256color", "screen":
        t = Terminal(work, 100, 24, "tui --config %s %s" % (config, RELAY),
                     TERM=term)

        def old(x, y, button=0):
            t.type("\x1b[M%c%c%c\x1b[M#%c%c" % (
                32 + button, 32 + x, 32 + y, 32 + x, 32 + y))

        def new(x, y, times=1):
            t.type(times * "\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (
                (x, y) * 2 * times))

        try:
            t.wait(r"established \(proved\)")
            t.keys("Enter")
            t.wait(r"call 1: .* 1 of ")
            old(30, 10)
            t.wait(r"call 1: .* 6 of ")
            old(30, 10, 65)
            t.wait(r"call 1: .* 9 of ")
            new(30, 8)
            t.wait(r"call 1: .* 4 of ")
            new(30, 9, 2)
            t.wait(r"message 5 of ")
            t.keys("q")
            # The line of time appears with the first step back.
            t.keys("[")
            row = t.wait(r"at \d\d:").split("\n")[22]
            left, right = row.index("\u2500"), row.rindex("\u2500")
            new(left + 1, 23)
            first = row.split(" ")[0]
            t.wait(r"at %s +\+0\.000 s" % first)
            old((left + right) // 2 + 1, 23)
            pane = t.wait(r"at \S+ +\+(?!0\.000)").split("\n")[22]
            at = pane.index("\u25cf")
            check(abs(at - (left + right) // 2) <= 1, "not there", pane)
            new(right + 1, 23)
            t.wait(r"the end: all that is known")
            t.keys("q", "q")
            check(t.ended() == 0, "exit status")
        finally:
            t.close()


def takes_clicks(work):
    """On rows, heads of columns, the line of keys and the bar; the wheel; and
    sequences that no terminal's description has end nothing."""
    config = os.path.join(work, "config")
    with open(config, "w") as f:
        f.write("set mouse on\n")
    t = Terminal(work, 100, 24, "tui --config %s %s" % (config, CAPTURES),
                 TERM="xterm-256color")

    def click(x, y, button=0, times=1):
        # Two that are one come at once, however busy the machine is.
        t.type(times * ("\x1b[<%d;%d;%dM\x1b[<%d;%d;%dm" % (
            button, x, y, button, x, y)))

    def chosen(wanted):
        end = time.monotonic() + PATIENCE
        while True:
            rows = [line for line in t.pane(colours=True).split("\n")
                    if "\x1b[7m" in line]
            if rows and re.search(wanted, re.sub(r"\x1b[^m]*m", "", rows[0])):
                return
            check(time.monotonic() < end, "not chosen: " + wanted,
                  "\n".join(rows))
            time.sleep(0.05)

    try:
        t.wait(r"\((proved|likely|guess)\)")
        t.type("\x1b[1;2P\x1b[200~\x1bOx")
        click(30, 5)
        chosen(r"^ +3 ")
        click(30, 8, 65)
        chosen(r"^ +6 ")
        click(30, 2)
        t.wait(r"\u25b2From")
        click(30, 2)
        t.wait(r"\u25bcFrom")
        click(6, 2)
        t.wait(r"\u25b2Idx")
        click(100, 20)
        # Near the end, which grows with each capture that is added.
        chosen(r"^ +(3[4-9]|[4-9]\d) ")
        click(100, 3)
        chosen(r"^ +1 ")
        # Two that are late are two.
        click(30, 5)
        chosen(r"^ +3 ")
        time.sleep(1)
        click(30, 5)
        t.keys("Down")
        chosen(r"^ +4 ")
        click(30, 4, times=2)
        t.wait(r"call 2: .*1 of ")
        click(30, 10)
        pane = t.wait(r"call 2: .*5 of ").split("\n")
        click(pane[23].index("Pairs") + 1, 24)
        t.wait(r"candidate pairs?|no connectivity check")
        t.keys("q", "q", "F7")
        t.wait(r"INVITE +\[x\]")
        click(40, 9)
        t.wait(r"INVITE +\[ \]")
        t.keys("Escape", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def filters_while_one_types(work):
    t = Terminal(work, 100, 24, "tui --config none " + CAPTURES)
    try:
        t.wait(r"\((proved|likely|guess)\)")
        t.keys("/")
        t.type("verdict:rejected")
        t.wait(r"filter: verdict:rejected")
        t.keys("Enter")
        pane = t.wait(r"of \d+ calls")
        check("established" not in pane.replace("call-", ""), "not hidden",
              pane)
        t.keys("/")
        t.keys("C-u")
        t.type("sipfrom~(")
        t.keys("Enter")
        t.wait(r"parenthesis")
        t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def saves_what_it_shows(work):
    path = os.path.join(work, "saved.pcapng")
    t = Terminal(work, 80, 24, "tui --config none " + RELAY)
    try:
        t.wait(r"established \(proved\)")
        t.keys("F2")
        t.wait(r"File")
        t.keys("C-u")
        t.type(path)
        t.keys("Enter")
        t.wait(r"frames written to")
        t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()
    run = subprocess.run([PROGRAM, "analyze", path], capture_output=True,
                         text=True)
    check("1 call: established" in run.stdout, run.stdout + run.stderr)


def says(err, wanted):
    check(re.search(wanted, err), "no %r in %s" % (wanted, err))


def shows_a_pipe_and_takes_keys_from_the_terminal(work):
    """What tcpdump -w - | mrascope tui - does: while the capture comes."""
    pipe = os.path.join(work, "pipe")
    err = os.path.join(work, "err")
    os.mkfifo(pipe)
    with open(RELAY, "rb") as f:
        data = f.read()
    t = Terminal(work, 80, 24,
                 "tui --config none --stats - <%s 2>%s" % (pipe, err))
    try:
        with open(pipe, "wb") as out:
            # Somewhere in a record, behind the INVITE.
            out.write(data[:9001])
            out.flush()
            t.wait(r"standard input: 1 call.*, 0 dropped")
            t.keys("Enter")
            t.wait(r"INVITE")
            out.write(data[9001:])
            out.flush()
            t.wait(r"319 frames")
            t.keys("End")
            t.wait(r"BYE")
            t.keys("q")
        t.wait(r"established \(proved\)")
        t.keys("Enter", "Enter")
        t.wait(r"message 1 of ")
        t.keys("q", "q", "q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()
    text = open(err).read()
    says(text, r"redraws: \d+, mean [\d.]+ ms, longest [\d.]+ ms")
    says(text, r"answers to keys: [1-9]\d*, mean [\d.]+ ms")
    says(text, r"looks at what is known: [1-9]")
    says(text, r"processor [\d.]+ s, peak memory [\d.]+ MB")


def write_several_gigabytes(path):
    """A call, and frames of zeros behind it: 4 GB, with holes in the file."""
    other = os.path.join(CAPTURES, "call-rejected-486.pcap")
    size, count = 262144, 16384
    with open(other, "rb") as f:
        data = f.read()
    order = "<" if data[0] in (0xd4, 0x4d) else ">"
    last = struct.unpack_from(order + "I", data, 24)[0] + 60
    with open(path, "wb") as f:
        f.write(data)
        for _ in range(count):
            f.write(struct.pack(order + "IIII", last, 0, size, size))
            f.seek(size, 1)
        f.truncate(f.tell())
    return os.path.getsize(path)


def opens_several_gigabytes_without_holding_them(work):
    path = os.path.join(work, "large.pcap")
    err = os.path.join(work, "err")
    check(write_several_gigabytes(path) > 4 << 30, "too small")
    t = Terminal(work, 80, 24,
                 "tui --config none --stats %s 2>%s" % (path, err))
    try:
        # The list is there, and keys are, long before the end is.
        t.wait(r"large.pcap: 1 call")
        t.keys("Enter")
        t.wait(r"INVITE")
        t.keys("q")
        # A tenth of it, 430 MB, is enough to tell.
        t.wait(r"reading [1-9]\d%|\((proved|likely)\)", 3 * PATIENCE)
        t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()
    text = open(err).read()
    peak = float(re.search(r"peak memory ([\d.]+) MB", text).group(1))
    print("# 4 GB, peak memory %.1f MB" % peak)
    check(peak < 300, "it is held in memory: " + text)


def datagram(source, target, payload):
    """In IPv4 and UDP, without checksums."""
    hosts = [b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02"]
    if source == 5061:
        hosts.reverse()
    udp = struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17,
                       0, *hosts) + udp


def sip(call, line, method="INVITE"):
    return ("%s\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d%s\r\n"
            "From: <sip:from%d@example.test>;tag=a\r\n"
            "To: <sip:to%d@example.test>%s\r\nCall-ID: call-%d\r\n"
            "CSeq: 1 %s\r\nContent-Length: 0\r\n\r\n" % (
                line, call, method, call, call,
                ";tag=b" if line.startswith("SIP") else "", call,
                method)).encode()


def write_many_requests(path, calls, each):
    """Calls, and before each of them Binding requests that are long."""
    software = struct.pack(">HH", 0x8022, 1300) + b"x" * 1300
    number = 0
    with open(path, "wb") as f:
        def frame(source, target, payload):
            nonlocal number
            packet = datagram(source, target, payload)
            f.write(struct.pack("<IIII", 1700000000 + number // 1000,
                                number % 1000 * 1000, len(packet),
                                len(packet)) + packet)
            number += 1
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for call in range(calls):
            for i in range(each):
                frame(40000, 3478, struct.pack(
                    ">HHI12s", 1, len(software), 0x2112A442,
                    b"%012d" % number) + software)
            frame(5060, 5061, sip(call, "INVITE sip:to@example.test SIP/2.0"))
            frame(5061, 5060, sip(call, "SIP/2.0 486 Busy Here"))


def goes_on_with_a_message_when_all_is_read(work):
    """A large file is listed before all of it is read: other rows then."""
    path = os.path.join(work, "large.pcap")
    write_many_requests(path, 14, 1000)
    check(os.path.getsize(path) > 16 << 20, "too small to be listed first")
    t = Terminal(work, 100, 24, "tui --config none " + path)
    try:
        t.wait("from2@")
        t.keys("Down", "Down", "Enter")
        t.wait("INVITE")
        t.keys("Down", "Enter")
        t.wait("message 2 of 2: 486")
        pane = t.wait(r"mrascope  message 2 of 2: 486[^%]*\n")
        check("Call-ID: call-2\n" in re.sub(r" +(\n|█|│)", r"\1", pane)
              .replace("█", "").replace("│", ""), "another message", pane)
        t.keys("Escape")
        t.wait("call 3: .*, 2 of 2")
        t.keys("Escape")
        t.wait("large.pcap: 15 calls *\n")
        same_picture(t, screen("100x24", "Down Down", path))
        t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def follows_a_file_and_what_takes_its_name(work):
    path = os.path.join(work, "grows.pcapng")
    with open(RELAY, "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        f.write(data[:3001])
    t = Terminal(work, 100, 24,
                 "tui --config none --stats --follow " + path)
    try:
        t.wait(r"grows.pcapng: 1 call")
        os.rename(path, path + ".1")
        with open(path + ".1", "ab") as f:
            f.write(data[3001:])
        t.wait(r"established \(proved\)")
        other = os.path.join(CAPTURES, "call-rejected-486.pcap")
        shutil.copyfile(other, path + ".new")
        os.rename(path + ".new", path)
        t.wait(r"grows.pcapng: 2 calls")
        t.wait(r"2 .*rejected")
        t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()


def saves_turn_that_a_late_key_opened(work):
    """DTLS is held until its key is there; what it hid is shown where it was,
    and saved in the clear."""
    keys = os.path.join(work, "keys")
    saved = os.path.join(work, "saved.pcapng")
    open(keys, "w").close()
    capture = os.path.join(CAPTURES, "allocate-over-dtls-ok")
    t = Terminal(work, 100, 40, "tui --config none --keylog %s --follow %s" %
                 (keys, capture + ".pcap"))
    try:
        t.wait(r"no call yet +[^\0]*67 frames|67 frames[^\0]*no call yet")
        shutil.copyfile(capture + ".keys", keys)
        t.wait(r"1 \?\*\u2713\?\? ok +alice")
        t.keys("Enter")
        t.wait(r"(?s)Allocate .*Client Hello.*Server Hello Done.*Allocate")
        t.keys("q", "S")
        t.wait("File")
        t.keys("C-u")
        t.type(saved)
        t.keys("Enter")
        t.wait("41 frames written to")
        t.keys("q")
        check(t.ended() == 0, "exit status")
    finally:
        t.close()
    run = subprocess.run([PROGRAM, "frames", saved], capture_output=True,
                         text=True)
    lines = run.stdout.split("\n")
    check(sum('"method":"Allocate"' in line for line in lines) == 8,
          run.stdout)
    times = re.findall(r'"time":"([^"]*)"', run.stdout)
    check(times == sorted(times), "not in order of time")


TESTS = [shows_a_pipe_and_takes_keys_from_the_terminal,
         follows_a_file_and_what_takes_its_name,
         opens_several_gigabytes_without_holding_them,
         goes_on_with_a_message_when_all_is_read, walks_at_80x24,
         walks_at_132x43, walks_at_200x60, follows_a_resize,
         survives_a_storm_of_resizes, fits_40x10,
         draws_ascii_in_a_locale_of_c, works_on_a_vt100,
         says_when_the_terminal_is_unknown, has_no_colours_where_asked,
         takes_as_many_colours_as_there_are,
         stops_and_goes_on, ends_with_its_terminal,
         keeps_a_key_behind_escape, takes_a_paste_of_anything,
         shows_nothing_of_the_wire_raw,
         takes_clicks, takes_clicks_of_older_terminals,
         can_be_read_on_a_dark_ground, can_be_read_on_a_light_ground,
         saves_turn_that_a_late_key_opened,
         filters_while_one_types, saves_what_it_shows]


def main():
    if not shutil.which("tmux") or not shutil.which("pgrep"):
        print("1..0 # SKIP no tmux or no pgrep")
        return 0
    chosen = [t for t in TESTS
              if not sys.argv[1:] or t.__name__ in sys.argv[1:]]
    print("1..%d" % len(chosen))
    failed = 0
    for number, test in enumerate(chosen, 1):
        bad = ""
        with tempfile.TemporaryDirectory() as work:
            try:
                test(work)
            except AssertionError as e:
                bad = str(e)
            except Exception:
                bad = traceback.format_exc()
        print("%s %d - %s" % ("not ok" if bad else "ok", number,
                              test.__name__))
        for line in bad.split("\n") if bad else ():
            print("# " + line)
        sys.stdout.flush()
        failed += bool(bad)
    return failed != 0


sys.exit(main())
