#!/usr/bin/python3
"""Sends RTP as it is told, for what no program does by itself.

usage: rtp_talker.py PORT ADDRESS:PORT [OPTION...]
       count=N (100)  every=MS (20)  after=MS  type=N (8: PCMA)  bytes=N (160)
       ssrc=N (1)
"""

import random
import socket
import struct
import sys
import time

CLOCK = 8000


def main(port, to, *more):
    options = dict(word.partition("=")[::2] for word in more)

    def number(name, default):
        return int(options.get(name, default))
    address, _, far = to.rpartition(":")
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind(("", int(port)))
    every = number("every", 20) / 1000
    noise = random.Random(1)
    time.sleep(number("after", 0) / 1000)
    begun = time.monotonic()
    for at in range(number("count", 100)):
        header = struct.pack("!BBHII", 0x80, number("type", 8), at & 0xFFFF,
                             at * int(CLOCK * every), number("ssrc", 1))
        own.sendto(header + noise.randbytes(number("bytes", 160)),
                   (address, int(far)))
        time.sleep(max(0, begun + (at + 1) * every - time.monotonic()))


main(*sys.argv[1:])
