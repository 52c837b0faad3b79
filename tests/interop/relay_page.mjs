// Two peer connections of one page, connected by a relay alone; prints what
// came of it as a line of JSON.
// node relay_page.mjs MODULES BROWSER ICE-SERVER-AS-JSON PACKETS
import {createRequire} from "node:module";
import path from "node:path";

const [, , modules, browserPath, server, packets] = process.argv;
const require = createRequire(path.join(modules, "index.js"));
const {chromium} = require("playwright-core");
const browser = await chromium.launch({executablePath: browserPath,
	timeout: 120000, args: [
	"--no-sandbox", "--disable-gpu", "--disable-background-networking",
	"--disable-component-update", "--ignore-certificate-errors"]});
const page = await browser.newPage();
await page.route("**", r => r.fulfill(
	{contentType: "text/html", body: "<!doctype html><title>t</title>"}));
await page.goto("http://localhost/");
const out = await page.evaluate(async ([server, packets]) => {
	const how = {iceServers: [server], iceTransportPolicy: "relay"};
	const a = new RTCPeerConnection(how), b = new RTCPeerConnection(how);
	const seen = {candidates: [], errors: [], heard: 0};
	const sleep = ms => new Promise(r => setTimeout(r, ms));
	for (const [one, other] of [[a, b], [b, a]]) {
		one.onicecandidate = e => {
			if (!e.candidate || !e.candidate.candidate)
				return;
			seen.candidates.push(e.candidate.candidate);
			other.addIceCandidate(e.candidate);
		};
		one.onicecandidateerror = e => seen.errors.push(
			e.url + " " + e.errorCode + " " + e.errorText);
	}
	const channel = a.createDataChannel("x");
	b.ondatachannel = e => e.channel.onmessage = () => seen.heard++;
	await a.setLocalDescription(await a.createOffer());
	await b.setRemoteDescription(a.localDescription);
	await b.setLocalDescription(await b.createAnswer());
	await a.setRemoteDescription(b.localDescription);
	const end = Date.now() + 120000;
	while (channel.readyState !== "open" && Date.now() < end)
		await sleep(20);
	for (let i = 0; i < packets && channel.readyState === "open"; i++)
		channel.send("message " + i);
	while (seen.heard < packets && Date.now() < end)
		await sleep(20);
	seen.state = a.connectionState;
	(await a.getStats()).forEach(s => {
		if (s.type === "local-candidate")
			seen.local = s.candidateType;
	});
	a.close();
	b.close();
	await sleep(200);
	return seen;
}, [JSON.parse(server), Number(packets)]);
console.log(JSON.stringify(out));
await browser.close();
