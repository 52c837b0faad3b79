#!/usr/bin/env python3
"""The HTML report: one file that asks for nothing, tells no secret, and works
in a browser (TAP).

The browser tests want node, chromium and a folder with playwright-core, named
by MRASCOPE_NODE_MODULES; html-validate is used when it lies there, too.
"""
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only

import jsonschema

from support import CALL, CAPTURES, HERE, TOP, run_tests, want

MODULES = os.environ.get("MRASCOPE_NODE_MODULES", "")
RELAY = os.path.join(CAPTURES, "call-over-relay-established.pcapng")
VOID = {"meta", "link", "br", "input", "hr", "img"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.parts = [], [], {}
        self.links, self.policy, self.part = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            if name in attributes:
                self.links.append(attributes[name])
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        self.part = attributes.get("id") if tag == "script" else None
        if self.part:
            self.parts[self.part] = ""

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
        self.part = None

    def handle_data(self, data):
        if self.part:
            self.parts[self.part] += data


def page(folder, *arguments):
    status, out, err = folder.run("analyze", "-q", "-f", "html", *arguments)
    want(status == 0, status, err)
    return out


def page_is_whole_and_asks_for_nothing(folder):
    text = page(folder, RELAY)
    read = Page(text)
    want(not read.wrong and not read.open, read.wrong, read.open)
    want(read.links == ["#app"], read.links)
    want("default-src 'none'" in read.policy and "http" not in read.policy)
    want(not re.search(r"url\(|@import|fetch\(|XMLHttp|WebSocket|"
                       r"sendBeacon", text))
    call = json.loads(read.parts["call-1"])
    want(call["verdict"]["outcome"] == "established")
    want(len(json.loads(read.parts["index"])) == 1)
    want("<noscript><pre>1 call: established" in text)


def data_are_those_of_the_report(folder):
    read = Page(page(folder, RELAY))
    report = folder.json("-q", "-f", "json", "--series", RELAY)
    want(json.loads(read.parts["call-1"]) == report["calls"][0])
    want(json.loads(read.parts["document"])["findings"] ==
         report["findings"])
    want(json.loads(read.parts["lives"])["allocations"] ==
         report["allocations"])
    want(json.loads(read.parts["ways"])["paths"] == report["paths"])


def secrets_are_masked_in_messages(folder):
    read = Page(page(folder, RELAY))
    raw = json.loads(read.parts["raw-1"])
    text = "\n".join(raw.values())
    want("a=ice-pwd:secret:" in text, text[:2000])
    shown = json.loads(Page(page(folder, "--show-secrets", RELAY))
                       .parts["raw-1"])
    passwords = re.findall(r"a=ice-pwd:(\S+)", "\n".join(shown.values()))
    want(passwords and not any(p in page(folder, RELAY) for p in passwords))


def stun_messages_stand_there_as_bytes(folder):
    """The rows of a hex dump are the frames of the capture."""
    read = Page(page(folder, RELAY))
    raw = json.loads(read.parts["raw-1"])
    lines = [json.loads(l) for l in folder.run(
        "frames", "-q", RELAY)[1].splitlines()]
    call = json.loads(read.parts["call-1"])
    cited = {f for q in call["pairs"] for f in q["frames"]}
    txids = {"%d:%d" % (l["file"], l["frame"]): l["stun"]["txid"]
             for l in lines if l["proto"] == "stun"}
    want(len(cited) > 3 and cited <= set(raw), cited - set(raw))
    for frame in cited:
        rows = raw[frame].split("\n")[1:]
        digits = "".join(row[6:54] for row in rows).replace(" ", "")
        want(txids[frame] in digits, frame, raw[frame])


def series_add_up(folder):
    """Samples over time come to the sums of the stream."""
    recipe = CALL.split("rtp ")[0] + "".join(
        "rtp alice:5000 bob:6000 ssrc=1%s\nwait 300ms\n" % (
            {20: " skip=2", 40: " skip=1"}.get(n, "")) for n in range(57))
    path = folder.make("a.pcapng", recipe)
    media = folder.json("-q", "-f", "json", "--series",
                        path)["calls"][0]["media"]
    want(len(media) == 1, media)
    series = media[0]["series"]
    want(series["width_ms"] == 500 and len(series["packets"]) <= 64, series)
    want(sum(series["packets"]) == media[0]["packets"] == 57, series)
    want(sum(series["lost"]) == media[0]["lost"] == 3, series)
    want(max(series["jitter_ms"]) >= media[0]["jitter_ms"], series)
    schema = os.path.join(TOP, "schema", "mrascope.analysis-1.schema.json")
    with open(schema, encoding="utf-8") as f:
        jsonschema.validate(folder.json("-q", "-f", "json", "--series", path),
                            json.load(f))
    want("series" not in folder.json("-q", "-f", "json", path)["calls"][0]
         ["media"][0])


def captured_text_is_never_markup(folder):
    evil = "</script><img/src=x>"
    path = folder.make("evil.pcapng", CALL.replace(
        "INVITE 1\n", 'INVITE 1 call="%s"\n' % evil, 1))
    text = page(folder, path)
    want(evil not in text and "<img" not in text)
    read = Page(text)
    want(not read.wrong, read.wrong)
    want(any(evil in read.parts[p] or evil in json.dumps(
        json.loads(read.parts[p])) for p in read.parts
        if p.startswith(("call", "index"))))


def tools():
    """(node, browser) or why not."""
    node, browser = shutil.which("node"), shutil.which("chromium")
    there = os.path.isdir(os.path.join(MODULES, "playwright-core"))
    if not node or not browser or not there:
        return None, "no node, chromium or MRASCOPE_NODE_MODULES"
    return (node, browser), None


def browse(folder, text):
    (node, browser), _ = tools()
    path = folder.write("page.html", text)
    done = subprocess.run([node, os.path.join(HERE, "page.mjs"), MODULES,
                           browser, path], capture_output=True, text=True,
                          timeout=240, check=False)
    want(done.returncode == 0, done.stderr[-2000:])
    told = json.loads(done.stdout.splitlines()[-1])
    want(told["console"] == [], told["console"])
    want(all(u.startswith("file://" + path) for u in told["requests"]),
         told["requests"])
    facts = told["facts"]
    want(facts["unnamed"] == [], facts["unnamed"])
    want(facts["light"] != facts["dark"], facts)
    want(facts["printed"] == "none", facts)
    want(facts["overflow"] <= 0, "wider than a phone by", facts["overflow"])
    return facts


def one_call_works_in_a_browser(folder):
    if tools()[1]:
        return tools()[1]
    facts = browse(folder, page(folder, RELAY))
    want(facts["headings"] == [
        "Stages", "Findings", "Ladder", "Pairs", "Path map",
        "Allocations and tokens", "Media"], facts["headings"])
    want(facts["stages"] == 5 and facts["arrows"] > 10, facts)
    want(0 < facts["filtered"] < facts["arrows"], facts)
    want(facts["raw"].startswith("INVITE "), facts["raw"][:200])
    want("21 12 a4 42" in facts["bytes"], facts["bytes"][:200])
    want(facts["graphs"] == 3 * len(folder.json(
        "-q", "-f", "json", RELAY)["calls"][0]["media"]), facts["graphs"])
    # Of one capture, frames without its number; those in a row as such.
    want(re.search(r"frames? \d[-, 0-9]*$", facts["evidence"]),
         facts["evidence"])
    return None


def many_calls_work_in_a_browser(folder):
    if tools()[1]:
        return tools()[1]
    for number in range(60):
        folder.make("%02d.pcapng" % number, CALL.replace(
            "INVITE 1\n", "INVITE 1 call=c%02d\n" % number).replace(
                "1 INVITE\n", "1 INVITE call=c%02d\n" % number).replace(
                    " tag\n", " tag call=c%02d\n" % number).replace(
                        "2 BYE\n", "2 BYE call=c%02d\n" % number).replace(
                            "aaaa", "a%03d" % number))
    text = page(folder, ".")
    want('type="text/plain" id="call-60"' in text, "is not packed")
    facts = browse(folder, text)
    want(facts["rows"] == 60 and facts["found"] == 0, facts)
    want(facts["hash"] == "#call-1" and facts["focus"] == "title", facts)
    want(facts["raw"].startswith("INVITE "), facts["raw"][:200])
    want(re.search(r"frames? 0:\d+", facts["evidence"]), facts["evidence"])
    return None


def validator_accepts_it(folder):
    tool = os.path.join(MODULES, "html-validate", "bin", "html-validate.mjs")
    if not os.path.exists(tool):
        tool = tool[:-4] + ".js"
    if not MODULES or not os.path.exists(tool) or not shutil.which("node"):
        return "no html-validate"
    path = folder.write("page.html", page(folder, RELAY))
    folder.write(".htmlvalidate.json", json.dumps({
        "root": True, "extends": ["html-validate:standard"],
        "rules": {"no-inline-style": "off", "require-csp-nonce": "off",
                  "no-trailing-whitespace": "off", "long-title": "off"}}))
    done = subprocess.run(["node", tool, path], cwd=folder.path,
                          capture_output=True, text=True, check=False)
    want(done.returncode == 0, done.stdout[-3000:], done.stderr[-500:])
    return None


def tidy_finds_nothing(folder):
    if not shutil.which("tidy"):
        return "no tidy"
    for name in (RELAY, os.path.join(CAPTURES, "register-ok.pcap")):
        text = page(folder, name)
        done = subprocess.run(["tidy", "-q", "-e"], input=text,
                              capture_output=True, text=True, check=False)
        want(done.returncode == 0, done.stderr[-2000:])
    broken = text.replace("<main", "<b><main", 1)
    done = subprocess.run(["tidy", "-q", "-e"], input=broken,
                          capture_output=True, text=True, check=False)
    want(done.returncode != 0, "tidy finds nothing at all")
    return None


def headline_tells_calls_from_attempts(folder):
    for name, wanted in (
            ("call-rejected-486.pcap", "1 call: rejected"),
            ("register-ok.pcap",
             "1 attempt that led to no call: without a failure")):
        text = page(folder, os.path.join(CAPTURES, name))
        want("<h1>%s</h1>" % wanted in text, name, re.search("<h1>.*?</h1>",
                                                            text))


def headline_tells_that_there_is_no_call(folder):
    bare = os.path.join(TOP, "tests", "golden", "inputs", "text.txt")
    for wanted, arguments in (
            ("No call, ICE session, registration or relay allocation in the "
             "input", (bare,)),
            ("No call fits what --call says",
             ("-c", "outcome:unknown",
              os.path.join(CAPTURES, "call-rejected-486.pcap")))):
        text = folder.run("analyze", "-q", "-f", "html", *arguments)[1]
        want("<h1>%s</h1>" % wanted in text,
             re.search("<h1>.*?</h1>", text))


def title_says_what_it_is_about(folder):
    browser = shutil.which("chromium")
    if not browser:
        return "no chromium"
    path = folder.write("page.html", page(
        folder, os.path.join(CAPTURES, "register-ok.pcap")))
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu",
         "--virtual-time-budget=20000", "--dump-dom",
         "file://" + path + "#call-1"],
        capture_output=True, text=True, timeout=240, check=False)
    want("Call 1: attempt that led to no call" in done.stdout,
         re.search("<h2.*?</h2>", done.stdout), done.stderr[-300:])
    return None


TESTS = [headline_tells_calls_from_attempts,
         headline_tells_that_there_is_no_call, title_says_what_it_is_about,
         page_is_whole_and_asks_for_nothing, data_are_those_of_the_report,
         secrets_are_masked_in_messages, series_add_up,
         stun_messages_stand_there_as_bytes, captured_text_is_never_markup,
         one_call_works_in_a_browser, many_calls_work_in_a_browser,
         validator_accepts_it, tidy_finds_nothing]

if __name__ == "__main__":
    run_tests(TESTS)
