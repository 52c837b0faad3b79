// Chromiums in namespaces that call each other by JSON over a WebSocket, with
// what the page of each sees of its connection kept.
// node chromium.mjs PLAN RESULT   (MRASCOPE_NODE_MODULES: playwright-core)
//
// PLAN: {prefix, folder, url, people: {NAME: {...}, ...}, steps: [[WORD, ...]],
//   script (that each page gets)}
//   Of each of the people: space (alice, ...), pc (its configuration), media
//   (audio, video or none), channel, form (of its JSON), trickle, filter (of
//   candidates it keeps to itself), change (of its offers), reject (sections),
//   deaf (to candidates), simulcast, mdns (it may use no microphone)
//   Steps: launch NAME, start NAME, offer NAME [OPTIONS], wait NAME STATE
//   SECONDS, sleep SECONDS, shell COMMAND, say NAME, close NAME, bye NAME,
//   run NAME CODE, until NAME CODE SECONDS, keep NAME (what it sees now),
//   quit NAME
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const { chromium } = createRequire(
	process.env.MRASCOPE_NODE_MODULES + "/")("playwright-core");
const plan = JSON.parse(fs.readFileSync(process.argv[2]));
const sleep = seconds => new Promise(r => setTimeout(r, seconds * 1000));

function page(me) {
	window.log = [];
	const note = (what, more) => log.push([Date.now(), what, more]);
	const pc = window.pc = new RTCPeerConnection(me.pc);
	const socket = window.socket = new WebSocket(me.url);
	const forms = {
		plain: m => m,
		event: m => ({ event: m.type, data: m }),
		envelope: m => ({ to: "other", from: me.name,
			payload: JSON.stringify(m) }),
		description: m => m.type === "candidate" ? { candidate:
			m.candidate } : m.sdp ? { description: m } : m,
	};
	const opened = m => m.data ?? (typeof m.payload === "string" ?
		JSON.parse(m.payload) : m.description ?? (m.candidate &&
		!m.type ? { type: "candidate", candidate: m.candidate } : m));
	const send = window.send = m =>
		socket.send(JSON.stringify(forms[me.form || "plain"](m)));
	const early = [];
	window.channels = [];
	window.heard = 0;
	pc.ondatachannel = e => { channels.push(e.channel);
		e.channel.onmessage = () => heard++; };
	for (const what of ["iceconnectionstate", "connectionstate",
		"icegatheringstate", "signalingstate"])
		pc.addEventListener(what + "change", () => note(what,
			pc[{ iceconnectionstate: "iceConnectionState",
				connectionstate: "connectionState",
				icegatheringstate: "iceGatheringState",
				signalingstate: "signalingState" }[what]]));
	pc.onicecandidateerror = e => note("candidate error",
		`${e.url} ${e.errorCode} ${e.errorText}`);
	pc.onicecandidate = e => {
		note("candidate", e.candidate && e.candidate.candidate);
		if (me.trickle === false) {
			if (!e.candidate && pc.localDescription)
				send({ type: pc.localDescription.type,
					sdp: pc.localDescription.sdp });
			return;
		}
		if (e.candidate && !(me.filter && e.candidate.candidate.match(
			me.filter)))
			send({ type: "candidate", candidate: e.candidate });
	};
	window.gather = async () => {
		if (!me.media)
			return;
		const stream = await navigator.mediaDevices.getUserMedia(
			me.media === "video" ? { audio: true, video: {
				width: 320, height: 240, frameRate: 10 } } :
				{ audio: true });
		for (const track of stream.getTracks())
			if (me.simulcast && track.kind === "video")
				pc.addTransceiver(track, { streams: [stream],
					sendEncodings: [{ rid: "h" }, { rid: "l",
						scaleResolutionDownBy: 2 }] });
			else
				pc.addTrack(track, stream);
	};
	const describe = d => me.trickle !== false &&
		send({ type: d.type, sdp: d.sdp });
	window.offer = async options => {
		if (!pc.localDescription) {
			await gather();
			if (me.channel)
				channels.push(pc.createDataChannel("words"));
			for (const c of channels)
				c.onmessage = () => heard++;
		}
		const offer = await pc.createOffer(options);
		if (me.change)
			offer.sdp = offer.sdp.replace(new RegExp(me.change[0],
				"gm"), me.change[1]);
		await pc.setLocalDescription(offer);
		describe(pc.localDescription);
	};
	const take = async m => {
		if (m.type === "offer") {
			await pc.setRemoteDescription(m);
			if (!pc.localDescription)
				await gather();
			if (me.reject)
				pc.getTransceivers()[me.reject[0]].stop();
			const answer = await pc.createAnswer();
			await pc.setLocalDescription(answer);
			describe(pc.localDescription);
		} else if (m.type === "answer") {
			await pc.setRemoteDescription(m);
		} else if (m.type === "candidate") {
			if (me.deaf)
				return;
			if (!pc.remoteDescription)
				early.push(m.candidate);
			else
				await pc.addIceCandidate(m.candidate);
		} else if (m.type === "bye")
			pc.close();
		if (pc.remoteDescription)
			while (early.length)
				await pc.addIceCandidate(early.shift());
	};
	let last = Promise.resolve();
	socket.onmessage = e => {
		const m = opened(JSON.parse(e.data));
		last = last.then(() => take(m)).catch(x => note("error", "" + x));
	};
	window.tell = async () => {
		const stats = [];
		(await pc.getStats()).forEach(s => {
			if (/candidate|transport|inbound|outbound/.test(s.type))
				stats.push(s);
		});
		return { log, stats, heard, ice: pc.iceConnectionState,
			connection: pc.connectionState };
	};
	return new Promise(r => socket.onopen = r);
}

async function browser(name, me) {
	const space = plan.prefix + "-" + (me.space || name);
	const script = path.join(plan.folder, `chromium-${name}.sh`);
	fs.writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${space} ` +
		"/usr/lib/chromium/chromium \"$@\"\n", { mode: 0o755 });
	const folder = fs.mkdtempSync(path.join(plan.folder, "profile-"));
	const context = await chromium.launchPersistentContext(folder, {
		executablePath: script, headless: true, ignoreHTTPSErrors: true,
		permissions: me.mdns ? [] : ["microphone", "camera"],
		env: { ...process.env, HOME: folder, ...(plan.keys ?
			{ SSLKEYLOGFILE: plan.keys } : {}) },
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
			"--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync",
			"--disable-features=LocalNetworkAccessChecks," +
			"LocalNetworkAccessChecksWebSockets," +
			"LocalNetworkAccessChecksWebRTC,Translate",
			"--use-fake-device-for-media-stream",
			"--use-fake-ui-for-media-stream",
			"--ignore-certificate-errors", ...(me.args || [])] });
	if (plan.script)
		await context.addInitScript({ path: plan.script });
	const tab = await context.newPage();
	await tab.route("**", r => r.fulfill({ contentType: "text/html",
		body: "<!doctype html><title>recording</title>" }));
	await tab.goto("http://localhost/");
	return { context, tab, me };
}

const people = {};
const steps = {
	launch: async name => {
		people[name] = await browser(name, plan.people[name]);
	},
	start: async name => {
		const person = people[name];
		await person.tab.evaluate(page, { name, url: plan.url,
			...plan.people[name] });
	},
	offer: (name, options) => people[name].tab.evaluate(o => offer(o),
		options),
	wait: (name, state, seconds) => people[name].tab.waitForFunction(s =>
		pc.iceConnectionState === s || pc.connectionState === s ||
		pc.signalingState === s || pc.iceGatheringState === s, state,
		{ timeout: seconds * 1000, polling: 50 }),
	sleep,
	shell: command => execFileSync("/bin/sh", ["-c", command]),
	close: name => people[name].tab.evaluate(() => pc.close()),
	bye: name => people[name].tab.evaluate(() => { send({ type: "bye" });
		pc.close(); }),
	say: name => people[name].tab.evaluate(() => { for (const c of channels)
		if (c.readyState === "open") c.send("hello"); }),
	run: (name, code) => people[name].tab.evaluate(code),
	until: (name, code, seconds) => people[name].tab.waitForFunction(code,
		null, { timeout: seconds * 1000, polling: 50 }),
	keep: async name => { people[name].told =
		await people[name].tab.evaluate(() => tell()); },
	quit: name => people[name].context.close(),
};
let bad = 0;
for (const [word, ...more] of plan.steps) {
	try {
		await steps[word](...more);
	} catch (error) {
		console.log(`${word} ${more.join(" ")}: ${error}`);
		bad++;
	}
	if (word === "launch")
		continue;
	console.log(new Date().toISOString(), word, ...more);
}
const told = {};
for (const [name, person] of Object.entries(people)) {
	told[name] = person.told ?? await Promise.race([
		person.tab.evaluate(() => tell()), sleep(3)]).catch(e => "" + e);
	await Promise.race([person.context.close(), sleep(3)]).catch(() => {});
}
fs.writeFileSync(process.argv[3], JSON.stringify(told, null, 1));
process.exit(bad ? 3 : 0);
