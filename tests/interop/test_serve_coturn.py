#!/usr/bin/env python3
"""coturn's own client and peer against `mrascope serve`: everything must come
back, over every transport, and the recording must be read without an error.
Prints TAP."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serving  # noqa: E402

CLIENT = shutil.which("turnutils_uclient")
PEER = shutil.which("turnutils_peer")
MESSAGES, CLIENTS = 40, 2
SECRET = "north-by-northwest"

# The keys that turnutils_uclient -J makes its tokens with, cut to their size.
ACCESS_KEYS = [
    "north:A256GCM:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "union:A128GCM:MTIzNDU2Nzg5MDEyMzQ1Ng==",
    "oldempire:A256GCM:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
]
ACCESS_OPTIONS = [word for key in ACCESS_KEYS for word in ("--oauth-key", key)]

# name, transport, options of turnutils_uclient, address
RUNS = [
    ("channels over UDP", "udp", [], "127.0.0.1"),
    ("Send over UDP", "udp", ["-s"], "127.0.0.1"),
    ("channels over TCP", "tcp", ["-t"], "127.0.0.1"),
    ("Send over TCP", "tcp", ["-t", "-s"], "127.0.0.1"),
    ("channels over TLS", "tls", ["-t", "-S"], "127.0.0.1"),
    ("Send over TLS", "tls", ["-t", "-S", "-s"], "127.0.0.1"),
    ("channels over DTLS", "dtls", ["-S"], "127.0.0.1"),
    ("Send over DTLS", "dtls", ["-S", "-s"], "127.0.0.1"),
    ("DONT-FRAGMENT", "udp", ["-g", "-s"], "127.0.0.1"),
    ("padding over UDP", "udp", ["-D"], "127.0.0.1"),
    ("long messages", "udp", ["-l", "1300"], "127.0.0.1"),
    ("mobility", "udp", ["-M"], "127.0.0.1"),
    ("both families at once", "udp", ["-Z"], "127.0.0.1"),
    ("more requests than are needed", "udp", ["-G"], "127.0.0.1"),
    ("between clients", "udp", ["-y"], "127.0.0.1"),
    ("peers over TCP, client connects", "tcp", ["-T"], "127.0.0.1"),
    ("peers over TCP, peer connects", "tcp", ["-T", "-P"], "127.0.0.1"),
    ("peers over TCP, client over TLS", "tls", ["-T", "-S"], "127.0.0.1"),
    ("IPv6 over UDP", "udp", ["-x"], "::1"),
    ("IPv6 over TCP", "tcp", ["-x", "-t"], "::1"),
    ("IPv6 over TLS", "tls", ["-x", "-t", "-S"], "::1"),
    ("time-limited names", "udp", ["-W", SECRET], "127.0.0.1"),
    ("access tokens over UDP", "udp", ["-J"], "127.0.0.1"),
    ("access tokens over TLS", "tls", ["-J", "-t", "-S"], "127.0.0.1"),
    ("access tokens, peers over TCP", "tcp", ["-J", "-T"], "127.0.0.1"),
]


def peer_options(options, address, port):
    if "-y" in options or "-T" in options:
        return []
    return ["-e", address, "-r", str(port)]


def send_and_count(command, options):
    """Did all come back?  And what the client said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=240)
    except subprocess.TimeoutExpired as e:
        return False, (e.stdout or b"").decode()
    said = done.stdout + done.stderr
    sums = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", said)
    # With -P one of two clients only connects: its own messages are lost with
    # coturn's server as well.
    sent, back = MESSAGES * CLIENTS, MESSAGES * (1 if "-P" in options else 2)
    return bool(sums and sums[-1] == (str(sent), str(back))), said


def overflows():
    """How many datagrams the kernel dropped because nobody had the processor
    to read them: those tell nothing of the server."""
    found = []
    for path, pattern in (("/proc/net/snmp", r"^Udp: \d+ \d+ \d+ \d+ (\d+)"),
                          ("/proc/net/snmp6", r"^Udp6RcvbufErrors\s+(\d+)")):
        with contextlib.suppress(OSError), open(path) as f:
            found += re.findall(pattern, f.read(), re.MULTILINE)
    return found


def one_run(tap, server, peers, run):
    name, transport, options, address = run
    who = ["-u", "carol"]
    if "-W" not in options:
        who += ["-w", "secret:with:colons"]
    command = [CLIENT, "-c", "-n", str(MESSAGES), "-m", str(CLIENTS), "-z",
               "5", *who, *options, "-p",
               str(server.port(transport, address)), "-L", address,
               *peer_options(options, address, peers[address]), address]
    before = overflows()
    fine, said = send_and_count(command, options)
    if not fine and overflows() != before:
        fine, said = send_and_count(command, options)
    # When an answer is late the client asks again with the same ticket as a
    # new request, which RFC 8016 refuses: on a busy machine it may.
    if not fine and "-M" in options and "error 400" in said:
        fine, said = send_and_count(command, options)
    tap.ok(fine, name, " ".join(command), said)


def refused(tap, server):
    command = [CLIENT, "-c", "-n", "1", "-u", "carol", "-w", "wrong", "-p",
               str(server.port("udp")), "-e", "127.0.0.1", "127.0.0.1"]
    try:
        said = subprocess.run(command, capture_output=True, text=True,
                              timeout=120).stdout
    except subprocess.TimeoutExpired as e:
        said = (e.stdout or b"").decode()
    tap.ok("Cannot complete Allocation" in said and "Total lost" not in said,
           "a wrong password is refused", said)


def analysis_of(path):
    keys = path + ".keys"
    with open(keys, "w") as f:
        f.write("carol\tlab.example\tsecret:with:colons\n")
    done = subprocess.run(
        [serving.PROGRAM, "analyze", "-f", "json", "--credentials", keys,
         "--turn-secret", SECRET, *ACCESS_OPTIONS, path], capture_output=True,
        text=True)
    return json.loads(done.stdout)


def recording_is_clean(tap, path):
    a = analysis_of(path)
    errors = [f["rule"] + ": " + f["message"] for f in a["findings"]
              if f["severity"] == "error"]
    tap.ok(not errors, "the recording has no error finding", *errors)
    # Where two of its sends cross, the client's Refresh with a ticket may be
    # too late: that is of mobility.
    judged = [f["rule"] + ": " + f["message"] for f in a["findings"]
              if f["rule"].startswith("engine/") and
              f["rule"] != "engine/answers-differ"]
    tap.ok(not judged, "the engine agrees with every reply", *judged)
    tokens = {t["id"] for t in a["tokens"] if t["kind"] == "oauth"}
    by_token = [x for x in a["allocations"]
                if x["token"] in tokens and x["state"] == "ok"]
    tap.ok(len(by_token) > 4 and
           all(x["integrity"]["verified"] and not x["integrity"]["bad"]
               for x in by_token),
           "access tokens are opened, and what they sign is verified",
           [x["integrity"] for x in by_token])
    seen = {t: 0 for t in ("udp", "tcp", "tls", "dtls")}
    verified = bad = granted = 0
    for allocation in a["allocations"]:
        if allocation["state"] == "ok":
            seen[allocation["transport"]] += 1
            granted += 1
        verified += allocation["integrity"]["verified"]
        bad += allocation["integrity"]["bad"]
    tap.ok(all(seen.values()), "allocations are read in it over UDP, TCP and, "
           "decrypted, TLS and DTLS", seen)
    datagrams = [x for x in a["allocations"] if x["transport"] == "dtls"]
    # Each run asks for the first allocation, and for one of each client.
    tap.ok(len(datagrams) >= 2 * (CLIENTS + 1) and
           all(x["state"] == "ok" and x["integrity"]["verified"] > 3 and
               not x["integrity"]["bad"] for x in datagrams),
           "those over DTLS are granted, all that they sign is verified",
           [(x["state"], x["integrity"]) for x in datagrams])
    stages = {s["stage"]: s["state"] for c in a["calls"] for s in c["stages"]
              if set(s["refs"]) & {x["id"] for x in datagrams}}
    tap.ok(stages.get("gathering") == "ok", "they are in the stages", stages)
    tap.ok(verified >= granted > 20 and bad == 0,
           "the integrity of each granted one is verified",
           verified, granted, bad)


def main():
    if not CLIENT or not PEER:
        serving.skip("no turnutils_uclient or turnutils_peer (coturn)")
    serving.alone()
    addresses = ["127.0.0.1"] + (["::1"] if serving.has_ipv6() else [])
    tap = serving.Tap()
    peers = {a: serving.free_port(a) for a in addresses}
    echoes = [subprocess.Popen([PEER, "-p", str(port), "-L", address],
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
              for address, port in peers.items()]
    with serving.folder() as work:
        path = os.path.join(work, "record.pcapng")
        server = serving.Server(
            *serving.everywhere(addresses), "--realm", "lab.example",
            "--account", "carol:secret:with:colons", "--turn-secret", SECRET,
            *ACCESS_OPTIONS, "--oauth-name", "blackdow.carleon.gov",
            "--allow-loopback", "--record", path)
        try:
            threads = [threading.Thread(target=one_run,
                                        args=(tap, server, peers, run))
                       for run in RUNS if run[3] in addresses]
            threads.append(threading.Thread(target=refused,
                                            args=(tap, server)))
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        finally:
            status, said = server.stop()
            for echo in echoes:
                echo.kill()
                echo.wait()
        tap.ok(status == 0 and not said, "it ends cleanly", status, said)
        recording_is_clean(tap, path)
    tap.finish()


main()
