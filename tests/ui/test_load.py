#!/usr/bin/env python3
"""Watches sipp make 50 calls a second with RTP, and a relay work (TAP).

All in network namespaces of its own, between the two ends of a veth pair: no
packet leaves them.  What the screens took is told beside what sngrep takes on
the same traffic at the same time, where there is one.  Skipped where such
namespaces cannot be made or sipp, coturn or tmux are missing.
"""
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
TOP = os.path.abspath(os.environ.get("srcdir", "."))
SANITIZED = os.environ.get("MRASCOPE_SANITIZED") == "yes"
# In its sandbox the program cannot be looked at for what it left; and what it
# gave back is not to count as held.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:quarantine_size_mb=4"
sys.path.insert(0, os.path.join(TOP, "tests", "golden"))
sys.dont_write_bytecode = True
import packets  # noqa: E402

RATE, CALLS = 50, 200
PATIENCE = 180.0  # seconds, for a machine that is busy
NEAR, FAR = "10.9.0.1", "10.9.0.2"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def run(*line, **more):
    return subprocess.run(line, capture_output=True, text=True, check=True,
                          **more).stdout


class Processes:
    """What was started, to be ended one by one."""

    def __init__(self):
        self.all = []

    def start(self, *line, **more):
        p = subprocess.Popen(line, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, **more)
        self.all.append(p)
        return p

    def end(self):
        for p in reversed(self.all):
            if p.poll() is None:
                p.terminate()
        for p in reversed(self.all):
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()


class Terminal:
    """A program in a terminal of its own, measured."""

    def __init__(self, work, name, line):
        self.server = ["tmux", "-S", os.path.join(work, name)]
        self.env = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(self.server + ["-f", "/dev/null", "new-session", "-d",
                                      "-x", "132", "-y", "43",
                                      "exec " + line], env=self.env)
        self.pid = int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def tmux(self, *line):
        return subprocess.run(self.server + list(line), env=self.env,
                              capture_output=True, text=True).stdout

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def wait(self, wanted):
        end = time.monotonic() + PATIENCE
        while True:
            pane = self.tmux("capture-pane", "-p")
            found = re.search(wanted, pane)
            if found:
                return found
            check(time.monotonic() < end, "no %r in\n%s" % (wanted, pane))
            time.sleep(0.1)

    def at_rest(self, wanted):
        """What an expression finds, when that has not changed for 3 s."""
        last, since = None, time.monotonic()
        while time.monotonic() - since < 3:
            found = self.wait(wanted).group(1)
            if found != last:
                last, since = found, time.monotonic()
            time.sleep(0.1)
        return last

    def usage(self):
        """Processor seconds and peak kilobytes."""
        with open("/proc/%d/stat" % self.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        with open("/proc/%d/status" % self.pid) as f:
            peak = re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK"), int(peak)

    def gone(self):
        end = time.monotonic() + PATIENCE
        while os.path.exists("/proc/%d" % self.pid):
            check(time.monotonic() < end, "it does not end")
            time.sleep(0.1)

    def close(self):
        self.tmux("kill-server")
        # sngrep outlives its terminal.
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def make_link(processes):
    """Another namespace behind a veth pair; the command to be there."""
    there = processes.there = processes.start("unshare", "-n", "sleep", "900")
    end = time.monotonic() + PATIENCE
    here = os.readlink("/proc/self/ns/net")
    while os.readlink("/proc/%d/ns/net" % there.pid) == here:
        check(time.monotonic() < end, "no second namespace")
        time.sleep(0.02)
    be_there = ["nsenter", "-t", str(there.pid), "-n"]
    run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
    run("ip", "link", "set", "far", "netns", str(there.pid))
    run("ip", "addr", "add", NEAR + "/24", "dev", "near")
    run("ip", "link", "set", "near", "up")
    run(*be_there, "ip", "addr", "add", FAR + "/24", "dev", "far")
    run(*be_there, "ip", "link", "set", "far", "up")
    run(*be_there, "ip", "link", "set", "lo", "up")
    return be_there


def await_port(process, port):
    """Until somebody in the namespace of a process listens to UDP there."""
    end = time.monotonic() + PATIENCE
    while True:
        with open("/proc/%d/net/udp" % process.pid) as f:
            if re.search(r" \w{8}:%04X 0{8}:0000 " % port, f.read()):
                return
        check(time.monotonic() < end, "nobody listens to %d" % port)
        time.sleep(0.02)


class Pulse(threading.Thread):
    """Sleeps a little, again and again: how late it wakes tells how busy the
    machine is."""

    def __init__(self):
        super().__init__(daemon=True)
        self.late, self.over = [], threading.Event()

    def run(self):
        while not self.over.is_set():
            begun = time.monotonic()
            time.sleep(0.01)
            self.late.append(time.monotonic() - begun - 0.01)

    def stop(self):
        """Was others' work in the way for 2 wakings of 100?"""
        self.over.set()
        self.join()
        late = sorted(self.late)[len(self.late) * 98 // 100]
        print("# 2 of 100 sleeps were late by %.1f ms" % (late * 1000))
        return late > 0.01


def start_relay(work, processes, be_there):
    """coturn, somebody behind it, and a client whose data goes through."""
    processes.start(*be_there, "turnserver", "-n", "-L", FAR, "-E", FAR,
                    "--lt-cred-mech", "-u", "user:word", "-r", "example.test",
                    "--no-cli", "--no-tls", "--no-dtls", "--pidfile",
                    os.path.join(work, "turn.pid"), "--log-file", "stdout",
                    "--userdb", os.path.join(work, "turndb"), cwd=work)
    processes.start(*be_there, "turnutils_peer", "-L", FAR, "-p", "3480")
    for port in 3478, 3480:
        await_port(processes.there, port)
    return processes.start("turnutils_uclient", "-n", "250", "-m", "4", "-l",
                           "160", "-z", "20", "-e", FAR, "-r", "3480", "-u",
                           "user", "-w", "word", FAR)


def make_calls(work, processes, be_there):
    with open(os.path.join(work, "audio.raw"), "wb") as f:
        f.write(b"\xd5" * 8000)
    processes.start(*be_there, "sipp", "-sn", "uas", "-i", FAR, "-mi", FAR,
                    "-rtp_echo", "-nostdin", cwd=work)
    await_port(processes.there, 5060)
    caller = processes.start(
        "sipp", "-sf", os.path.join(TOP, "tests", "ui", "load", "caller.xml"),
        FAR, "-i", NEAR, "-mi", NEAR, "-r", str(RATE), "-m", str(CALLS),
        "-nostdin", cwd=work)
    return caller


def watch_peer(work):
    """sngrep on the same interface, where there is one."""
    if not shutil.which("sngrep"):
        return None
    return Terminal(work, "peer", "sngrep -d near")


def tell(name, usage):
    print("# %s: processor %.2f s, peak memory %.1f MB" %
          (name, usage[0], usage[1] / 1024))


def take(pattern, text):
    found = re.search(pattern, text)
    check(found, "no %r in %s" % (pattern, text))
    return [float(value) for value in found.groups()]


def figures(text, busy):
    """What --stats says, as comments of this test too; how fast it was says
    nothing where others work, or sanitizers."""
    for line in text.splitlines():
        print("# " + line)
    frames, dropped = take(r"(\d+) frames, (\d+) dropped by the kernel", text)
    check(dropped == 0 or busy, "the kernel dropped frames")
    # RTP is the most of it: it is counted.
    check(frames > 50 * CALLS, "only %d frames" % frames)
    count, mean, slow = take(
        r"redraws: (\d+), mean ([\d.]+) ms, .* (\d+) above 50 ms", text)
    check(count > (3 if busy or SANITIZED else 20), "hardly a redraw")
    check(busy or SANITIZED or mean < 50 and slow <= max(1, count / 50),
          "redraws are slow")


def watches_calls_with_media_and_a_relay(work):
    processes = Processes()
    ours = peer = None
    pulse = Pulse()
    err = os.path.join(work, "stats")
    try:
        be_there = make_link(processes)
        ours = Terminal(work, "ours", "%s tui -i near --user root --config "
                        "none --stats 2>%s" % (PROGRAM, err))
        peer = watch_peer(work)
        ours.wait(r"no call yet")
        pulse.start()
        relay = start_relay(work, processes, be_there)
        caller = make_calls(work, processes, be_there)
        check(caller.wait(PATIENCE) == 0, "calls of sipp failed")
        ours.keys("/")
        ours.tmux("send-keys", "-l", "sipfrom:caller")
        ours.keys("Enter")
        ours.wait(r"\b%d (of \d+ )?calls" % CALLS)
        relay.wait(PATIENCE)
        tell("mrascope", ours.usage())
        if peer:
            # It may lose some where the machine is busy: that is its own.
            print("# sngrep lists %s of %d" % (
                peer.at_rest(r"Dialogs: (\d+)"), CALLS))
            tell("sngrep", peer.usage())
        ours.keys("q")
        ours.gone()
        with open(err) as f:
            figures(f.read(), pulse.stop())
    finally:
        for terminal in (ours, peer):
            if terminal:
                terminal.close()
        processes.end()
        subprocess.run(["ip", "link", "del", "near"], capture_output=True)


CALL = [("INVITE sip:bob@example.test SIP/2.0", "1 INVITE", True),
        ("SIP/2.0 180 Ringing", "1 INVITE", False),
        ("SIP/2.0 200 OK", "1 INVITE", False),
        ("ACK sip:bob@example.test SIP/2.0", "1 ACK", True),
        ("BYE sip:bob@example.test SIP/2.0", "2 BYE", True),
        ("SIP/2.0 200 OK", "2 BYE", False)]


def templates():
    """The frames of a call, to be numbered."""
    frames = []
    for first, cseq, asks in CALL:
        text = packets.sip(first).replace(b"1 OPTIONS", cseq.encode())
        text = text.replace(b"call-1@", b"call-@@@@@@@@@").replace(
            b"bK1", b"bK@@@@@@@@").replace(b"tag=a", b"tag=a@@@@@@@@")
        if first != CALL[0][0]:
            text = text.replace(b"To: <sip:bob@example.test>",
                                b"To: <sip:bob@example.test>;tag=b")
        ends = (packets.ALICE, packets.BOB)
        frames.append(packets.udp(*(ends if asks else ends[::-1]), text))
    return frames


def record(at, frame):
    return struct.pack("<IIII", packets.START + int(at), int(at % 1 * 1e6),
                       len(frame), len(frame)) + frame


def calls(first, last, gap):
    """Records of calls, one each `gap` seconds."""
    out = []
    for number in range(first, last):
        for i, frame in enumerate(templates.frames):
            frame = frame.replace(b"@@@@@@@@", b"%08d" % number)
            out.append(record(number * gap + i * 0.1, frame))
    return b"".join(out)


def resident(pid):
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * 4


def memory_is_flat_at_the_limit(work):
    """An hour of calls as fast as they are read: what is over goes."""
    count, parts = 6000, 12
    templates.frames = templates()
    watch = subprocess.Popen(
        [PROGRAM, "live", "--follow", "-", "--limit", "250", "-o",
         os.path.join(work, "events"), "--stats"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    sizes = []
    try:
        watch.stdin.write(packets.pcap([]))
        for i in range(parts):
            watch.stdin.write(calls(i * count // parts,
                                    (i + 1) * count // parts, 0.3))
            watch.stdin.flush()
            sizes.append(resident(watch.pid))
        watch.stdin.close()
        text = watch.stderr.read().decode()
        check(watch.wait(PATIENCE) == 0, text)
    finally:
        if watch.poll() is None:
            watch.kill()
            watch.wait()
    print("# resident KB after each %d calls: %s" % (count // parts, sizes))
    for line in text.splitlines():
        print("# " + line)
    kept, flows, seen = held(text)
    check(kept < 10000, "of %d messages %d are kept" % (6 * count, kept))
    check(seen < 2000, "of %d calls %d are kept" % (count, seen))
    # Kept, the second half of them would take some 30 MB.
    check(max(sizes[6:]) - max(sizes[2:6]) < 12000, "it grows: %s" % sizes)
    with open(os.path.join(work, "events")) as f:
        ends = sum('"event":"end"' in line for line in f)
    check(ends == count, "%d of %d calls ended" % (ends, count))


def held(text):
    """What --stats says to be kept: messages, flows, calls."""
    return take(r"kept at the end: (\d+) messages, \d+ bytes; (\d+) flows "
                r"and media streams; (\d+) calls", text)


def watch_records(records):
    """What `live` says at the end of what came through a pipe."""
    watch = subprocess.run(
        [PROGRAM, "live", "--follow", "-", "-o", os.devnull, "--stats"],
        input=packets.pcap([]) + b"".join(records), capture_output=True,
        timeout=PATIENCE)
    text = watch.stderr.decode()
    check(watch.returncode == 0, text)
    return held(text)


def renewed_registrations_do_not_pile_up(_):
    """A hundred phones that register each half minute, for hours."""
    phones, rounds = 100, 300
    ask = packets.sip("REGISTER sip:example.test SIP/2.0").replace(
        b"1 OPTIONS", b"@@@@@ REGISTER").replace(b"call-1@", b"call-####@")
    answer = ask.replace(b"REGISTER sip:example.test SIP/2.0",
                         b"SIP/2.0 200 OK")
    frames = (packets.udp(packets.ALICE, packets.BOB, ask),
              packets.udp(packets.BOB, packets.ALICE, answer))
    records = [record(turn * 30 + phone * 0.2,
                      frame.replace(b"@@@@@", b"%05d" % (turn + 1)).replace(
                          b"####", b"%04d" % phone))
               for turn in range(rounds) for phone in range(phones)
               for frame in frames]
    kept, _, _ = watch_records(records)
    check(0 < kept < 10000, "of %d messages %d are kept" % (len(records), kept))


def flows_without_messages_are_forgotten(_):
    """None of them is one of ours, so no message makes room."""
    frames = 150000
    records = [record(i * 0.02, packets.udp(
        (packets.ALICE[0], 10000 + i % 50000),
        (packets.BOB[0], 20000 + i // 50000), b"hello, I am no SIP"))
               for i in range(frames)]
    _, flows, _ = watch_records(records)
    check(flows < 70000, "of %d flows %d are kept" % (frames, flows))


TESTS = [watches_calls_with_media_and_a_relay, memory_is_flat_at_the_limit,
         renewed_registrations_do_not_pile_up,
         flows_without_messages_are_forgotten]


def inside():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    chosen = [t for t in TESTS
              if not sys.argv[2:] or t.__name__ in sys.argv[2:]]
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


def main():
    if sys.argv[1:2] == ["--inside"]:
        return inside()
    for tool in ("unshare", "nsenter", "ip", "tmux", "sipp", "turnserver",
                 "turnutils_uclient", "turnutils_peer"):
        if not shutil.which(tool):
            print("1..0 # SKIP no " + tool)
            return 0
    if subprocess.run(["unshare", "-rn", "true"],
                      capture_output=True).returncode:
        print("1..0 # SKIP no network namespace of one's own")
        return 0
    return subprocess.run(["unshare", "-rn", sys.executable, __file__,
                           "--inside", *sys.argv[1:]]).returncode


sys.exit(main())
