#!/usr/bin/env python3
"""The command line of sngrep, and HEP, on an interface (TAP).

All in a network namespace of its own, see live.py.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from live import (PATIENCE, PROGRAM, Phones, TOP, Watch, check, main, message,
                  old_hep, packed_hep, packets, ready, until)  # noqa: E402


def sends_and_hears_hep(work):
    """One sends on what it sees, in sight of itself; another one hears it."""
    folder = os.path.join(work, "collector")
    os.mkdir(folder)
    collector = Watch(folder, interface="udp:127.0.0.1:9060")
    watch = Watch(work, "--hep-send", "udp:127.0.0.1:9060")
    phones = Phones()
    phones.begin(1)
    phones.take(1)
    phones.end(1)
    phones.close()
    for who in (watch, collector):
        end = who.wait(lambda e: e["event"] == "end", "end")
        check(len(end) == 1 and end[0]["outcome"] == "established" and
              end[0]["call_id"] == "call-1@example.test", str(end))
    # Six and their copies: what was sent is not sent again.
    err = watch.stop()
    check("mrascope: 12 frames" in err, err)
    # As other agents send it: packed, and of version 2.
    agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    text = message("INVITE sip:bob@example.test SIP/2.0", 2, "1 INVITE")
    for datagram in (packed_hep(text), old_hep(
            message("SIP/2.0 486 Busy Here", 2, "1 INVITE"))):
        agent.sendto(datagram, ("127.0.0.1", 9060))
    agent.close()
    collector.wait(lambda e: e["event"] == "end" and
                   e["call_id"] == "call-2@example.test", "end")
    err = collector.stop()
    check("mrascope: 8 frames" in err, err)


def sends_and_hears_hep_over_tcp(work):
    """The same over connections; what is no HEP between, and messages in
    pieces; and a collector that goes away is found again."""
    place, folders = "tcp:127.0.0.1:9065", []
    for n in range(2):
        folders.append(os.path.join(work, "collector%d" % n))
        os.mkdir(folders[-1])
    collector = Watch(folders[0], interface=place)
    watch = Watch(work, "--hep-send", place)
    phones = Phones()

    def call(n):
        phones.begin(n)
        phones.take(n)
        phones.end(n)

    call(1)
    collector.wait(lambda e: e["event"] == "end" and e["outcome"] ==
                   "established" and e["call_id"] == "call-1@example.test",
                   "end")
    agents = [socket.create_connection(("127.0.0.1", 9065))
              for _ in range(2)]
    both = b"".join(packed_hep(message(first, 2, "1 INVITE")) for first in (
        "INVITE sip:bob@example.test SIP/2.0", "SIP/2.0 486 Busy Here"))
    agents[0].sendall(b"no HEP" + both[:100])
    agents[1].sendall(b"HEP3\0\0HEP" + packed_hep(message(
        "INVITE sip:bob@example.test SIP/2.0", 3, "1 INVITE")))
    collector.wait(lambda e: e["call_id"] == "call-3@example.test", "call")
    agents[0].sendall(both[100:])
    agents[1].close()
    collector.wait(lambda e: e["event"] == "end" and
                   e["call_id"] == "call-2@example.test", "end")
    err = collector.stop()
    check("mrascope: 9 frames" in err, err)
    agents[0].close()
    collector = Watch(folders[1], interface=place)
    # Who is not there is noticed when something is sent; then, once a second.
    numbers = iter(range(4, 4 + int(PATIENCE)))

    def hears_again():
        call(next(numbers))
        time.sleep(1.1)
        return [e for e in collector.events() if e["event"] == "end" and
                e["outcome"] == "established"]
    until(hears_again, "end behind the restart")
    phones.close()
    watch.stop()
    collector.stop()


def old_versions_and_refusals(work):
    """eep.send.version, and what cannot be sent to."""
    capture = os.path.join(TOP, "captures", "call-over-udp-established.pcap")
    rc = os.path.join(work, "rc")
    with open(rc, "w") as f:
        f.write("set eep.send.version 2\n")
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    collector.bind(("127.0.0.1", 9066))
    collector.settimeout(PATIENCE)
    run = sngrep("-f", rc, "-N", "-I", capture, "-H", "udp:127.0.0.1:9066")
    out, err = run.communicate(timeout=PATIENCE)
    check(run.returncode == 0 and "6 messages sent" in err, out + err)
    heard = [collector.recv(65535) for _ in range(6)]
    check(all(h[:4] == b"\2\x10\2\x11" for h in heard) and
          heard[0][28:].startswith(b"INVITE sip:bob@203.0.113.40"),
          str(heard))
    collector.close()
    for words, why in ((("-f", rc, "-H", "tcp:127.0.0.1:9067"), "HEP2 has no"),
                       (("-F", "-H", "tcp:127.0.0.1:9067"), "refused"),
                       (("-F", "-H", "sctp:127.0.0.1:9067"), "not udp|tcp")):
        run = sngrep(*words, "-N", "-I", capture)
        out, err = run.communicate(timeout=PATIENCE)
        check(run.returncode == 2 and why in err, out + err)


def sngrep(*words, **more):
    """The program under that name, without screens."""
    return subprocess.Popen([PROGRAM, "sngrep", *words],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, **more)


def ends(process, count, status=0):
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    check(process.returncode == status, err)
    check("Dialog count: %d\n" % count in out, out + err)


def sngrep_reads_files_without_screens(work):
    """-T, -O, -r and -H of files, as sngrep does: SIP of what is listed."""
    capture = os.path.join(TOP, "captures", "call-over-udp-established.pcap")
    text = os.path.join(work, "messages.txt")
    saved = os.path.join(work, "saved.pcapng")
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    collector.bind(("127.0.0.1", 9062))
    collector.settimeout(1)
    run = sngrep("-F", "-I", capture, "-T", text, "-O", saved,
                 "-H", "udp:localhost:9062", "-d", "nowhere", "-i", "bye")
    out, err = run.communicate(timeout=PATIENCE)
    check(run.returncode == 3 and "nowhere: " in err, err)
    run = sngrep("-F", "-I", capture, "-T", text, "-O", saved, "-r",
                 "-H", "udp:localhost:9062", "-i", "bye")
    out, err = run.communicate(timeout=PATIENCE)
    check(run.returncode == 0 and out == "Dialog count: 1\n", out + err)
    for wanted in ("6 messages written to " + text,
                   "6 frames written to " + saved, "6 messages sent"):
        check(wanted in err, err)
    with open(text) as f:
        check(len(re.findall("^Call-ID: ", f.read(), re.M)) == 6, "no text")
    heard = [collector.recv(65535) for _ in range(6)]
    check(b"INVITE sip:bob@203.0.113.40" in heard[0] and
          b"CSeq: 2 BYE" in heard[5], str(heard))
    # Nothing fits: nothing is written, nothing sent.
    run = sngrep("-F", "-q", "-N", "-I", capture, "-T", text,
                 "-H", "udp:localhost:9062", "wibble")
    check(run.wait(PATIENCE) == 0 and os.path.getsize(text) == 0, "text")
    try:
        collector.recv(65535)
        raise AssertionError("it was sent")
    except socket.timeout:
        collector.close()


def sngrep_reads_files_and_then_captures(work):
    """-I and -d together: first one, then the other; only what comes is
    written."""
    capture = os.path.join(TOP, "captures", "call-over-udp-established.pcap")
    out = os.path.join(work, "out.pcapng")
    phones = Phones()
    env = {**os.environ, "SUDO_UID": "0", "SUDO_GID": "0",
           "ASAN_OPTIONS": "detect_leaks=0"}
    process = sngrep("-F", "-N", "-I", capture, "-d", "lo", "-O", out,
                     env=env)
    ready(process)
    phones.begin(1)
    ends(process, 2)
    with open(out, "rb") as f:
        check(len(packets.frames_of(f.read())) == 2, "written")
    run = sngrep("-F", "-N", "-I", out + "none", "-d", "lo", env=env)
    err = run.communicate(timeout=PATIENCE)[1]
    check(run.returncode == 3 and "No such file" in err, err)
    run = subprocess.run(
        [PROGRAM, "tui", "--follow", out, capture, "--screen", "80x24"],
        capture_output=True, text=True)
    check(run.returncode == 2 and "goes with neither" in run.stderr,
          run.stderr)
    phones.close()


def sngrep_heeds_its_settings(work):
    """capture.device and .outfile; eep.listen instead of it, with a key; and
    -L alone hears nothing else, as sngrep's."""
    rc, text = os.path.join(work, "rc"), os.path.join(work, "text")
    dump = os.path.join(work, "dump.pcapng")
    with open(rc, "w") as f:
        f.write("set capture.device lo\nset capture.outfile %s\n"
                "set eep.listen.pass sesame\n" % dump)
    # Under seccomp the sanitizer cannot look for leaks.
    env = {**os.environ, "SUDO_UID": "0", "SUDO_GID": "0",
           "ASAN_OPTIONS": "detect_leaks=0"}
    phones = Phones()
    process = sngrep("-f", rc, "-T", text, env=env)
    ready(process)
    phones.begin(1)
    ends(process, 1)
    with open(text) as f:
        check("call-1@example.test" in f.read(), "no text")
    with open(dump, "rb") as f:
        check(len(packets.frames_of(f.read())) >= 2, "no dump")
    with open(rc, "a") as f:
        f.write("set eep.listen on\nset eep.listen.port 9063\n")
    for words, count in (("-f", rc), 1), (("-F", "-L", "udp:127.0.0.1:9063"),
                                          2):
        process = sngrep(*words, "-T", text, env=env)
        ready(process)
        phones.begin(2)
        agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for call, key in (3, b"sesame"), (4, b"simsim"):
            agent.sendto(packed_hep(message(
                "INVITE sip:bob@example.test SIP/2.0", call, "1 INVITE"),
                key), ("127.0.0.1", 9063))
        agent.close()
        ends(process, count)
    phones.close()


sys.exit(main([sends_and_hears_hep, sends_and_hears_hep_over_tcp,
               old_versions_and_refusals, sngrep_reads_files_without_screens,
               sngrep_reads_files_and_then_captures,
               sngrep_heeds_its_settings]))
