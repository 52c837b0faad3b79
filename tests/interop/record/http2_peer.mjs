// What curl, nghttp and Chromium talk to in `http2`: a server of WHIP (RFC 9725)
// over HTTP/2, with TLS on port 8443 and without on 8080; with TLS also a page
// that calls itself through it, and a WebSocket that answers SIP.
// node http2_peer.mjs descriptions|serve
import fs from "node:fs";
import http2 from "node:http2";

const describe = (name, port, setup, way) => [
	"v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0",
	"m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0",
	"a=ice-ufrag:" + name, "a=ice-pwd:" + name.repeat(6),
	"a=fingerprint:sha-256 " + Array(32).fill("AB").join(":"),
	"a=setup:" + setup, "a=mid:0", "a=" + way,
	"a=rtpmap:111 opus/48000/2",
	`a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`, ""
].join("\r\n");

const page = `<!doctype html><title>calling</title><script type="module">
const a = new RTCPeerConnection(), b = new RTCPeerConnection();
const gathered = pc => new Promise(done => {
	pc.onicegatheringstatechange = () =>
		pc.iceGatheringState === "complete" && done();
});
const post = (path, type, body) => fetch(path, {method: "POST",
	headers: {"content-type": type}, body});
const channel = a.createDataChannel("x");
const open = new Promise(done => channel.onopen = done);
let ready = gathered(a);
await a.setLocalDescription();
await ready;
const answered = post("/whip?held", "application/sdp",
	a.localDescription.sdp);
await b.setRemoteDescription(a.localDescription);
ready = gathered(b);
await b.setLocalDescription();
await ready;
await post("/answer", "application/octet-stream", b.localDescription.sdp);
await a.setRemoteDescription({type: "answer",
	sdp: await (await answered).text()});
await open;
const socket = new WebSocket("wss://127.0.0.1:8443/ws", "sip");
await new Promise(done => socket.onopen = done);
socket.send(["OPTIONS sip:b@example.org SIP/2.0",
	"Via: SIP/2.0/WSS x.invalid;branch=z9hG4bKa", "Max-Forwards: 70",
	"From: <sip:a@example.org>;tag=a", "To: <sip:b@example.org>",
	"Call-ID: over-http2", "CSeq: 1 OPTIONS", "Content-Length: 0", "", ""
].join("\\r\\n"));
await new Promise(done => socket.onmessage = done);
a.close();
b.close();
await post("/done", "text/html", "");
</script><body>`;

// The request that waits for what the page answers itself.
let held;

function answer(stream, text) {
	stream.respond({":status": 201, "content-type": "application/sdp",
		location: "/whip/1"});
	stream.end(text);
}

function take(stream, method, path, body) {
	if (path === "/whip?held") {
		held = stream;
	} else if (path === "/answer") {
		answer(held, body);
		stream.respond({":status": 204}, {endStream: true});
	} else if (path === "/done") {
		console.log("done");
		stream.respond({":status": 204}, {endStream: true});
	} else if (method === "POST") {
		answer(stream, describe("answer", 40002, "passive",
			"recvonly"));
	} else if (method === "GET") {
		stream.respond({":status": 200, "content-type": "text/html"});
		stream.end(page);
	} else {
		stream.respond({":status": method === "PATCH" ? 204 : 200},
			{endStream: true});
	}
}

// A frame of the client's: one message, masked (RFC 6455 5.2).
function unmask(frame) {
	const long = (frame[1] & 127) === 126, at = long ? 8 : 6;
	const key = frame.subarray(at - 4, at);
	return frame.subarray(at).map((c, i) => c ^ key[i % 4]).toString();
}

function websocket(stream) {
	stream.respond({":status": 200, "sec-websocket-protocol": "sip"});
	stream.on("data", data => {
		if ((data[0] & 15) !== 1)
			return;
		const text = Buffer.from("SIP/2.0 200 OK" +
			unmask(data).replace(/^[^\r]*/, "").replace(
				"To: <sip:b@example.org>", "$&;tag=b"));
		stream.write(Buffer.concat([Buffer.from([0x81, 126,
			text.length >> 8, text.length & 255]), text]));
	});
}

function on_stream(stream, headers) {
	const body = [];
	stream.on("error", () => {});
	if (headers[":method"] === "CONNECT") {
		websocket(stream);
		return;
	}
	stream.on("data", data => body.push(data));
	stream.on("end", () => take(stream, headers[":method"],
		headers[":path"], Buffer.concat(body).toString()));
}

function plain() {
	const server = http2.createServer();
	server.on("stream", on_stream);
	server.listen(8080, "127.0.0.1");
}

function secure() {
	const server = http2.createSecureServer({
		key: fs.readFileSync("key.pem"),
		cert: fs.readFileSync("cert.pem"),
		settings: {enableConnectProtocol: true}});
	server.on("stream", on_stream);
	server.listen(8443, "127.0.0.1", () => console.log("ready"));
}

if (process.argv[2] === "descriptions") {
	fs.writeFileSync("offer.sdp", describe("offer", 40000, "actpass",
		"sendonly"));
	fs.writeFileSync("candidate.frag", ["a=ice-ufrag:offer",
		"a=ice-pwd:" + "offer".repeat(6),
		"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0",
		"a=candidate:2 1 udp 1694498815 198.51.100.7 40004 typ srflx " +
		"raddr 127.0.0.1 rport 40000", ""].join("\r\n"));
} else {
	plain();
	secure();
}
