// Chromium, and what its chrome://webrtc-internals hands out of two connections
// of one page: node dumps.mjs FOLDER   (MRASCOPE_NODE_MODULES: playwright-core)
// Leaves FOLDER/NAME.json.gz, and on its output a line for each that is begun
// and ended.
import { createRequire } from "node:module";
import path from "node:path";

const { chromium } = createRequire(
	process.env.MRASCOPE_NODE_MODULES + "/")("playwright-core");
const folder = process.argv[2];
const sleep = seconds => new Promise(r => setTimeout(r, seconds * 1000));

// Each runs in the page.
const scenes = {
	connected: async () => {
		const [a, b] = pair();
		trickle(a, b);
		a.createDataChannel("words");
		await agree(a, b);
		await until(() => a.iceConnectionState === "connected");
		b.close();
	},
	restarted: async () => {
		const [a, b] = pair();
		trickle(a, b);
		a.addTransceiver("audio");
		await agree(a, b);
		await until(() => a.iceConnectionState === "connected");
		await agree(a, b, { iceRestart: true });
		await pause(2);
	},
	failed: async () => {
		const [a, b] = pair();
		a.createDataChannel("words");
		await agree(a, b, {}, "a=candidate:1 1 udp 2113937151 " +
			"192.0.2.99 40000 typ host\r\n");
		await until(() => a.connectionState === "failed");
	},
	relayless: async () => {
		const [a, b] = pair({ iceTransportPolicy: "relay", iceServers: [{
			urls: "turn:192.0.2.2:3999", username: "alice",
			credential: "hunter2hunter2" }] });
		trickle(a, b);
		a.createDataChannel("words");
		await agree(a, b);
		await pause(3);
	},
	unanswered: async () => {
		const [a] = pair();
		a.createDataChannel("words");
		await a.setLocalDescription();
		await pause(1);
	},
};

function tools() {
	window.pause = seconds => new Promise(r => setTimeout(r, seconds * 1000));
	window.until = async holds => {
		for (let i = 0; i < 400 && !holds(); i++)
			await pause(0.1);
		await pause(1);
	};
	window.pair = configuration => window.kept = [
		new RTCPeerConnection(configuration), new RTCPeerConnection()];
	window.trickle = (a, b) => {
		a.onicecandidate = e => b.addIceCandidate(e.candidate);
		b.onicecandidate = e => a.addIceCandidate(e.candidate);
	};
	window.agree = async (a, b, options, more = "") => {
		await a.setLocalDescription(await a.createOffer(options));
		await b.setRemoteDescription(a.localDescription);
		await b.setLocalDescription();
		await a.setRemoteDescription({ type: "answer",
			sdp: b.localDescription.sdp + more });
	};
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
		"--disable-background-networking", "--disable-component-update",
		"--disable-features=WebRtcHideLocalIpsWithMdns"] });
for (const name of Object.keys(scenes)) {
	const context = await browser.newContext({ acceptDownloads: true });
	const internals = await context.newPage();
	await internals.goto("chrome://webrtc-internals");
	const tab = await context.newPage();
	await tab.goto("data:text/html,<!doctype html><title>x</title>");
	await tab.evaluate(tools);
	console.log("begin", name);
	await sleep(1);
	await tab.evaluate(scenes[name]);
	await internals.bringToFront();
	const download = internals.waitForEvent("download", { timeout: 20000 });
	await internals.evaluate(() => {
		for (const d of document.querySelectorAll("details"))
			d.open = true;
		[...document.querySelectorAll("button")].find(b =>
			/download|dump/i.test(b.textContent)).click();
	});
	await (await download).saveAs(path.join(folder, name + ".json.gz"));
	console.log("end", name);
	await context.close();
}
await browser.close();
