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

from support import CALL, CAPTURES, HERE, run_tests, want

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
    report = folder.json("-q", "-f", "json", RELAY)
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
    return None


def many_calls_work_in_a_browser(folder):
    if tools()[1]:
        return tools()[1]
    for number in range(60):
        folder.make("%02d.pcapng" % number, CALL.replace(
            "INVITE 1\n", "INVITE 1 call=c%02d\n" % number).replace(
                "1 INVITE\n", "1 INVITE call=c%02d\n" % number).replace(
                    "aaaa", "a%03d" % number))
    text = page(folder, ".")
    want('type="text/plain" id="call-60"' in text, "is not packed")
    facts = browse(folder, text)
    want(facts["rows"] == 60 and facts["found"] == 0, facts)
    want(facts["hash"] == "#call-1" and facts["focus"] == "title", facts)
    want(facts["raw"].startswith("INVITE "), facts["raw"][:200])
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


TESTS = [page_is_whole_and_asks_for_nothing, data_are_those_of_the_report,
         secrets_are_masked_in_messages, captured_text_is_never_markup,
         one_call_works_in_a_browser, many_calls_work_in_a_browser,
         validator_accepts_it, tidy_finds_nothing]

if __name__ == "__main__":
    run_tests(TESTS)
