#!/usr/bin/env python3
"""Watches an interface: events, ring files, the screens, rights (TAP).

All in a network namespace of its own, see live.py.
"""
import glob
import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from live import (PATIENCE, PROGRAM, Phones, Skip, TOP, USER, Watch, check,
                  is_root, main, message, packets, until)  # noqa: E402


def tells_stages_and_ends(work):
    phones, watch = Phones(), Watch(work)
    phones.begin(1)
    watch.wait(lambda e: e["event"] == "stage" and
               e["stage"] == "exchange" and e["state"] == "incomplete",
               "begin")
    phones.take(1)
    watch.wait(lambda e: e["event"] == "stage" and e["state"] == "ok",
               "answer")
    check(not [e for e in watch.events() if e["event"] == "end"], "too early")
    phones.end(1)
    end = watch.wait(lambda e: e["event"] == "end", "end")
    check(end[0]["outcome"] == "established", str(end))
    check(end[0]["call_id"] == "call-1@example.test", str(end))
    check("hunter2" not in json.dumps(watch.events()), "a password")
    err = watch.stop()
    check("0 dropped by the kernel" in err, err)
    check(len([e for e in watch.events() if e["event"] == "end"]) == 1,
          "told twice")
    phones.close()


def keeps_a_ring_of_files(work):
    phones = Phones()
    path = os.path.join(work, "ring.pcapng")
    watch = Watch(work, "--write", path, "--rotate-time", "2",
                  "--rotate-count", "2")
    for call in range(1, 5):
        phones.begin(call)
        phones.take(call)
        phones.end(call)
        time.sleep(2.1)
    watch.stop()
    files = sorted(glob.glob(os.path.join(work, "ring_*.pcapng")))
    check(len(files) == 2, str(files))
    check(re.search(r"ring_0000[34]_\d{14}\.pcapng$", files[0]), str(files))
    run = subprocess.run([PROGRAM, "analyze", *files], capture_output=True,
                         text=True)
    check("2 calls: 2 established" in run.stdout, run.stdout + run.stderr)
    phones.close()


def names_of_interfaces(path):
    """Of the interface blocks of a pcapng file, by their options."""
    with open(path, "rb") as f:
        data = f.read()
    names, at = [], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        option = at + 16
        while kind == 1 and option < at + size - 4:
            code, n = struct.unpack_from("<HH", data, option)
            if code == 2:
                names.append(data[option + 4:option + 4 + n].decode())
            option += 4 + (n + 3) // 4 * 4
            if code == 0:
                break
        at += size
    return names


def begins_anew_what_was_renamed(work):
    """SIGUSR1, as logrotate sends it; without a new name it changes nothing."""
    phones = Phones()
    path = os.path.join(work, "dump.pcapng")
    watch = Watch(work, "--write", path)
    for call in 1, 2, 3:
        phones.begin(call)
        # Both messages are written: one read late would be in the next file.
        until(lambda call=call: contents(path).count(
            b"Call-ID: call-%d@" % call) >= 2, "call in the file")
        if call == 2:
            os.rename(path, path + ".1")
        watch.begin_anew()
    watch.stop()
    phones.close()
    for name, wanted in (path + ".1", (1, 2)), (path, (3,)):
        with open(name, "rb") as f:
            data = f.read()
        check(len(list(packets.frames_of(data))) >= 2, name)
        for call in 1, 2, 3:
            check((b"call-%d@example.test" % call in data) ==
                  (call in wanted), "%s: call %d" % (name, call))


def writes_findings_as_comments(work):
    phones = Phones()
    path = os.path.join(work, "one.pcapng")
    watch = Watch(work, "-w", path)
    bad = message("INVITE sip:bob@example.test SIP/2.0", 9, "1 INVITE")
    phones.a.sendto(bad.replace(b"Content-Length: 0", b"Content-Length: 99"),
                    ("127.0.0.1", 5060))
    watch.wait(lambda e: e["event"] == "stage", "begin")
    watch.stop()
    with open(path, "rb") as f:
        check(b"Content-Length" in f.read().replace(
            b"Content-Length: 99", b""), "no comment")
    check(names_of_interfaces(path) == ["lo"], "no name of the interface")
    phones.close()


def ends_of(watch):
    return [e for e in watch.events() if e["event"] == "end"]


def keeps_only_so_many_calls(work):
    """What is over makes room: memory does not follow the calls."""
    phones = Phones()
    watch = Watch(work, "--limit", "50", "--no-sandbox")
    # The first sweep comes with some 700 calls.
    each, sizes = 500, []
    for round in range(4):
        for call in range(round * each, (round + 1) * each):
            phones.begin(call)
            phones.take(call)
            phones.end(call)
            if call % 50 == 0:
                time.sleep(0.02)
        until(lambda: len(ends_of(watch)) == (round + 1) * each,
              "end of each call")
        with open("/proc/%d/statm" % watch.process.pid) as f:
            sizes.append(int(f.read().split()[1]) * 4)
    err = watch.stop()
    check(len(ends_of(watch)) == 4 * each, "told twice: %s" % err)
    phones.close()
    print("# resident KB after each %d calls: %s" % (each, sizes))


class Screen:
    """mrascope tui on the loopback, in a terminal of its own."""

    def __init__(self, work, *arguments, interface="lo", then=""):
        if "--config" not in arguments:
            arguments += "--config", "none"
        self.line = ["tmux", "-S", os.path.join(work, "tmux")]
        self.env = {**os.environ, "LC_ALL": "C.UTF-8",
                    "ASAN_OPTIONS": "detect_leaks=0"}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y",
                  "24", ("" if then else "exec ") + " ".join(
                      [PROGRAM, "tui", "-i", interface, "--user", USER,
                       *arguments]) + then)
        self.pid = int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def tmux(self, *arguments):
        return subprocess.run(self.line + list(arguments), env=self.env,
                              capture_output=True, text=True).stdout

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def wait(self, wanted, gone=None):
        """The pane as soon as it holds the one and not the other: what is
        drawn may be seen by halves."""
        end = time.monotonic() + PATIENCE
        while True:
            text = self.tmux("capture-pane", "-p")
            if re.search(wanted, text) and not (gone and
                                                re.search(gone, text)):
                return text
            check(time.monotonic() < end, "no %r, or still %r in\n%s" %
                  (wanted, gone, text))
            time.sleep(0.05)

    def save(self, path):
        self.keys("S")
        self.wait(r"File")
        self.keys("C-u")
        self.tmux("send-keys", "-l", path)
        self.keys("Enter")
        self.wait(r"frames written to")

    def end(self):
        """Leaves by keys, so that it may say what it has to say."""
        for _ in range(4):
            self.keys("q")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.tmux("list-sessions"):
            time.sleep(0.05)
        self.tmux("kill-server")


def analyzed(path):
    run = subprocess.run([PROGRAM, "analyze", path], capture_output=True,
                         text=True)
    check("1 call: established" in run.stdout, run.stdout + run.stderr)
    return run.stdout


def contents(path):
    """Of a file that may not be there yet."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def shows_calls_as_they_come(work):
    if not shutil.which("tmux"):
        return
    phones, screen = Phones(), Screen(work)
    saved = os.path.join(work, "saved.pcapng")
    try:
        screen.wait("no call yet")
        phones.begin(1)
        screen.wait(r"1 .* ringing")
        screen.wait(r"waits for somebody to answer")
        phones.take(1)
        screen.wait(r"1 .* in call")
        # Nothing is proved of what goes on.
        screen.wait(r"established \(so far\)")
        phones.end(1)
        screen.wait(r"1 .* established")
        screen.wait(r"established \((proved|likely)\)")
        screen.keys("Enter")
        screen.wait(r"INVITE")
        screen.wait(r"BYE")
        screen.keys("Enter")
        screen.wait(r"Call-ID: call-1@example.test")
        screen.keys("q")
        screen.save(saved)
        # Of what is forgotten there is no moment to look back to.
        screen.keys("q", "[")
        screen.wait(r"  at \d\d:")
        drawn = os.path.join(work, "drawn")
        screen.tmux("pipe-pane", "cat >" + drawn)
        screen.keys("F5")
        screen.wait("no call yet", gone="  at ")
        # Not in any picture: the clock of no call says 00:00:00.
        screen.keys("F8")
        until(lambda: b"theme" in contents(drawn), "picture of settings")
        check(b"00:00:00" not in contents(drawn), "a moment of no call")
        screen.keys("q")
        screen.tmux("resize-window", "-x", "40", "-y", "10")
        screen.wait(r"lo: 0 calls +0 dropped$|lo: 0 calls +0 dropped\n")
    finally:
        screen.end()
    analyzed(saved)
    phones.close()


def over_stream(transport, *parts):
    text = message(*parts)
    return text.replace(b"SIP/2.0/UDP", b"SIP/2.0/" + transport.encode())


URI = "sip:bob@example.test SIP/2.0"


def saves_calls_over_tcp(work):
    """Messages that came in pieces, and two in one segment."""
    if not shutil.which("tmux"):
        return
    listener, screen = socket.create_server(("127.0.0.1", 5060)), Screen(work)
    saved = os.path.join(work, "saved.pcapng")
    try:
        screen.wait("no call yet")
        a = socket.create_connection(("127.0.0.1", 5060))
        a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        b = listener.accept()[0]
        invite = over_stream("TCP", "INVITE " + URI, 1, "1 INVITE")
        a.sendall(invite[:60])
        time.sleep(0.1)
        a.sendall(invite[60:])
        b.sendall(over_stream("TCP", "SIP/2.0 180 Ringing", 1, "1 INVITE") +
                  over_stream("TCP", "SIP/2.0 200 OK", 1, "1 INVITE"))
        time.sleep(0.1)
        a.sendall(over_stream("TCP", "ACK " + URI, 1, "1 ACK"))
        screen.wait(r"1 .* in call")
        bye = over_stream("TCP", "BYE " + URI, 1, "2 BYE")
        a.sendall(bye[:-30])
        time.sleep(0.1)
        a.sendall(bye[-30:])
        b.sendall(over_stream("TCP", "SIP/2.0 200 OK", 1, "2 BYE"))
        screen.wait(r"1 .* established")
        screen.keys("Space")
        screen.save(saved)
        a.close()
        b.close()
    finally:
        listener.close()
        screen.end()
    check("6 SIP" in analyzed(saved), "not six messages")


def over_tls(work, key):
    """Two ends of a connection that the server's key opens, and their
    listener."""
    certificate = os.path.join(work, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-new", "-key", key, "-subj",
                    "/CN=example.test", "-days", "2", "-out", certificate],
                   check=True, capture_output=True)
    ends = []
    for side in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(side)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        # Without (EC)DHE: what the key of the server opens.
        context.set_ciphers("AES128-GCM-SHA256:@SECLEVEL=0")
        ends.append(context)
    server, client = ends
    server.load_cert_chain(certificate, key)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    listener = socket.create_server(("127.0.0.1", 5061))
    accepted = []
    thread = threading.Thread(target=lambda: accepted.append(
        server.wrap_socket(listener.accept()[0], server_side=True)))
    thread.start()
    a = client.wrap_socket(socket.create_connection(("127.0.0.1", 5061)))
    thread.join()
    return a, accepted[0], listener


def saves_calls_over_tls(work):
    """What was decrypted is saved so that it can be read without the key."""
    if not shutil.which("tmux") or not shutil.which("openssl"):
        return
    key = os.path.join(TOP, "captures", "call-over-tls-rsa-established.pem")
    screen = Screen(work, "--rsa-key", key)
    saved = os.path.join(work, "saved.pcapng")
    try:
        screen.wait("no call yet")
        a, b, listener = over_tls(work, key)
        for end, parts in ((a, ("INVITE " + URI, 1, "1 INVITE")),
                           (b, ("SIP/2.0 200 OK", 1, "1 INVITE")),
                           (a, ("ACK " + URI, 1, "1 ACK")),
                           (a, ("BYE " + URI, 1, "2 BYE")),
                           (b, ("SIP/2.0 200 OK", 1, "2 BYE"))):
            end.sendall(over_stream("TLS", *parts))
            (b if end is a else a).recv(4096)
        screen.wait(r"1 .* established")
        screen.keys("Space")
        screen.save(saved)
        for end in (a, b, listener):
            end.close()
    finally:
        screen.end()
    check("5 SIP" in analyzed(saved), "not five messages")


class Keyed:
    """A connection over TLS on the loopback whose client logs its keys, in a
    file that nobody watches."""

    def __init__(self, work, version):
        self.log = os.path.join(work, "client.keys")
        key = os.path.join(work, "server.key")
        certificate = os.path.join(work, "server.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                        key, "-subj", "/CN=example.test", "-days", "2", "-out",
                        certificate], check=True, capture_output=True)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for context in (server, client):
            context.minimum_version = context.maximum_version = version
        server.load_cert_chain(certificate, key)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        client.keylog_filename = self.log
        listener = socket.create_server(("127.0.0.1", 5061))
        accepted = []
        thread = threading.Thread(target=lambda: accepted.append(
            server.wrap_socket(listener.accept()[0], server_side=True)))
        thread.start()
        self.a = client.wrap_socket(
            socket.create_connection(("127.0.0.1", 5061)))
        thread.join()
        listener.close()
        self.b = accepted[0]

    def say(self, side, *parts):
        end, other = (self.a, self.b) if side == "a" else (self.b, self.a)
        end.sendall(over_stream("TLS", *parts))
        other.recv(4096)

    def close(self):
        self.a.close()
        self.b.close()


def reads_with_keys_that_come_later(work):
    """Of a connection that goes on, of one that is over by then, and into a
    log that is made only then; to its end, what was said before as well."""
    for name, version in (("1.3", ssl.TLSVersion.TLSv1_3),
                          ("1.2", ssl.TLSVersion.TLSv1_2)):
        folder = os.path.join(work, name)
        os.mkdir(folder)
        watched = os.path.join(folder, "watched.keys")
        watch = Watch(folder, "--keylog", watched)
        talk = Keyed(folder, version)
        talk.say("a", "INVITE " + URI, 1, "1 INVITE")
        talk.say("b", "SIP/2.0 180 Ringing", 1, "1 INVITE")
        time.sleep(0.2)
        check(not watch.events(), "read without a key: %r" % watch.events())
        # First half of a line of it, as a buffer may be written.
        with open(talk.log, "rb") as f:
            keys = f.read()
        with open(watched, "wb") as f:
            f.write(keys[:40])
            f.flush()
            time.sleep(0.1)
            f.write(keys[40:])
        watch.wait(lambda e: e["event"] == "stage" and
                   e["state"] == "incomplete", "begin")
        talk.say("b", "SIP/2.0 200 OK", 1, "1 INVITE")
        talk.say("a", "ACK " + URI, 1, "1 ACK")
        watch.wait(lambda e: e["event"] == "stage" and e["state"] == "ok",
                   "answer")
        # Another one, that is over when its keys come.
        os.remove(talk.log)
        later = Keyed(folder, version)
        later.say("a", "INVITE " + URI, 2, "1 INVITE")
        later.say("b", "SIP/2.0 486 Busy Here", 2, "1 INVITE")
        later.say("a", "ACK " + URI, 2, "1 ACK")
        later.close()
        time.sleep(0.2)
        # The log is begun anew, as by a program that starts again.
        os.replace(later.log, watched)
        end = watch.wait(lambda e: e["event"] == "end", "end")
        check(end[0]["call_id"] == "call-2@example.test" and
              end[0]["outcome"] == "rejected", str(end))
        talk.say("a", "BYE " + URI, 1, "2 BYE")
        talk.say("b", "SIP/2.0 200 OK", 1, "2 BYE")
        watch.wait(lambda e: e["event"] == "end" and
                   e["outcome"] == "established", "end")
        err = watch.stop()
        check("2 TLS connections were read, 0 stay unread" in err, err)
        talk.close()


def shows_what_was_read_with_a_late_key(work):
    if not shutil.which("tmux"):
        return
    watched = os.path.join(work, "watched.keys")
    open(watched, "wb").close()
    screen = Screen(work, "--keylog", watched)
    saved = os.path.join(work, "saved.pcapng")
    try:
        screen.wait("no call yet")
        talk = Keyed(work, ssl.TLSVersion.TLSv1_3)
        talk.say("a", "INVITE " + URI, 1, "1 INVITE")
        talk.say("b", "SIP/2.0 200 OK", 1, "1 INVITE")
        talk.say("a", "ACK " + URI, 1, "1 ACK")
        with open(talk.log, "rb") as f, open(watched, "ab") as to:
            to.write(f.read())
        screen.wait(r"1 .* in call")
        talk.say("a", "BYE " + URI, 1, "2 BYE")
        talk.say("b", "SIP/2.0 200 OK", 1, "2 BYE")
        screen.wait(r"1 .* established")
        screen.keys("Enter")
        screen.wait(r"(?s)INVITE .*200 .*ACK .*BYE .*200 ")
        screen.keys("Enter")
        screen.wait(r"Call-ID: call-1@example.test")
        screen.keys("q")
        screen.keys("q")
        screen.keys("Space")
        screen.save(saved)
        talk.close()
    finally:
        screen.end()
    check("5 SIP" in analyzed(saved), "not five messages")


def says_what_an_ordinary_user_can_do(work):
    run = subprocess.run(
        ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs",
         PROGRAM, "live", "-i", "lo"], capture_output=True, text=True)
    if "setpriv" in run.stderr:
        return
    check(run.returncode == 3, run.stderr)
    for wanted in ("Run it with sudo", "sudo chgrp GROUP",
                   "sudo setcap cap_net_raw,cap_net_admin=eip"):
        check(wanted in run.stderr, run.stderr)


def names_what_is_wrong(work):
    for arguments, wanted, status in (
            (["-i", "no-such-if"], "no-such-if: ", 3),
            (["-i", "lo", "--filter", "wibble"], "--filter: ", 2),
            (["-i", "udp:localhost"], "not udp|tcp:ADDRESS:PORT", 3),
            (["-i", "lo", "--hep-send", "wibble"], "not udp|tcp:", 2),
            (["-i", "lo", "--write", work + "/none/x.pcapng"],
             "--write %s/none/x.pcapng: No such file" % work, 2),
            ([], "live needs an interface", 2)):
        run = subprocess.run([PROGRAM, "live", "--user", USER, *arguments],
                             capture_output=True, text=True)
        check(run.returncode == status and wanted in run.stderr,
              "%s: %d %s" % (arguments, run.returncode, run.stderr))


def says_that_nothing_more_is_written(work):
    """The disk is full: in the title, and behind the screens; not across
    them."""
    phones, watch = Phones(), Watch(work, "--write", "/dev/full")
    phones.begin(1)
    watch.wait(lambda e: e["call_id"] == "call-1@example.test", "begin")
    time.sleep(0.3)
    watch.process.send_signal(signal.SIGTERM)
    err = watch.process.communicate(timeout=PATIENCE)[1].decode()
    watch.out.close()
    check(watch.process.returncode == 3 and "No space left" in err, err)
    if shutil.which("tmux"):
        screen = Screen(work, "--write", "/dev/full", then="; sleep 60")
        try:
            screen.wait("no call yet")
            phones.begin(2)
            screen.wait(r"\A mrascope  lo: (.|\n)*"
                        "not written: No space left", gone="nothing more")
            for _ in range(4):
                screen.keys("q")
            screen.wait("mrascope: /dev/full: No space left on device; "
                        "nothing more is written")
        finally:
            screen.tmux("kill-server")
    phones.close()


def comes_back_with_its_interface(work):
    phones = Phones()
    watch = Watch(work)
    phones.begin(1)
    watch.wait(lambda e: e["call_id"] == "call-1@example.test", "begin")
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    time.sleep(0.5)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    end = time.monotonic() + PATIENCE
    while not [e for e in watch.events() if
               e["call_id"] == "call-2@example.test"]:
        check(time.monotonic() < end, "it does not come back")
        phones.begin(2)
        time.sleep(0.3)
    watch.stop()
    phones.close()


def tells_of_an_interface_that_is_down(work):
    if not shutil.which("tmux"):
        return
    make_pair()
    screen = Screen(work, interface="va")
    try:
        screen.wait("va: 0 calls .* frames, . dropped\n")
        # Unplugged, and shut down.
        for name in ("vb", "va"):
            subprocess.run(["ip", "link", "set", name, "down"], check=True)
            screen.wait(" 1 interface down\n")
            subprocess.run(["ip", "link", "set", name, "up"], check=True)
            screen.wait(r"va: 0 calls .* dropped\n")
    finally:
        screen.end()
    subprocess.run(["ip", "link", "del", "va"], check=True)


def make_pair():
    subprocess.run(["ip", "link", "add", "va", "type", "veth", "peer",
                    "name", "vb"], check=True)
    for name in ("va", "vb"):
        subprocess.run(["ip", "link", "set", name, "up"], check=True)


def send_frame(text, times=1):
    """From vb, so that it arrives at va."""
    frame = packets.udp(("127.0.0.1", 5061), ("127.0.0.1", 5060), text)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("vb", 0))
        for _ in range(times):
            s.send(frame)


def send_invite(call):
    send_frame(message("INVITE sip:bob@example.test SIP/2.0", call,
                       "1 INVITE"))


def comes_back_with_an_interface_made_anew(work):
    """A veth pair that is deleted and made again, as containers do."""
    make_pair()
    watch = Watch(work, "-i", "va")
    send_invite(1)
    watch.wait(lambda e: e["call_id"] == "call-1@example.test", "begin")
    subprocess.run(["ip", "link", "del", "va"], check=True)
    time.sleep(0.5)
    make_pair()
    end = time.monotonic() + PATIENCE
    while not [e for e in watch.events() if
               e["call_id"] == "call-2@example.test"]:
        check(time.monotonic() < end, "it does not come back")
        send_invite(2)
        time.sleep(0.3)
    watch.stop()
    subprocess.run(["ip", "link", "del", "va"], check=True)


def status_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
                    if ":\t" in line)


def owner(path):
    return os.stat(path).st_uid


def does_all_of_it_without_rights(work):
    """What it may still do behind its filter of system calls, as nobody: an
    interface that is made anew, a ring, files, settings, HEP, signals."""
    if not is_root() or not shutil.which("tmux"):
        raise Skip("not root, or no tmux")
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    collector.bind(("127.0.0.1", 9064))
    collector.settimeout(PATIENCE)
    make_pair()
    paths = {name: os.path.join(work, name) for name in
             ("ring.pcapng", "saved.pcapng", "saved.txt", "config")}
    screen = Screen(work, "--write", paths["ring.pcapng"], "--rotate-size",
                    "1", "--rotate-count", "2", "--hep-send",
                    "udp:localhost:9064", "--config", paths["config"],
                    "--save", "text=" + paths["saved.txt"], interface="va")
    try:
        screen.wait("no call yet")
        status = status_of(screen.pid)
        check(status["Uid"].split() == ["65534"] * 4 and
              status["Groups"].split() == [], str(status))
        with open(os.path.join(os.path.dirname(PROGRAM), "config.h")) as f:
            if "#define HAVE_SECCOMP 1" in f.read():
                check(status["Seccomp"] == "2", str(status))
        # To open an interface again, and no more.
        for name in "CapPrm", "CapEff":
            check(int(status[name], 16) == 1 << 13, str(status))
        check(int(status["CapInh"], 16) == int(status["CapAmb"], 16) == 0,
              str(status))
        send_invite(1)
        screen.wait(r"1 .* unanswered|1 .* (trying|calling|in progress)|alice")
        check(b"call-1@example.test" in collector.recv(65535), "HEP")
        screen.tmux("resize-window", "-x", "132", "-y", "43")
        os.kill(screen.pid, signal.SIGTSTP)
        time.sleep(0.1)
        os.kill(screen.pid, signal.SIGCONT)
        subprocess.run(["ip", "link", "del", "va"], check=True)
        screen.wait(r"1 interface away")
        make_pair()
        end = time.monotonic() + PATIENCE
        while "away" in screen.tmux("capture-pane", "-p"):
            check(time.monotonic() < end, "it does not come back")
            time.sleep(0.1)

        def second():
            send_invite(2)
            return re.search(r"\b2 calls", screen.tmux("capture-pane", "-p"))
        until(second, "second call")

        def third():
            send_frame(b"x" * 1200, 300)
            return glob.glob(os.path.join(work, "ring_0000[3-9]_*"))
        until(third, "third file")
        screen.keys("F8")
        screen.wait("settings")
        screen.keys("F2")
        screen.wait(r"written to " + paths["config"])
        screen.keys("q")
        screen.save(paths["saved.pcapng"])
    finally:
        screen.end()
    rings = sorted(glob.glob(os.path.join(work, "ring_*")))
    check(len(rings) == 2 and "ring_00001" not in rings[0], str(rings))
    for path in rings + [paths["saved.pcapng"], paths["saved.txt"],
                         paths["config"]]:
        check(owner(path) == 65534 and os.path.getsize(path), path)
    with open(paths["saved.txt"]) as f:
        check("Call-ID: call-2@example.test" in f.read(), "text")
    collector.close()
    subprocess.run(["ip", "link", "del", "va"], check=True)


sys.exit(main([
    does_all_of_it_without_rights, comes_back_with_an_interface_made_anew,
    tells_stages_and_ends, keeps_a_ring_of_files,
    begins_anew_what_was_renamed, writes_findings_as_comments,
    keeps_only_so_many_calls, shows_calls_as_they_come, saves_calls_over_tcp,
    saves_calls_over_tls, reads_with_keys_that_come_later,
    shows_what_was_read_with_a_late_key, says_what_an_ordinary_user_can_do,
    names_what_is_wrong, tells_of_an_interface_that_is_down,
    says_that_nothing_more_is_written,
    comes_back_with_its_interface]))
