// SIP of the npm package sip, which carries what agents say of themselves: the
// offer and the answer stand in files, as those of the other agents do.
// node sip_carrier.mjs caller|callee ADDRESS USER URI [OPTIONS]
//   OPTIONS  JSON: {seconds, register: [server, password], mangle: [pattern,
//            words] (of what is sent), status, (the callee's) answer}
// (in the folder that MRASCOPE_NODE_MODULES names)
import { createRequire } from "node:module";
import fs from "node:fs";

const require = createRequire(process.env.MRASCOPE_NODE_MODULES + "/");
const sip = require("sip");
const digest = require("sip/digest");
const [role, address, user, peer, more] = process.argv.slice(2);
const o = JSON.parse(more || "{}");
const me = `sip:${user}@${address}:5060`;
const proxy = o.register && o.register[0];
const tag = user + process.pid;
let over = false, seq = 1;

const wait = ms => new Promise(done => setTimeout(done, ms));
const send = request => new Promise(done => sip.send(request, answer => {
	console.log(request.method, answer.status);
	if (answer.status >= 200)
		done(answer);
}));

async function learn(name) {
	for (let i = 0; i < 3000 && !fs.existsSync(name); i++)
		await wait(10);
	const [pattern, words] = o.mangle || ["$^", ""];
	return fs.readFileSync(name, "utf8").replace(/\r?\n/g, "\r\n")
		.replace(new RegExp(pattern, "gm"), words);
}

// The other side must not see half of it.
function hand(text, name) {
	fs.writeFileSync(name + ".part", text);
	fs.renameSync(name + ".part", name);
}

async function answer(request) {
	request.headers.to.params.tag = tag;
	sip.send(sip.makeResponse(request, 180, "Ringing"));
	await wait(200);
	if (o.status)
		return sip.send(sip.makeResponse(request, o.status, "No"));
	hand(request.content, `to-${user}.sdp`);
	const accepted = sip.makeResponse(request, 200, "OK");
	accepted.headers.contact = [{ uri: me }];
	accepted.headers["record-route"] = request.headers["record-route"];
	accepted.headers["content-type"] = "application/sdp";
	accepted.content = await learn(`${user}.sdp`);
	sip.send(accepted);
}

function take(request) {
	if (request.method === "INVITE")
		return answer(request);
	over = over || request.method === "BYE";
	if (request.method !== "ACK")
		sip.send(sip.makeResponse(request, 200, "OK"));
}

function made(method, uri, to, id, number, content = "") {
	return { method, uri, content, headers: {
		to, from: { uri: o.register ? `sip:${user}@lab.example` : me,
			params: { tag } },
		"call-id": id, cseq: { method, seq: number }, via: [],
		contact: [{ uri: me }], "max-forwards": 70,
		...proxy && { route: [{ uri: `sip:${proxy};lr` }] },
		...content && { "content-type": "application/sdp" } } };
}

// Once more with the password, where that is asked for.
async function asked(make) {
	const first = await send(make(seq++));
	if (!o.register || (first.status !== 401 && first.status !== 407))
		return first;
	const again = make(seq++);
	digest.signRequest({}, again, first, { user, password: o.register[1] });
	return send(again);
}

async function call() {
	const id = `call-${process.pid}@${address}`;
	const offer = await learn(`${user}.sdp`);
	const reply = await asked(n => made("INVITE", peer, { uri: peer }, id, n,
		offer));
	if (reply.status >= 300)
		return wait(300);
	hand(reply.content, `to-${user}.sdp`);
	const within = (method, number) => {
		const request = made(method, reply.headers.contact[0].uri,
			reply.headers.to, id, number);
		request.headers.route = (reply.headers["record-route"] || [])
			.slice().reverse();
		return request;
	};
	sip.send(within("ACK", reply.headers.cseq.seq));
	await wait((o.seconds || 3) * 1000);
	await Promise.race([send(within("BYE", seq++)), wait(2000)]);
}

sip.start({ address, publicAddress: address, port: 5060, tcp: false }, take);
if (o.register) {
	const own = { uri: `sip:${user}@lab.example` };
	await asked(n => ({ ...made("REGISTER", "sip:lab.example", own,
		`register-${process.pid}@${address}`, n) }));
}
if (role === "caller") {
	await call();
} else {
	hand("up", `${user}.up`);
	for (let i = 0; i < 2000 && !over; i++)
		await wait(20);
}
setTimeout(() => process.exit(0), 500);
