// One end of a connection with a data channel, of a library for node; offers
// and answers go as JSON over a WebSocket.
// node webrtc_peer.mjs LIBRARY NAME offer|answer URL SECONDS [OPTIONS]
//   LIBRARY  node-datachannel (libdatachannel with libjuice) or werift
//   OPTIONS  JSON: {servers, relay}; servers as the library wants them
// (packages of npm in the folder that MRASCOPE_NODE_MODULES names, and ws)
import { createRequire } from "node:module";

const require = createRequire(process.env.MRASCOPE_NODE_MODULES + "/");
const [library, name, role, url, seconds, more] = process.argv.slice(2);
const options = JSON.parse(more || "{}");
const socket = new (require("ws"))(url);
const send = message => socket.send(JSON.stringify(message));
let heard = 0;

function greet(channel, say) {
	for (let i = 0; i < 5; i++)
		say.call(channel, "hello");
}

function datachannel() {
	const { PeerConnection } = require("node-datachannel");
	const pc = new PeerConnection(name, {
		iceServers: options.servers || [],
		...options.relay && { iceTransportPolicy: "relay" } });
	const use = channel => {
		channel.onOpen(() => greet(channel, channel.sendMessage));
		channel.onMessage(() => heard++);
		pc.channel = channel;
	};
	pc.onLocalDescription((sdp, type) => send({ type, sdp }));
	pc.onLocalCandidate((candidate, sdpMid) =>
		send({ candidate: { candidate, sdpMid } }));
	pc.onStateChange(state => console.log("state:", state));
	pc.onDataChannel(use);
	return {
		offer: () => use(pc.createDataChannel("words")),
		take: m => m.sdp ? pc.setRemoteDescription(m.sdp, m.type) :
			pc.addRemoteCandidate(m.candidate.candidate,
				m.candidate.sdpMid),
		pair: () => JSON.stringify(pc.getSelectedCandidatePair()),
		close: () => pc.close(),
	};
}

function werift() {
	const { RTCPeerConnection } = require("werift");
	const pc = new RTCPeerConnection({ iceServers: options.servers || [],
		...options.relay && { iceTransportPolicy: "relay" } });
	const early = [];
	const use = channel => {
		channel.stateChanged.subscribe(state => state === "open" &&
			greet(channel, text => channel.send(Buffer.from(text))));
		channel.onMessage.subscribe(() => heard++);
	};
	pc.connectionStateChange.subscribe(s => console.log("state:", s));
	pc.onIceCandidate.subscribe(c => c && send({ candidate: c }));
	pc.onDataChannel.subscribe(use);
	const describe = async description => {
		await pc.setLocalDescription(description);
		send({ type: description.type, sdp: pc.localDescription.sdp });
	};
	return {
		offer: async () => {
			use(pc.createDataChannel("words"));
			await describe(await pc.createOffer());
		},
		take: async m => {
			if (!m.sdp && !pc.remoteDescription)
				return early.push(m.candidate);
			if (!m.sdp)
				return pc.addIceCandidate(m.candidate);
			await pc.setRemoteDescription(m);
			if (m.type === "offer")
				await describe(await pc.createAnswer());
			while (early.length)
				await pc.addIceCandidate(early.shift());
		},
		pair: () => pc.iceTransports.map(t => t.connection.nominated)
			.filter(Boolean).map(p => p.localCandidate.toSdp() +
				" with " + p.remoteCandidate.toSdp()).join(),
		close: () => pc.close(),
	};
}

await new Promise(r => socket.on("open", r));
const peer = library === "werift" ? werift() : datachannel();
let last = Promise.resolve();
socket.on("message", data => {
	last = last.then(() => peer.take(JSON.parse(data)))
		.catch(error => console.log("error:", error));
});
if (role === "offer")
	await peer.offer();
setTimeout(async () => {
	console.log("selected:", peer.pair());
	console.log("heard:", heard);
	await peer.close();
	setTimeout(() => process.exit(0), 500);
}, seconds * 1000);
