"""Scenarios for SIPp out of a few lines.

Each line of a part is one step of one side:

    < INVITE            waits for a request, or an answer; `100?`: if it comes;
                        `routed`: requests go by its Record-Route from here on
    > 183 sdp           answers what came last; `of INVITE`: what came first by
                        that name
    > BYE               a request; `again`: repeats it until the next thing
                        comes, `once`: never; ACK and CANCEL of an INVITE that
                        is not accepted: `same`, for its branch
    . 800               waits so many milliseconds

A line that begins with white space goes into the message above: a header, or
with one letter and `=` a line of SDP, in the place of ours of that letter, or
behind `| ` a line of another body.  `sdp`: PCMA on SIPp's port for media.
`to URI`: the request URI; `max N`: Max-Forwards; `cseq N`; `tag X`, of an
answer.
"""

import os
import re

from xml.sax.saxutils import quoteattr

from scenes_sipp import ALICE, BOB

PHRASES = {100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded",
           182: "Queued",
           183: "Session Progress", 200: "OK", 202: "Accepted",
           302: "Moved Temporarily", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 407: "Proxy Authentication Required",
           408: "Request Timeout", 412: "Conditional Request Failed",
           415: "Unsupported Media Type",
           416: "Unsupported URI Scheme", 420: "Bad Extension",
           421: "Extension Required", 422: "Session Interval Too Small",
           423: "Interval Too Brief", 428: "Use Identity Header",
           430: "Flow Failed", 433: "Anonymity Disallowed",
           439: "First Hop Lacks Outbound Support", 480: "Temporarily Unavailable",
           481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
           484: "Address Incomplete", 486: "Busy Here",
           487: "Request Terminated", 488: "Not Acceptable Here",
           489: "Bad Event", 491: "Request Pending",
           500: "Server Internal Error", 503: "Service Unavailable",
           504: "Server Time-out", 513: "Message Too Large",
           580: "Precondition Failure", 600: "Busy Everywhere",
           603: "Decline", 607: "Unwanted"}
SDP = ("v=0", "o=%s 1 1 IN IP[local_ip_type] [local_ip]", "s=-",
       "c=IN IP[media_ip_type] [media_ip]", "t=0 0",
       "m=audio [media_port] RTP/AVP 8", "a=rtpmap:8 PCMA/8000")
WITHIN = {"ACK", "BYE", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY"}


class Part:
    """One side: caller or callee."""

    def __init__(self, user, text):
        self.user = user
        self.steps = []
        for line in text.strip("\n").split("\n"):
            if not line.strip():
                continue
            if line[0] in "<>.":
                self.steps.append((line, []))
            else:
                self.steps[-1][1].append(line.strip())
        self.cseq = 0
        self.invite = None      # the step that sent it
        self.came = None        # the method that came last
        self.accepted = False   # we did the INVITE
        self.tagged = False     # and the other side has our tag
        self.acknowledged = False
        self.routed = False     # requests take the ways of Record-Route
        self.asked = set()      # methods that came

    def xml(self):
        body = "\n".join(self.step(number, *step)
                         for number, step in enumerate(self.steps))
        return ('<?xml version="1.0" encoding="us-ascii"?>\n'
                f"<scenario name={quoteattr(self.user)}>\n{body}\n"
                "</scenario>\n")

    def step(self, number, line, more):
        kind, what, *words = line.split()
        if kind == ".":
            return f'  <pause milliseconds="{what}"/>'
        if kind == "<":
            return self.receive(what, words)
        return self.send(number, what, words, more)

    def receive(self, what, words):
        name = what.rstrip("?")
        attributes = ' optional="true"' if what.endswith("?") else ""
        if "routed" in words:
            self.routed = True
            attributes += ' rrs="true"'
        if name.isdigit():
            return f'  <recv response="{name}"{attributes}/>'
        first = name not in self.asked
        self.asked.add(name)
        self.tagged |= name == "ACK" and self.accepted
        self.came = name
        keep = self.kept(name) if first else ""
        return (f'  <recv request="{name}"{attributes}>{keep}</recv>' if keep
                else f'  <recv request="{name}"{attributes}/>')

    def kept(self, name):
        """What a later answer needs of a request that is not the last."""
        later = " ".join(line for line, _ in self.steps)
        wanted = []
        if f"of {name}" in later:
            wanted += [("Via:", f"via{name}"), ("CSeq:", f"cseq{name}")]
        if name == "INVITE" and re.search(
                r"> (BYE|INVITE|UPDATE|INFO|REFER|NOTIFY)", later):
            wanted += [("From:", "them"), ("To:", "us")]
        if not wanted:
            return ""
        return "<action>" + "".join(
            f'<ereg regexp=".*" search_in="hdr" header="{header}" '
            f'assign_to="{name}"/>' for header, name in wanted) + "</action>"

    def send(self, number, what, words, more):
        def word(name, default=None):
            return words[words.index(name) + 1] if name in words else default
        lines = (self.answer(int(what), word) if what.isdigit() else
                 self.request(number, what, words, word))
        headers = [m for m in more if not re.match(r"[a-z]=|\|", m)]
        names = {h.split(":")[0].lower() for h in headers}
        lines = [x for x in lines if x.split(":")[0].lower() not in names]
        body = self.body([m for m in more if re.match(r"[a-z]=", m)]) \
            if "sdp" in words else []
        if body:
            headers.append("Content-Type: application/sdp")
        else:
            body = [m[2:] for m in more if m.startswith("|")]
        headers.append("Content-Length: " + ("[len]" if body else "0"))
        lines += headers + [""] + body
        again = what not in ("ACK", "PRACK") and not what.isdigit()
        if "again" in words or (again and "once" not in words):
            attributes = ' retrans="500"'
        else:
            attributes = ""
        text = "\n".join("      " + x if x else "" for x in lines)
        return (f"  <send{attributes}>\n    <![CDATA[\n\n{text}\n\n"
                "    ]]>\n  </send>")

    def body(self, own):
        letters = {x[0] for x in own}
        if "m" in letters:
            letters.add("a")
        lines = [x % self.user if "%s" in x else x for x in SDP
                 if x[0] not in letters]
        # the order of RFC 8866 for what is told once, then media as they stand
        head = [x for x in own if x[0] in "voscbt"]
        rest = [x for x in own if x[0] not in "voscbt"]
        lines = sorted(lines + head, key=lambda x: "voscbtma".index(x[0]))
        return lines + rest

    def answer(self, status, word):
        of = word("of")
        own = f";tag=[pid]{word('tag', self.user)}[call_number]"
        fresh = self.came not in WITHIN and not (
            self.came == "INVITE" and self.tagged) and status != 100
        self.accepted |= self.came == "INVITE" and 200 <= status < 300
        via, cseq = "[last_Via:]", "[last_CSeq:]"
        if of and of != self.came:
            via, cseq = f"Via:[$via{of}]", f"CSeq:[$cseq{of}]"
            fresh = False
        phrase = PHRASES[status]
        return [f"SIP/2.0 {status} {phrase}", via, "[last_Record-Route:]",
                "[last_From:]", "[last_To:]" + (own if fresh else ""),
                "[last_Call-ID:]", cseq] + (
                    [f"Contact: <sip:{self.user}@[local_ip]:[local_port]>"]
                    if status < 300 else [])

    def request(self, number, what, words, word):
        if what == "INVITE":
            self.invite = number
        if what not in ("ACK", "CANCEL"):
            self.cseq += 1
        self.acknowledged |= what == "ACK" and "same" not in words
        cseq = word("cseq", self.cseq)
        branch = "[branch]"
        if "same" in words:
            branch = f"[branch-{number - self.invite}]"
        ours = f"{self.user}@[local_ip]:[local_port]"
        if "INVITE" in self.asked:
            back = f"sip:alice@{ALICE}:5060"
            to, source = "To:[$them]", (
                f"From:[$us];tag=[pid]{self.user}[call_number]")
        else:
            back = "sip:[service]@[remote_ip]:[remote_port]"
            to = f"To: <{back}>" + (
                "" if what == "INVITE" and not self.acknowledged or
                what in ("CANCEL", "REGISTER", "OPTIONS")
                else "[peer_tag_param]")
            source = f"From: <sip:{ours}>;tag=[pid]{self.user}[call_number]"
        routed = self.routed and "same" not in words
        return [f"{what} {word('to', '[next_url]' if routed else back)} "
                "SIP/2.0",
                "Via: SIP/2.0/[transport] [local_ip]:[local_port];"
                f"branch={branch}", source, to, "Call-ID: [call_id]",
                f"CSeq: {cseq} {what}", f"Contact: <sip:{ours}>",
                f"Max-Forwards: {word('max', '70')}"] + (
                    ["[routes]"] if routed else [])


def written(here, user, text):
    """The arguments for SIPp to play this part."""
    name = here.path(f"{user}.xml")
    with open(name, "w", encoding="ascii") as file:
        file.write(Part(user, text).xml())
    return ["-sf", name]


def play(here, caller, callee, seconds=30, more=(), at=BOB,
         space="bob", service="bob", fails=False):
    """Plays the two parts; the caller's must come to its end unless it is said
    to fail."""
    if callee:
        program = here.sipp(space, "callee.log", *written(here, "bob", callee),
                            "-i", at, "-p", "5060", "-default_behaviors",
                            "none", "-trace_err", "-error_file",
                            here.path("callee.err"))
        here.wait_for_port(program, "udp", 5060)
    program = here.sipp(
        "alice", "caller.log", *written(here, "alice", caller), "-i",
        ALICE, "-p", "5060", "-s", service, "-m", "1", "-timeout",
        str(seconds), "-default_behaviors", "none", "-trace_err",
        "-error_file", here.path("caller.err"), *more, at + ":5060")
    here.finished(program, "caller.log", seconds + 10, int(fails))
