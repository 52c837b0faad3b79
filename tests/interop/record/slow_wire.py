#!/usr/bin/python3
"""A wire between two ports of Ethernet that takes its time, overtakes and
loses, for kernels without netem; the same each time.

usage: slow_wire.py PORT PORT DELAY_MS JITTER_MS LOSS
"""

import heapq
import random
import select
import socket
import sys
import time

ALL = 3             # ETH_P_ALL
OUTGOING = 4        # PACKET_OUTGOING: what we sent
IP = (b"\x08\x00", b"\x86\xdd")


def port(name):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    wire.bind((name, 0))
    wire.setblocking(False)
    return wire


def frames(wire):
    """All that has come in."""
    while True:
        try:
            data, address = wire.recvfrom(65535)
        except BlockingIOError:
            return
        if address[2] != OUTGOING:
            yield data


def main(one, two, delay, jitter, loss):
    dice = random.Random(1)
    ports = [port(one), port(two)]
    waiting = []
    number = 0
    print("wire is up", flush=True)
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, wire, data = heapq.heappop(waiting)
            wire.send(data)
        rest = max(0, waiting[0][0] - now) if waiting else 0.2
        for wire in select.select(ports, [], [], rest)[0]:
            for data in frames(wire):
                number += 1
                known = data[12:14] in IP   # ARP would give up
                if known and dice.random() < float(loss):
                    continue
                at = time.monotonic() + known * (
                    float(delay) + dice.random() * float(jitter)) / 1000
                heapq.heappush(waiting, (
                    at, number, ports[wire is ports[0]], data))


main(*sys.argv[1:])
