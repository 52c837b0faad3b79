#!/usr/bin/env python3
"""mrascope probe against coturn, and against servers that are none, all on
loopback: what it says, how it ends, and that what it recorded is judged like
any capture (TAP).  Skipped where turnserver is missing."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "check"))
sys.path.insert(0, HERE)
import serving  # noqa: E402
from answers import Holder  # noqa: E402
from probing import (  # noqa: E402
    ALICE, Answers, COTURN, Coturn, RELAYS, SECRET, certificate, errors,
    expired_certificate, hold_analysis, probe, steps, trouble)
from serving import free_port, has_ipv6  # noqa: E402
from support import PROGRAM, run_tests, want  # noqa: E402

serving.PROGRAM = PROGRAM
OAUTH = "north:A256GCM:" + base64.b64encode(bytes(range(32))).decode()


def udp_and_tcp_work_to_the_end(folder):
    with Coturn(folder) as server:
        status, found = probe(folder, server.at(), *ALICE)
    want(status == 0, status, found["servers"])
    want([s["transport"] for s in found["servers"]] == ["udp", "tcp"])
    udp, tcp = found["servers"]
    want(steps(udp) == "--kkkkkkkk", steps(udp))
    want(steps(tcp) == "k-kkkkkkkk", steps(tcp))
    for one in (udp, tcp):
        want(one["realm"] == "example.org" and "oturn" in one["software"])
        want(one["relayed"].startswith("127.0.0.1:"), one["relayed"])
        want(one["peer_kind"] == "own" and one["echoes_back"] == 2)
        want(one["lifetime_s"] == 600)
    want(errors(found) == [], errors(found))


def tls_works_by_the_right_name(folder):
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = certificate(folder, "localhost")
    with Coturn(folder, "--cert=" + cert, "--pkey=" + key) as server:
        uri = "turns:localhost:%d" % server.tls
        good = probe(folder, uri, "--ca", cert, "--family", "4", *ALICE,
                     "--record", "tls.pcapng")
        wrong = probe(folder, uri, "--ca", cert, "--family", "4", *ALICE,
                      "--server-name", "turn.example.org")
        strange = probe(folder, uri, "--family", "4", *ALICE)
        blind = probe(folder, uri, "--family", "4", *ALICE, "--insecure")
    want(good[0] == 0 and steps(good[1]["servers"][0]) == "kkkkkkkkkk",
         steps(good[1]["servers"][0]))
    want(good[1]["servers"][0]["peer_kind"] == "relay")
    want(errors(good[1]) == [], errors(good[1]))
    want(wrong[0] == 1 and trouble(wrong[1]["servers"][0]) == "tls-name")
    want(strange[0] == 1 and trouble(strange[1]["servers"][0]) == "tls-trust")
    want(blind[0] == 0, blind[1]["servers"])
    # The recording has the keys: another analysis reads what TLS hid.
    again = folder.json("analyze", "-f", "json", "tls.pcapng", *ALICE)
    want(len(again["allocations"]) >= 2, again["counts"])
    want(all(a["transport"] == "tls" and a["integrity"]["verified"]
             for a in again["allocations"] if a["relayed"]))
    want(os.stat(folder.at("tls.pcapng")).st_mode & 0o777 == 0o600)
    return None


def old_certificates_are_told(folder):
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = expired_certificate(folder, "localhost")
    with Coturn(folder, "--cert=" + cert, "--pkey=" + key) as server:
        for more, name in (("", "tls"), ("?transport=udp", "dtls")):
            uri = "turns:localhost:%d%s" % (server.tls, more)
            status, found = probe(folder, uri, "--ca", cert, "--family", "4",
                                  *ALICE)
            step = found["servers"][0]["steps"][1]
            want(status == 1 and step["trouble"] == "tls-expired" and
                 step["reason"] == "certificate has expired", name, step)
            status, found = probe(folder, uri, "--insecure", "--family", "4",
                                  *ALICE)
            want(status == 0 and found["servers"][0]["tls"].startswith(
                name.upper() + "v1."), found["servers"])
    return None


def dtls_works_too(folder):
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = certificate(folder, "localhost")
    with Coturn(folder, "--cert=" + cert, "--pkey=" + key) as server:
        uri = "turns:localhost:%d?transport=udp" % server.tls
        good = probe(folder, uri, "--ca", cert, "--family", "4", *ALICE,
                     "--record", "dtls.pcapng")
        strange = probe(folder, uri, "--family", "4", *ALICE)
    one = good[1]["servers"][0]
    want(good[0] == 0 and one["transport"] == "dtls" and
         steps(one) == "-kkkkkkkkk" and one["echoes_back"] == 2, one)
    want(strange[0] == 1 and
         trouble(strange[1]["servers"][0]) == "tls-trust", strange)
    return None


def ipv6_works(folder):
    if not has_ipv6():
        return "no IPv6 on loopback"
    with Coturn(folder, hosts=("::1",)) as server:
        status, found = probe(folder, server.at(), *ALICE)
    want(status == 0, [steps(s) for s in found["servers"]])
    for one in found["servers"]:
        want(one["relayed"].startswith("[::1]:"), one["relayed"])
        want(one["peer_kind"] == "own")
    return None


def nat_behaviour_is_asked_for(folder):
    with Coturn(folder, hosts=("127.0.0.1", "127.0.0.2")) as server:
        status, found = probe(folder, "stun:" + server.at())
        plain = folder.run("probe", "stun:" + server.at())[1]
    nat = found["servers"][0]["nat"]
    want(status == 0 and steps(found["servers"][0]) == "--k-------")
    want(nat["other"] == "127.0.0.2:%d" % (server.port + 1), nat)
    want(nat["mapping"] == "none" and nat["local"] == nat["mapped"], nat)
    want(nat["filtering"] == "endpoint-independent", nat)
    want("no NAT" in plain, plain)


def wrong_passwords_are_named(folder):
    with Coturn(folder) as server:
        status, found = probe(folder, server.at(), "--credential",
                              "alice::wrong")
        text = folder.run("probe", server.at(), "--credential",
                          "alice::wrong")[1]
    want(status == 1)
    for one in found["servers"]:
        want(trouble(one) == "credentials", one["steps"])
        want([s["code"] for s in one["steps"] if s["trouble"]] == [401])
    want("gathering/wrong-credentials" in errors(found), errors(found))
    want("FAIL" in text and "credentials are refused (401 Unauthorized)" in
         text and "-> check user" in text, text)
    want("wrong" not in text.replace("wrong-credentials", ""), text)


def nobody_gets_as_far_as_the_challenge(folder):
    with Coturn(folder) as server:
        status, found = probe(folder, server.at())
    want(status == 0, status, [s["steps"] for s in found["servers"]],
         errors(found))
    for one in found["servers"]:
        want(steps(one).endswith("kn......"), steps(one))
        want(one["realm"] == "example.org", one)


def rest_credentials_live_and_die(folder):
    def password(user):
        mac = hmac.new(SECRET.encode(), user.encode(), hashlib.sha1)
        return base64.b64encode(mac.digest()).decode()

    past = "%d:bob" % (time.time() - 60)
    with Coturn(folder, rest=True) as server:
        good = probe(folder, server.at(), "--turn-secret", SECRET)
        bad = probe(folder, server.at(), "--turn-secret", "south")
        old = probe(folder, server.at(), "--credential",
                    "%s::%s" % (past, password(past)))
    want(good[0] == 0, [steps(s) for s in good[1]["servers"]])
    want(errors(good[1]) == [], errors(good[1]))
    want(bad[0] == 1 and trouble(bad[1]["servers"][0]) == "credentials")
    want(old[0] == 1 and trouble(old[1]["servers"][0]) == "expired",
         old[1]["servers"][0]["steps"])


def credentials_come_from_a_file(folder):
    folder.write("who", "alice\texample.org\tbase64:%s\n" %
                 base64.b64encode(b"wonder").decode())
    with Coturn(folder) as server:
        status, _ = probe(folder, server.at(), "--credentials", "who",
                          "--transport", "udp")
    want(status == 0)


def peers_that_are_forbidden_are_got_round(folder):
    # Of the two loopback addresses only one may be relayed to: not the one
    # that our own socket has.
    with Coturn(folder, "--denied-peer-ip=127.0.0.1-127.0.0.1",
                hosts=("127.0.0.2", "127.0.0.1")) as server:
        status, found = probe(folder, "127.0.0.1:%d" % server.port, *ALICE,
                              "--transport", "udp")
    one = found["servers"][0]
    want(status == 0 and one["peer_kind"] == "relay", steps(one), one)


def silence(folder):
    """A probe of servers that say nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf, \
            socket.create_server(("127.0.0.1", 0)) as tcp:
        deaf.bind(("127.0.0.1", 0))
        return probe(folder, "turn:127.0.0.1:%d" % deaf.getsockname()[1],
                     "turn:127.0.0.1:%d?transport=tcp" %
                     tcp.getsockname()[1], "--timeout", "2", *ALICE)


def closed_ports_are_told_from_silence(folder):
    port = free_port()
    closed = probe(folder, "127.0.0.1:%d" % port, *ALICE)
    # What is late on a busy machine is not late three times.
    for _ in range(3):
        silent = silence(folder)
        binding = silent[1]["servers"][0]["steps"][2]
        if binding["sends"] == 3 and binding["ms"] < 3500:
            break
    want(closed[0] == 1 and
         [trouble(s) for s in closed[1]["servers"]] == ["port-closed"] * 2,
         closed[1]["servers"])
    want("gathering/stun-refused" in
         [f["rule"] for f in closed[1]["analysis"]["findings"]])
    want(silent[0] == 1 and
         [trouble(s) for s in silent[1]["servers"]] == ["unanswered"] * 2,
         silent[1]["servers"])
    want(binding["sends"] == 3 and 1900 < binding["ms"] < 3500, binding)


def the_own_server_does_all_of_it(folder):
    # Also what coturn does not: SHA-256 and USERHASH are its own to offer.
    if not shutil.which("openssl"):
        return "no openssl"
    key, cert = certificate(folder, "localhost")
    with open(cert, "a", encoding="ascii") as chain, \
            open(key, encoding="ascii") as private:
        chain.write(private.read())
    server = serving.Server(
        "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
        "--listen", "tls:127.0.0.1:0", "--realm", "example.org", "--account",
        "alice:wonder", "--allow-loopback", "--user", "root",
        "--certificate", cert, "--record", folder.at("served.pcapng"))
    try:
        status, found = probe(
            folder, "turn:127.0.0.1:%d" % server.port("udp"),
            "turn:127.0.0.1:%d?transport=tcp" % server.port("tcp"),
            "turns:localhost:%d" % server.port("tls"), "--ca", cert,
            "--family", "4", *ALICE)
    finally:
        server.stop()
    want(status == 0, [steps(s) for s in found["servers"]])
    for one in found["servers"]:
        # Nothing is sent again: the relay lets nothing lie about.
        want(one["echoes_sent"] == 2 == one["echoes_back"], one)
    served = folder.json("analyze", "-f", "json", "served.pcapng", *ALICE)
    want(errors(found) == [] and not [
        f for f in served["findings"] if f["severity"] == "error"],
         served["findings"])
    return None


def told(folder, at, code, trouble_id, rule, *more):
    """A server that has nothing left says so, and that is understood."""
    status, found = probe(folder, at, *ALICE, "--transport", "udp", *more)
    one, = found["servers"]
    allocate, = [s for s in one["steps"] if s["state"] == "failed"]
    want(status == 1 and allocate["step"] == "allocate" and
         allocate["code"] == code and trouble(one) == trouble_id, one)
    want(not allocate["unproved"], allocate)
    want(rule in [f["rule"] for f in found["analysis"]["findings"]],
         found["analysis"]["findings"])
    want(not [e for e in errors(found) if e.startswith("engine/")],
         errors(found))


def quotas_of_the_own_server_are_told(folder):
    port = free_port()
    for option, code, trouble_id, rule in (
            (["--user-quota", "1"], 486, "quota", "gathering/quota-reached"),
            (["--total-quota", "1"], 508, "capacity",
             "gathering/no-capacity"),
            (["--ports", "%d-%d" % (port, port)], 508, "capacity",
             "gathering/no-capacity")):
        server = own_server("--account", "alice:wonder", "--ms-turn", *option)
        at = server.port("udp")
        try:
            with Holder(at):
                told(folder, "127.0.0.1:%d" % at, code, trouble_id, rule)
                if code == 486:
                    told(folder, "127.0.0.1:%d" % at, code, trouble_id, rule,
                         "--dialect", "ms-turn")
        finally:
            server.stop()


def quotas_of_coturn_are_told(folder):
    ports = next(RELAYS)
    for option, code, trouble_id, rule in (
            (["--user-quota=1"], 486, "quota", "gathering/quota-reached"),
            (["--total-quota=1"], 486, "quota", "gathering/quota-reached"),
            (["--min-port=%d" % ports, "--max-port=%d" % ports], 508,
             "capacity", "gathering/no-capacity")):
        with Coturn(folder, *option) as server, Holder(server.port):
            told(folder, server.at(), code, trouble_id, rule)


def own_server(*more):
    return serving.Server(
        "--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0",
        "--realm", "example.org", "--allow-loopback", "--user", "root", *more)


def token_of_coturn():
    """KID:KEY:TOKEN, by the authorization server's side of coturn."""
    mac = base64.b64encode(b"a-mac-key-of-twenty-").decode()
    made = subprocess.run(
        ["turnutils_oauth", "-e", "-i", "turn.example.org", "-j", "north",
         "-k", OAUTH.split(":")[2], "-l", "%d" % time.time(), "-m", "3600",
         "-n", "A256GCM", "-o", "bm9uY2Utb2YtMTIh", "-p", mac, "-r", "600"],
        capture_output=True, text=True, check=True).stdout
    return "north:%s:%s" % (mac, json.loads(made)["access_token"])


def access_tokens_open_the_relay(folder):
    """RFC 7635: made here for the name that the server says, or given."""
    server = own_server("--oauth-key", OAUTH, "--oauth-name",
                        "turn.example.org")
    at = "127.0.0.1:%d" % server.port("udp")
    try:
        status, found = probe(folder, at, "--transport", "udp", "--oauth-key",
                              OAUTH, "--record", "o.pcapng")
        want(status == 0 and steps(found["servers"][0]) == "--kkkkkkkk",
             found["servers"])
        tokens = found["analysis"]["tokens"]
        want([t["kind"] for t in tokens] == ["oauth"], tokens)
        want(tokens[0]["duration_min"] == 60 and tokens[0]["issued"] and
             tokens[0]["expires"] > tokens[0]["issued"], tokens)
        want(found["analysis"]["allocations"][0]["integrity"]["verified"] > 4)
        hold_analysis(folder, found, "o.pcapng", "--oauth-key", OAUTH)
        status, found = probe(folder, at, "--transport", "udp", "--oauth-key",
                              OAUTH.replace("north", "south"))
        want(status == 1 and
             trouble(found["servers"][0]) == "credentials", found["servers"])
        if shutil.which("turnutils_oauth"):
            status, found = probe(folder, at, "--transport", "udp",
                                  "--access-token", token_of_coturn())
            want(status == 0, found["servers"])
    finally:
        server.stop()


def relays_have_both_families(folder):
    if not has_ipv6():
        return "no IPv6 here"
    server = own_server("--account", "alice:wonder", "--relay-address",
                        "127.0.0.1", "--relay-address", "::1")
    at = "turn:127.0.0.1:%d" % server.port("udp")
    try:
        found = {family: probe(folder, at, *ALICE, "--relay-family", family)
                 for family in ("4", "6", "both")}
    finally:
        server.stop()
    for family, start, peer in (("4", "127.", "own"), ("6", "[::1]", "relay"),
                                ("both", "127.", "own")):
        status, one = found[family]
        want(status == 0 and one["servers"][0]["relayed"].startswith(start)
             and one["servers"][0]["peer_kind"] == peer, family, one)
    want(found["both"][1]["servers"][0]["additional"].startswith("[::1]:"),
         found["both"])
    with Coturn(folder) as server:
        status, one = probe(folder, "turn:" + server.at(), *ALICE,
                            "--relay-family", "6")
        want(status == 1 and trouble(one["servers"][0]) == "family", one)
    return None


def other_services_are_told(folder):
    http = Answers(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    mute = Answers(b"")
    for one in (http, mute):
        one.start()
    status, found = probe(
        folder, "turn:127.0.0.1:%d?transport=tcp" % http.port,
        "turn:127.0.0.1:%d?transport=tcp" % mute.port,
        "turns:127.0.0.1:%d" % http.port, *ALICE)
    for one in (http, mute):
        one.socket.close()
    want(status == 1)
    want([trouble(s) for s in found["servers"]] ==
         ["other-protocol", "closed", "tls"],
         [trouble(s) for s in found["servers"]])


def names_and_options_are_checked(folder):
    for arguments, status, word in (
            (["nothing.invalid"], 3, "nothing.invalid"),
            (["turn:"], 2, "turn:HOST"),
            (["sip:alice@example.org"], 2, "turn:HOST"),
            (["turns:localhost?transport=sctp"], 2, "turn:HOST"),
            (["localhost", "--transport", "udp,carrier"], 2, "carrier"),
            (["localhost", "--dialect", "french"], 2, "french"),
            (["localhost", "--family", "5"], 2, "5"),
            (["localhost", "--relay-family", "5"], 2, "4, 6 or both"),
            (["localhost", "--access-token", "north:x"], 2, "KID:KEY:TOKEN"),
            (["localhost", "--ca", "no/such"], 2, "no/such"),
            (["localhost", "-f", "html"], 2, "probe"),
            (["localhost", "--credential", "alice"], 2, "USER"),
            ([], 2, "usage")):
        done = folder.run("probe", *arguments)
        want(done[0] == status and word in done[2], arguments, done)


TESTS = [udp_and_tcp_work_to_the_end, tls_works_by_the_right_name,
         old_certificates_are_told, dtls_works_too, ipv6_works,
         nat_behaviour_is_asked_for, wrong_passwords_are_named,
         nobody_gets_as_far_as_the_challenge, rest_credentials_live_and_die,
         credentials_come_from_a_file, peers_that_are_forbidden_are_got_round,
         the_own_server_does_all_of_it, access_tokens_open_the_relay,
         relays_have_both_families, quotas_of_the_own_server_are_told,
         quotas_of_coturn_are_told, closed_ports_are_told_from_silence,
         other_services_are_told, names_and_options_are_checked]

if __name__ == "__main__":
    if not COTURN:
        print("1..0 # SKIP no turnserver")
        sys.exit(0)
    serving.alone()
    run_tests(TESTS, jobs=8)
