"""What rules-seen and its test share: which rules there are, and which a file
shows."""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BUNDLED = os.path.normpath(os.path.join(HERE, "..", "..", "captures"))
TABLE = os.path.join(HERE, "rules_seen.tsv")
PROGRAM = os.path.abspath(os.environ.get("MRASCOPE", "mrascope"))
NOTES = (".tsv", ".md", ".txt", ".keys", ".json", ".pem", ".xml", ".yaml",
         "README")  # not captures
PATIENCE = 120  # seconds a file may take


def captures(folder, root):
    """All captures below a folder, in order, named from root on."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(NOTES):
                yield os.path.relpath(os.path.join(base, name), root)


def bundled():
    return sorted(name for name in os.listdir(BUNDLED)
                  if os.path.isfile(os.path.join(BUNDLED, name)) and
                  not name.endswith(NOTES))


def found_in(path):
    """The rules that are found in a file, with the key log beside it."""
    keys = os.path.splitext(path)[0] + ".keys"
    more = ["--keylog", keys] if os.path.exists(keys) else []
    run = subprocess.run([PROGRAM, "analyze", "-q", "-f", "json", *more, path],
                         capture_output=True, check=False, timeout=PATIENCE)
    if run.returncode not in (0, 3):
        raise ValueError("%s: exit status %d" % (path, run.returncode))
    return {f["rule"] for f in json.loads(run.stdout)["findings"]}


def rules():
    """{rule: its severity}."""
    run = subprocess.run([PROGRAM, "rules", "-f", "json"], check=True,
                         capture_output=True)
    return {r["rule"]: r["severity"]
            for r in json.loads(run.stdout)["rules"]}


def read_table(path):
    """{rule: (severity, bundled, others)}; "-": in none."""
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f][1:]
    return {row[0]: tuple(row[1:]) for row in rows}
