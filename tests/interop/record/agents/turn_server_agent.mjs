// One ICE agent of the npm package turn-server, which sends some RTP.
// node turn_server_agent.mjs offer|answer ADDRESS MINE THEIRS SECONDS
// (in the folder that MRASCOPE_NODE_MODULES names)
import fs from "node:fs";

const home = process.env.MRASCOPE_NODE_MODULES + "/turn-server/";
const { IceAgent } = await import(home + "index.js");
const lines = await import(home + "src/ice_candidate.js");
const [role, address, mine, theirs, seconds] = process.argv.slice(2);
const agent = new IceAgent({ iceServers: [], mode: "full", trickle: false,
	ipv6: false, controlling: role === "offer" });
const own = [];
let pair = null, heard = 0;

const wait = ms => new Promise(done => setTimeout(done, ms));
agent.on("statechange", state => console.log("ice:", state));
agent.on("selectedpair", p => {
	pair = p;
	console.log("selected:", p.local.ip, p.local.port, "with", p.remote.ip,
		p.remote.port);
});
agent.on("packet", () => heard++);
const gathered = new Promise(done => agent.on("candidate",
	c => c ? own.push(c) : done()));

async function learn() {
	for (let i = 0; i < 3000 && !fs.existsSync(theirs); i++)
		await wait(10);
	const text = fs.readFileSync(theirs, "utf8");
	agent.setRemoteParameters({ ufrag: /ice-ufrag:(\S+)/.exec(text)[1],
		pwd: /ice-pwd:(\S+)/.exec(text)[1] });
	for (const found of text.matchAll(/a=(candidate:.*)/g))
		agent.addRemoteCandidate(lines.parseCandidate(found[1].trim()));
	agent.addRemoteCandidate(null);
}

function described() {
	const { ufrag, pwd } = agent.localParameters;
	const candidates = own.map(c => "a=candidate:" + lines.formatCandidate(c)
		.replace(/^(a=)?candidate:/, ""));
	fs.writeFileSync(mine + ".part", ["v=0", `o=- 1 1 IN IP4 ${address}`,
		"s=-", `c=IN IP4 ${address}`, "t=0 0",
		`m=audio ${own[0].port} RTP/AVP 8`, "a=rtpmap:8 PCMA/8000",
		"a=rtcp-mux", `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`,
		...candidates, ""].join("\n"));
	fs.renameSync(mine + ".part", mine);
}

if (role === "answer")
	await learn();
agent.gather();
await gathered;
described();
if (role === "offer")
	await learn();
for (let i = 0; i < seconds * 50; i++) {
	const packet = Buffer.alloc(172, 0xd5);
	packet.writeUInt16BE(0x8008, 0);
	packet.writeUInt16BE(i, 2);
	packet.writeUInt32BE(i * 160, 4);
	packet.writeUInt32BE(role === "offer" ? 1 : 2, 8);
	if (pair)
		agent.send(packet);
	await wait(20);
}
console.log("heard:", heard);
process.exit(0);
