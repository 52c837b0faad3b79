#!/usr/bin/env python3
"""A caller that goes where 3xx send it.

usage: follow.py OWN-ADDRESS FIRST-HOST TIMES [METHOD]
"""

import re
import socket
import sys

SDP = ("v=0\r\no=alice 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\n"
       "m=audio 6000 RTP/AVP 8\r\n")


def request(method, own, to, turn, tag=""):
    body = SDP.format(own) if method == "INVITE" else ""
    return (f"{method} {to} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {own}:5060;branch=z9hG4bKturn{turn}\r\n"
            f"From: <sip:alice@{own}>;tag=follow\r\nTo: <{FIRST}>{tag}\r\n"
            f"Call-ID: follow@{own}\r\nCSeq: {turn} {method}\r\n"
            f"Contact: <sip:alice@{own}:5060>\r\nMax-Forwards: 70\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


own, host, times = sys.argv[1:4]
METHOD = (sys.argv[4:] or ["INVITE"])[0]
FIRST = to = f"sip:bob@{host}:5060"
socket_ = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
socket_.bind((own, 5060))
socket_.settimeout(5)
for turn in range(1, int(times) + 1):
    at = re.search(r"[@:]([0-9.]+\.[0-9]+):?([0-9]*)$", to)
    address = at[1], int(at[2] or 5060)
    socket_.sendto(request(METHOD, own, to, turn), address)
    answer = socket_.recv(65536).decode()
    while answer.startswith("SIP/2.0 1"):
        answer = socket_.recv(65536).decode()
    tag = re.search(r"(?im)^To:.*?(;tag=[^;\r]+)", answer)
    if METHOD == "INVITE":
        socket_.sendto(request("ACK", own, to, turn, tag[1] if tag else ""),
                       address)
    print(answer.split("\r\n", 1)[0])
    moved = re.search(r"(?im)^Contact:.*?<?(sip:[^>;\r]+)", answer)
    if not moved or not answer.startswith("SIP/2.0 3"):
        break
    to = moved[1]
