// A phone in a page: JsSIP or SIP.js, which MRASCOPE_NODE_MODULES has.
// window.phone(me), me: {library, name, url, password, pc, register, options}
import * as JsSIP from "jssip";
import * as SIP from "sip.js";

window.seen = [];
window.session = null;
const note = (...what) => window.seen.push(what.join(" "));

function jssip(me) {
	const ua = new JsSIP.UA({
		sockets: [new JsSIP.WebSocketInterface(me.url)],
		uri: `sip:${me.name}@lab.example`, password: me.password,
		register: me.register ?? true, user_agent: "JsSIP",
		session_timers: false, ...me.options });
	const call = { mediaConstraints: { audio: true, video: !!me.video },
		pcConfig: me.pc };
	ua.on("newRTCSession", ({ session, originator }) => {
		window.session = session;
		for (const what of ["progress", "accepted", "confirmed",
			"ended", "failed", "reinvite"])
			session.on(what, e => note(what, e.cause ?? ""));
		if (originator === "remote")
			note("called");
	});
	for (const what of ["connected", "disconnected", "registered",
		"unregistered", "registrationFailed"])
		ua.on(what, e => note(what, e.cause ?? ""));
	ua.start();
	return {
		call: to => ua.call(to, call),
		answer: () => window.session.answer(call),
		refuse: status => window.session.terminate({
			status_code: status }),
		hold: () => window.session.hold(),
		unhold: () => window.session.unhold(),
		restart: () => window.session.renegotiate({
			rtcOfferConstraints: { iceRestart: true } }),
		digits: text => window.session.sendDTMF(text),
		refer: to => window.session.refer(to),
		hangup: () => window.session.terminate(),
		stop: () => ua.stop(),
	};
}

function sipjs(me) {
	const user = new SIP.Web.SimpleUser(me.url, {
		aor: `sip:${me.name}@lab.example`,
		media: { constraints: { audio: true, video: !!me.video },
			remote: { audio: document.createElement("audio") } },
		delegate: {
			onCallReceived: () => note("called"),
			onCallAnswered: () => note("accepted"),
			onCallHangup: () => note("ended"),
			onRegistered: () => note("registered"),
			onServerDisconnect: () => note("disconnected") },
		userAgentOptions: {
			authorizationUsername: me.name,
			authorizationPassword: me.password,
			sessionDescriptionHandlerFactoryOptions: {
				peerConnectionConfiguration: me.pc,
				iceGatheringTimeout: 3000 }, ...me.options },
	});
	user.connect().then(() => me.register === false || user.register());
	return {
		call: to => user.call(to, { inviteWithoutSdp: !!me.late }),
		answer: () => user.answer(),
		refuse: () => user.decline(),
		hold: () => user.hold(),
		unhold: () => user.unhold(),
		digits: text => user.sendDTMF(text),
		hangup: () => user.hangup(),
		stop: () => user.unregister().then(() => user.disconnect()),
	};
}

window.phone = me => {
	window.mine = (me.library === "sipjs" ? sipjs : jssip)(me);
};
