// A page that uses Janus by its own library, janus-gateway of npm.
// window.janus(me), me: {url, plugin (echotest or sip), pc, register}
import adapter from "webrtc-adapter";
import Janus from "janus-gateway";

window.seen = [];
const note = (...what) => window.seen.push(what.join(" "));
const tracks = [{ type: "audio", capture: true, recv: true }];

function attached(handle, me) {
	const offer = (message) => handle.createOffer({ tracks,
		success: jsep => handle.send({ message, jsep }),
		error: e => note("error", e) });

	window.mine = {
		call: uri => offer({ request: "call", uri }),
		echo: () => offer({ audio: true }),
		hangup: () => handle.send({ message: { request: "hangup" } }),
		leave: () => handle.hangup(),
	};
	if (me.register)
		handle.send({ message: { request: "register", ...me.register } });
	note("attached");
}

window.janus = me => Janus.init({
	debug: [], dependencies: Janus.useDefaultDependencies({ adapter }),
	callback: () => {
		const janus = new Janus({ server: me.url,
			iceServers: me.pc.iceServers,
			iceTransportPolicy: me.pc.iceTransportPolicy,
			error: e => note("error", e),
			success: () => {
				let handle;

				janus.attach({
					plugin: "janus.plugin." + me.plugin,
					success: h => attached(handle = h, me),
					error: e => note("error", e),
					iceState: s => note("ice", s),
					webrtcState: s => note("webrtc", s),
					onmessage: (message, jsep) => {
						note(message.result?.event ??
							message.result ?? message.error);
						if (jsep)
							handle.handleRemoteJsep({ jsep });
					},
				});
			} });
	} });
