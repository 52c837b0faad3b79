#!/usr/bin/python3
"""One ICE agent made of aioice.  Writes its own description (ufrag, password
and candidates as lines of SDP) into a file, awaits that of the other side in
another, connects, sends some RTP and says what came of it.

usage: aioice_agent.py controlling|controlled ADDRESS MINE THEIRS [OPTION...]
       stun=IP  turn=IP,USER,PASSWORD  relay  (only relayed candidates)
       port=N (of the server)  transport=tcp (to it)  tls
       patience=SECONDS (more, for a machine that is busy)
       packets=N  both (families of addresses)
       yields (has the lower tie-breaker)
"""

import asyncio
import os
import sys
import time

import aioice

CONNECT_SECONDS = 8
PACKETS = 15


def connection(role, address, options):
    known = {"use_ipv4": ":" not in address or "both" in options,
             "use_ipv6": ":" in address or "both" in options}
    port = int(options.get("port", 3478))
    if "stun" in options:
        known["stun_server"] = (options["stun"], port)
    if "turn" in options:
        host, user, password = options["turn"].split(",")
        known.update(turn_server=(host, port), turn_username=user,
                     turn_password=password,
                     turn_transport=options.get("transport", "udp"),
                     turn_ssl="tls" in options)
    return aioice.Connection(ice_controlling=role == "controlling", **known)


def description(agent, only_relay):
    lines = [f"a=ice-ufrag:{agent.local_username}",
             f"a=ice-pwd:{agent.local_password}"]
    for candidate in agent.local_candidates:
        if candidate.host.startswith("fe80:"):
            continue
        if candidate.type == "relay" or not only_relay:
            lines.append("a=candidate:" + candidate.to_sdp())
    return "\n".join(lines) + "\n"


def hand_over(text, path):
    """The other side must not see half of it."""
    with open(path + ".part", "w", encoding="ascii") as file:
        file.write(text)
    os.rename(path + ".part", path)


async def learn(agent, path, seconds=90):
    end = time.monotonic() + seconds
    while not os.path.exists(path):
        if time.monotonic() > end:
            sys.exit("no description of the other side")
        await asyncio.sleep(0.01)
    with open(path, encoding="ascii") as file:
        for line in file:
            name, _, value = line.strip().partition(":")
            if name == "a=ice-ufrag":
                agent.remote_username = value
            elif name == "a=ice-pwd":
                agent.remote_password = value
            elif name == "a=candidate":
                await agent.add_remote_candidate(
                    aioice.Candidate.from_sdp(value))
    await agent.add_remote_candidate(None)


async def receive(agent, got):
    while True:
        got.append(await agent.recv())


async def speak(agent, role, patience, packets):
    got = []
    listening = asyncio.ensure_future(receive(agent, got))
    source = b"\0\0\0\1" if role == "controlling" else b"\0\0\0\2"
    for number in range(packets):
        await agent.send(b"\x80\x08" + number.to_bytes(2, "big")
                         + (number * 160).to_bytes(4, "big") + source
                         + 160 * b"\xd5")
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.7)
    end = time.monotonic() + patience
    while len(got) < packets and time.monotonic() < end:
        await asyncio.sleep(0.02)
    listening.cancel()
    print(f"media: {packets} packets sent, {len(got)} received", flush=True)


async def main(role, address, mine, theirs, *more):
    options = dict(word.partition("=")[::2] for word in more)
    patience = float(options.get("patience", 0))
    agent = connection(role, address, options)
    if "yields" in options:
        agent._tie_breaker = 1  # nothing public sets it
    await agent.gather_candidates()
    hand_over(description(agent, "relay" in options), mine)
    await learn(agent, theirs)
    try:
        await asyncio.wait_for(agent.connect(),
                               CONNECT_SECONDS + patience)
    except (ConnectionError, asyncio.TimeoutError) as why:
        print(f"failed: {type(why).__name__}", flush=True)
    else:
        pair = agent._nominated[1]  # nothing public tells it
        print(f"selected: {pair.local_candidate.to_sdp()} with "
              f"{pair.remote_candidate.to_sdp()}", flush=True)
        await speak(agent, role, patience,
                    int(options.get("packets", PACKETS)))
    await agent.close()


asyncio.run(main(*sys.argv[1:]))
