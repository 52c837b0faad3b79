// Carries messages between those who have connected: each goes to all the
// others, and to those who come later, in order.
// node signalling.mjs PORT [deflate] (packages of MRASCOPE_NODE_MODULES: ws)
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(
	process.env.MRASCOPE_NODE_MODULES + "/")("ws");
const server = new WebSocketServer({ port: +process.argv[2],
	perMessageDeflate: process.argv[3] === "deflate" && { threshold: 0 } });
const said = [];
server.on("connection", socket => {
	const mine = said.slice();
	for (const text of mine)
		socket.send(text);
	socket.on("error", () => {});
	socket.on("message", data => {
		said.push(data.toString());
		for (const other of server.clients)
			if (other !== socket)
				other.send(data.toString());
	});
});
server.on("listening", () => console.log("ready"));
