"""Answers an offer that comes as JSON over a WebSocket, by GStreamer's
webrtcbin, which is made of libnice; it trickles.

usage: webrtcbin_peer.py URL SECONDS OPTIONS
       OPTIONS: JSON {stun, turn: URIs as GStreamer wants them}
"""

import asyncio
import json
import sys

import gi
import websockets

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
SAYS = ("webrtcbin name=peer bundle-policy=max-bundle audiotestsrc is-live=true"
        " wave=ticks ! audioconvert ! audioresample ! opusenc ! rtpopuspay"
        " pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111"
        " ! peer.")


class Peer:
    def __init__(self, socket, loop, options):
        self.socket = socket
        self.loop = loop
        self.pipe = Gst.parse_launch(SAYS)
        self.peer = self.pipe.get_by_name("peer")
        for name in ("stun", "turn"):
            if name in options:
                self.peer.set_property(name + "-server", options[name])
        self.peer.connect("on-ice-candidate", self.on_candidate)
        self.peer.connect("notify::ice-connection-state", self.on_state)
        self.pipe.set_state(Gst.State.PLAYING)

    def send(self, message):
        asyncio.run_coroutine_threadsafe(
            self.socket.send(json.dumps(message)), self.loop)

    def on_candidate(self, _, line, candidate):
        self.send({"type": "candidate", "candidate": {
            "candidate": candidate, "sdpMLineIndex": line}})

    def on_state(self, peer, _):
        print("ice:", peer.get_property("ice-connection-state").value_nick,
              flush=True)

    def on_answer(self, promise, _):
        reply = promise.get_reply()
        answer = reply["answer"]
        self.peer.emit("set-local-description", answer, Gst.Promise.new())
        self.send({"type": "answer", "sdp": answer.sdp.as_text()})

    def on_offer(self, *_):
        self.peer.emit("create-answer", None, Gst.Promise.new_with_change_func(
            self.on_answer, None))

    def take(self, message):
        if message.get("type") == "offer":
            _, sdp = GstSdp.SDPMessage.new_from_text(message["sdp"])
            offer = GstWebRTC.WebRTCSessionDescription.new(
                GstWebRTC.WebRTCSDPType.OFFER, sdp)
            self.peer.emit("set-remote-description", offer,
                           Gst.Promise.new_with_change_func(self.on_offer))
        elif (message.get("candidate") or {}).get("candidate"):
            told = message["candidate"]
            self.peer.emit("add-ice-candidate", told.get("sdpMLineIndex") or 0,
                           told["candidate"])


async def main(url, seconds, options):
    async with websockets.connect(url) as socket:
        peer = Peer(socket, asyncio.get_running_loop(), options)

        async def listen():
            async for text in socket:
                peer.take(json.loads(text))
        try:
            await asyncio.wait_for(listen(), seconds)
        except (asyncio.TimeoutError, websockets.ConnectionClosed):
            pass
        peer.pipe.set_state(Gst.State.NULL)


asyncio.run(main(sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3])))
