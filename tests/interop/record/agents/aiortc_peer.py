"""Answers an offer that comes as JSON over a WebSocket, by aiortc; it says all
its candidates in its answer.

usage: aiortc_peer.py URL SECONDS OPTIONS
       OPTIONS: JSON {servers: [{urls, username, credential}]}
"""

import asyncio
import json
import sys

import websockets
from aiortc import (
    RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription)
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import AudioStreamTrack
from aiortc.sdp import candidate_from_sdp


async def take(pc, socket, message):
    if message.get("type") == "offer":
        await pc.setRemoteDescription(RTCSessionDescription(
            message["sdp"], "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        await socket.send(json.dumps({
            "type": "answer", "sdp": pc.localDescription.sdp}))
    elif message.get("type") == "bye":
        await pc.close()
    elif (message.get("candidate") or {}).get("candidate"):
        told = message["candidate"]
        candidate = candidate_from_sdp(told["candidate"].split(":", 1)[1])
        candidate.sdpMid = told["sdpMid"]
        candidate.sdpMLineIndex = told.get("sdpMLineIndex")
        await pc.addIceCandidate(candidate)


async def main(url, seconds, options):
    servers = [RTCIceServer(**s) for s in options.get("servers", [])]
    pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
    heard = MediaBlackhole()

    @pc.on("track")
    async def on_track(track):
        pc.addTrack(AudioStreamTrack())
        heard.addTrack(track)
        await heard.start()

    @pc.on("connectionstatechange")
    async def on_state():
        print("state:", pc.connectionState, flush=True)

    async def listen():
        async with websockets.connect(url) as socket:
            early = []
            async for text in socket:
                message = json.loads(text)
                if pc.remoteDescription is None and \
                        message.get("type") != "offer":
                    early.append(message)
                    continue
                await take(pc, socket, message)
                while early:
                    await take(pc, socket, early.pop(0))

    try:
        await asyncio.wait_for(listen(), seconds)
    except (asyncio.TimeoutError, websockets.ConnectionClosed):
        pass
    await pc.close()


asyncio.run(main(sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3])))
