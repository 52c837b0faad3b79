"use strict";
(async () => {
/* Pages of many calls hold their data packed (RFC 1951, in base64). */
async function part(id) {
	const holder = document.getElementById(id);
	if (!holder)
		return {};
	if (holder.type === "application/json")
		return JSON.parse(holder.textContent);
	const bytes = Uint8Array.from(atob(holder.textContent),
		c => c.charCodeAt(0));
	return new Response(new Blob([bytes]).stream().pipeThrough(
		new DecompressionStream("deflate-raw"))).json();
}
const doc = await part("document"), rows = await part("index");
let lives = null; /* tokens and allocations, read with the first call */
const SHOWN = 200, STAGES = ["registration", "token", "gathering", "exchange",
	"probing"];
const WIDE = new Set(["Why", "Integrity", "Capture", "Damage"]);
const MARKS = {ok: "+", failed: "X", incomplete: "~", inferred: "*",
	unseen: "?", unneeded: "-"};
const SAID = {ok: "ok", failed: "failed", incomplete: "unfinished",
	inferred: "proved", unseen: "not seen", unneeded: "not needed"};
const tone = s => ({ok: "t-ok", established: "t-ok", inferred: "t-ok",
	succeeded: "t-ok", open: "t-ok", failed: "t-bad", error: "t-bad",
	blocked: "t-bad", refused: "t-bad", unanswered: "t-warn",
	rejected: "t-warn", cancelled: "t-warn", incomplete: "t-warn",
	warning: "t-warn"})[s] || "t-soft";

/* Elements: text is always set as text, never as markup. */
function el(name, attributes, ...children) {
	const e = document.createElement(name);
	return fill(e, attributes, children);
}
function svg(name, attributes, ...children) {
	const e = document.createElementNS("http://www.w3.org/2000/svg", name);
	return fill(e, attributes, children);
}
function fill(e, attributes, children) {
	for (const [key, value] of Object.entries(attributes || {}))
		if (key.startsWith("on"))
			e.addEventListener(key.slice(2), value);
		else if (value !== null && value !== undefined &&
			 value !== false)
			e.setAttribute(key, value === true ? "" : value);
	for (const child of children.flat(9))
		if (child !== null && child !== undefined)
			e.append(child);
	return e;
}
/* Frames as the report has them: "1-4, 7", with their file where there are
 * several. */
const SEVERAL = doc.captures.length > 1;
const placed = f => SEVERAL ? f : f.slice(f.indexOf(":") + 1);
function framesOf(list) {
	const runs = [];
	for (const f of list) {
		const [file, number] = f.split(":").map(Number);
		const run = runs[runs.length - 1];
		if (run && run.file === file && run.last === number - 1)
			run.last = number;
		else
			runs.push({file, first: number, last: number});
	}
	return (list.length === 1 ? "frame " : "frames ") + runs.map(r =>
		placed(r.file + ":" + r.first) +
		(r.last > r.first ? "-" + r.last : "")).join(", ");
}
function section(title, ...children) {
	return el("section", {}, el("h3", {}, title), children);
}
function table(caption, head, body) {
	const numeric = h => h.startsWith("#");
	return el("div", {class: "scroll", tabindex: 0, role: "region",
		"aria-label": caption}, el("table", {},
		el("thead", {}, el("tr", {}, head.map(h =>
			el("th", {scope: "col", class: numeric(h) && "num"},
			   h.replace("#", ""))))),
		el("tbody", {}, body.map(row => el("tr", {}, row.map((cell, i) =>
			cell instanceof Node && cell.nodeName === "TD" ? cell :
			el("td", {class: numeric(head[i]) ? "num" :
				!WIDE.has(head[i]) && "tight"},
			   cell === null || cell === undefined ? "–" : cell)))))));
}
const colored = (text, key) => el("span", {class: tone(key || text)}, text);

/* ---- times: RFC 3339 with nanoseconds, more than Date can hold ---- */
function ns(time) {
	if (!time)
		return null;
	const seconds = Date.parse(time.slice(0, 19) + "Z") / 1000;
	return BigInt(seconds) * 1000000000n + BigInt(time.slice(20, 29));
}
const ms = (a, b) => Number(ns(b) - ns(a)) / 1e6;
function lasted(milliseconds) {
	if (milliseconds === null || milliseconds === undefined)
		return "–";
	return Math.abs(milliseconds) < 1000 ?
		milliseconds.toFixed(1) + " ms" :
		(milliseconds / 1000).toFixed(milliseconds < 1e5 ? 2 : 0) + " s";
}
const clock = time => time ? time.slice(11, 23) : "–";
const day = time => time ? time.slice(0, 23).replace("T", " ") : "–";
const host = end => end ? end.replace(/:\d+$/, "") : "?";

/* ---- the index ---- */
const DAYS = new Set(rows.map(r => (r.start || "").slice(0, 10))).size;
const state = {text: "", outcome: "", shown: SHOWN};
function outcomes() {
	const counts = {};
	for (const row of rows)
		counts[row.outcome] = (counts[row.outcome] || 0) + 1;
	return counts;
}
function fits(row) {
	if (state.outcome && row.outcome !== state.outcome)
		return false;
	return !state.text || [row.from, row.to, row.call_id, row.text,
		row.rule, row.key].some(v => v && v.toLowerCase()
			.includes(state.text));
}
function stageMarks(row) {
	return el("span", {class: "mono", role: "img", "aria-label":
		STAGES.map(s => s + " " + SAID[row[s]]).join(", ")},
		STAGES.map(s => colored(MARKS[row[s]] || "?", row[s])));
}
function listCalls() {
	const hits = [];
	rows.forEach((row, i) => fits(row) && hits.push(i));
	const shown = hits.slice(0, state.shown);
	const out = document.getElementById("calls");
	out.replaceChildren(table("Calls",
		["Call", "Start (UTC)", "Stages", "Outcome", "#Lasted", "From",
		 "To", "Why"],
		shown.map(i => {
			const row = rows[i];
			return [el("a", {href: "#call-" + (i + 1)},
				   String(i + 1)),
				(DAYS > 1 ? day : clock)(row.start),
				stageMarks(row),
				colored(row.outcome), lasted(row.duration_ms),
				row.from, row.to,
				row.text === row.outcome ? "" : row.text];
		})));
	document.getElementById("count").textContent = hits.length +
		" of " + rows.length + " calls" + (shown.length < hits.length ?
		", the first " + shown.length + " are shown" : "");
	document.getElementById("more").hidden = shown.length >= hits.length;
}
function indexView() {
	const counts = outcomes();
	const select = el("select", {id: "outcome", onchange: e => {
		state.outcome = e.target.value;
		state.shown = SHOWN;
		listCalls();
	}}, el("option", {value: ""}, "all"), Object.keys(counts).sort().map(o =>
		el("option", {value: o}, o + " (" + counts[o] + ")")));
	return el("section", {id: "index", "aria-labelledby": "index-title"},
		el("h2", {id: "index-title"}, "Calls"),
		el("div", {class: "tools"},
			el("label", {}, "Find ", el("input", {type: "search",
				id: "find", oninput: e => {
					state.text = e.target.value
						.toLowerCase();
					state.shown = SHOWN;
					listCalls();
				}})),
			el("label", {}, "Outcome ", select)),
		el("p", {id: "count", role: "status", class: "soft"}),
		el("div", {id: "calls"}),
		el("button", {id: "more", type: "button", onclick: () => {
			state.shown += SHOWN;
			listCalls();
		}}, "Show more"));
}

/* ---- parts of a call ---- */
function stagesView(call) {
	const known = call.stages.filter(s => s.start);
	const parts = [el("ul", {class: "stages"}, call.stages.map(s =>
		el("li", {}, el("strong", {}, s.stage),
		   colored((MARKS[s.state] || "?") + " " + SAID[s.state],
			   s.state),
		   el("span", {class: "what"}, s.summary || "", " ",
		      el("span", {class: "soft"}, lasted(s.duration_ms),
			 s.frames.length ? ", " + framesOf(s.frames) :
			 "")))))];
	if (known.length)
		parts.unshift(bars("Time line of the stages", known.map(s => ({
			name: s.stage, from: s.start, to: s.end,
			kind: s.state, note: lasted(s.duration_ms)}))));
	return section("Stages", parts);
}
/* Bars over one axis of time. */
function bars(title, list) {
	const first = list.reduce((a, b) => ns(b.from) < ns(a) ? b.from : a,
		list[0].from);
	const last = list.reduce((a, b) => ns(b.to) > ns(a) ? b.to : a,
		list[0].to);
	const whole = Math.max(ms(first, last), 0.001), left = 190, width = 560;
	const x = t => left + width * ms(first, t) / whole;
	const out = svg("svg", {role: "img", "aria-label": title + ": " +
		list.map(b => b.name + " " + (b.note || "")).join("; "),
		width: left + width + 130, height: list.length * 26 + 24});
	list.forEach((b, i) => {
		const y = i * 26 + 4;
		out.append(
			svg("text", {x: 0, y: y + 14}, shortened(b.name, 30)),
			svg("line", {class: "axis", x1: left, x2: left + width,
				y1: y + 20, y2: y + 20}),
			svg("rect", {class: "bar " + b.kind, x: x(b.from), y,
				height: 18, rx: 2,
				width: Math.max(x(b.to) - x(b.from), 3)},
			    svg("title", {}, b.name + ": " + clock(b.from) +
				" to " + clock(b.to) + " " + (b.note || ""))),
			(b.marks || []).map(m => svg("circle", {r: 4,
				cx: x(m.time), cy: y + 9, class: "bar " +
				(m.to === "failed" ? "failed" : "")},
				svg("title", {}, clock(m.time) + " " +
					m.what))),
			svg("text", {class: "soft", x: left + width + 6,
				y: y + 14}, b.note || ""));
	});
	out.append(svg("text", {class: "soft", x: left, y: list.length * 26 +
		18}, clock(first)), svg("text", {class: "soft", x: left + width,
		y: list.length * 26 + 18, "text-anchor": "end"}, clock(last)));
	return wide(title, out);
}
/* What may be wider than the page: to be scrolled, also with keys. */
function wide(title, child) {
	return el("div", {class: "scroll", tabindex: 0, role: "region",
		"aria-label": title}, child);
}
const shortened = (text, n) => text.length > n ?
	text.slice(0, n - 1) + "…" : text;

function events(call) {
	const out = [];
	for (const d of call.dialogs)
		for (const m of d.messages)
			out.push({time: m.time, src: m.src, dst: m.dst,
				kind: "sip", frame: m.frame, text: m.line
				.replace(/^SIP\/2\.0 | SIP\/2\.0$/, "") +
				(m.retransmissions ? " (sent " +
				 (m.retransmissions + 1) + " times)" : "")});
	for (const a of allocationsOf(call))
		for (const h of a.history)
			out.push({time: h.time, kind: "turn", frame: h.frame,
				src: h.to === "requested" ? a.client : a.server,
				dst: h.to === "requested" ? a.server : a.client,
				text: "Allocate: " + h.to + (h.value &&
				h.what === "state" ? " " + h.value : "")});
	for (const q of call.pairs)
		for (const [way, src, dst] of [
			["offer_to_answer", q.offer_address, q.answer_address],
			["answer_to_offer", q.answer_address, q.offer_address]]) {
			const c = q.checks[way];
			if (c && c.requests)
				out.push({time: c.first, src, dst,
					kind: "check", lost: !c.responses,
					frames: q.frames,
					text: c.requests + (c.requests === 1 ?
					" check, " : " checks, ") + c.responses +
					" answered" + (c.nominating ?
					", nominates" : "")});
		}
	for (const m of call.media)
		out.push({time: m.first, src: m.src, dst: m.dst, kind: "media",
			frame: m.frame, text: (m.kind || "RTP") +
			(m.codec ? " " + m.codec : "") + ", " + m.packets +
			" packets"});
	for (const e of out)
		e.raw = e.frames || (e.kind !== "media" && e.frame ?
			[e.frame] : []);
	return out.filter(e => e.time && e.src && e.dst).sort((a, b) =>
		ns(a.time) < ns(b.time) ? -1 : ns(a.time) > ns(b.time) ? 1 : 0);
}
function ladderView(call, number) {
	const all = events(call), kinds = ["sip", "turn", "check", "media"];
	const names = {sip: "SIP", turn: "TURN", check: "checks",
		media: "media"};
	const wanted = new Set(kinds), place = el("div", {class: "scroll",
		tabindex: 0, role: "region", "aria-label": "Ladder"});
	const raw = el("div", {role: "status"});
	if (!all.length)
		return null;
	const draw = () => place.replaceChildren(ladder(
		all.filter(e => wanted.has(e.kind)), number, raw));
	draw();
	return section("Ladder", el("div", {class: "tools ladder-filter"},
		kinds.filter(k => all.some(e => e.kind === k)).map(k =>
			el("label", {}, el("input", {type: "checkbox",
				checked: true, value: k, onchange: e => {
					wanted[e.target.checked ? "add" :
						"delete"](k);
					draw();
				}}), names[k]))), place, raw);
}
function ladder(list, number, raw) {
	const hosts = [...new Set(list.flatMap(e => [host(e.src),
		host(e.dst)]))];
	const gap = 190, left = 190, step = 30, top = 30;
	const x = e => left + hosts.indexOf(host(e)) * gap;
	const height = top + (list.length + 1) * step;
	/* What a host says to itself needs room behind the last one, too. */
	const width = left + (hosts.length - 1) * gap + 410;
	const out = svg("svg", {width, height,
		class: "ladder", role: "group", "aria-label":
		"Messages between " + hosts.join(", ")});
	hosts.forEach((h, i) => out.append(
		svg("text", {x: left + i * gap, y: 16,
			"text-anchor": "middle"}, shortened(h, 26)),
		svg("line", {class: "life", x1: left + i * gap, y1: 24,
			x2: left + i * gap, y2: height})));
	list.forEach((e, i) => out.append(arrow(e, list[0], {
		x1: x(e.src), x2: x(e.dst), y: top + (i + 1) * step, width},
		number, raw)));
	return out;
}
function arrow(e, first, at, number, raw) {
	const right = at.x2 >= at.x1, own = at.x1 === at.x2;
	const tip = own ? at.x2 + 14 : at.x2;
	const turn = right && !own ? -7 : 7;
	const open = () => showRaw(number, e, raw);
	const label = clock(e.time) + " " + e.src + " to " + e.dst + ": " +
		e.text;
	return svg("g", {class: "arrow " + e.kind + (e.lost ? " lost" : ""),
		tabindex: e.raw.length ? 0 : null,
		role: e.raw.length ? "button" : "img",
		"aria-label": label,
		onclick: e.raw.length ? open : () => {},
		onkeydown: k => {
			if (e.raw.length && (k.key === "Enter" ||
			    k.key === " ")) {
				k.preventDefault();
				open();
			}
		}},
		svg("title", {}, label),
		svg("rect", {class: "hit", x: 0, y: at.y - 18,
			width: at.width, height: 26}),
		svg("text", {class: "soft", x: 0, y: at.y + 4}, "+" +
			lasted(ms(first.time, e.time)) + (e.frame ?
			"  [" + placed(e.frame) + "]" : "")),
		svg("text", {x: Math.min(at.x1, at.x2) + 6, y: at.y - 5},
			shortened(e.text, 64)),
		svg("line", {x1: at.x1, x2: tip, y1: at.y, y2: at.y}),
		svg("path", {d: "M" + tip + " " + at.y + "l" + turn +
			" -4v8z"}));
}
async function showRaw(number, e, place) {
	const texts = await part("raw-" + number);
	const kept = e.raw.filter(f => texts[f]);
	place.replaceChildren(...(kept.length ? kept : e.raw.slice(0, 1))
		.flatMap(f => [el("h4", {}, "Frame " + placed(f)),
			el("pre", {tabindex: 0, class: "raw", role: "region",
				"aria-label": "Frame " + placed(f)},
				texts[f] || "This message was not kept.")]));
	place.scrollIntoView({block: "nearest"});
}
function matrixView(call) {
	if (!call.pairs.length)
		return null;
	const offers = [...new Set(call.pairs.map(q => q.offer_address))];
	const answers = [...new Set(call.pairs.map(q => q.answer_address))];
	const typed = {};
	for (const k of call.candidates)
		typed[k.address] = typed[k.address] || k.type;
	const named = a => el("span", {}, a || "?", " ", el("span",
		{class: "soft"}, typed[a] || ""));
	const head = [el("th", {scope: "col"}, "offer \\ answer"),
		answers.map(a => el("th", {scope: "col"}, named(a)))];
	const cell = (o, a) => {
		const q = call.pairs.find(p => p.offer_address === o &&
			p.answer_address === a);
		if (!q)
			return el("td", {class: "pair t-soft"}, "not checked");
		return el("td", {class: "pair " + q.state + (q.selected ?
			" selected" : ""), title: q.why || ""},
			colored(q.state, q.state), q.selected ? " ★ selected" :
			"", el("br"), el("span", {class: "soft"}, q.why || "",
			q.rtt_ms !== null ? ", " + q.rtt_ms + " ms" : ""));
	};
	return section("Pairs", el("div", {class: "scroll", tabindex: 0,
		role: "region", "aria-label": "Pairs of candidates"},
		el("table", {class: "matrix"}, el("thead", {}, el("tr", {},
			head)), el("tbody", {}, offers.map(o => el("tr", {},
			el("th", {scope: "row"}, named(o)),
			answers.map(a => cell(o, a))))))));
}
/* Who was seen where: hosts, what NATs made of them, relays, between them. */
function mapView(call) {
	const side = which => call.candidates.filter(k => k.side === which);
	const column = (list, type) => [...new Set(list.filter(k =>
		k.type === type || (type === "srflx" && k.type === "prflx"))
		.map(k => k.address))];
	const columns = [
		["offerer", column(side("offer"), "host")],
		["its NAT", column(side("offer"), "srflx")],
		["its relay", column(side("offer"), "relay")],
		["relay of the other", column(side("answer"), "relay")],
		["NAT of the other", column(side("answer"), "srflx")],
		["answerer", column(side("answer"), "host")],
	].filter(c => c[1].length);
	if (columns.length < 2)
		return null;
	const gap = 190, box = 170, at = {};
	const tall = Math.max(...columns.map(c => c[1].length));
	const out = svg("svg", {width: columns.length * gap, height:
		tall * 44 + 30 + columns.length * 12, role: "img", "aria-label":
		"Path map: " + columns.map(c => c[0] + " " +
		c[1].join(", ")).join("; ")});
	columns.forEach(([name, ends], i) => {
		out.append(svg("text", {class: "soft", x: i * gap + box / 2,
			y: 14, "text-anchor": "middle"}, name));
		ends.forEach((end, k) => {
			at[end] = at[end] || [i * gap, k * 44 + 24];
		});
	});
	const way = (one, other, kind, said) => {
		const a = at[one], b = at[other];
		if (!a || !b || a === b)
			return;
		const [l, r] = a[0] > b[0] ? [b, a] : [a, b];
		const x1 = l[0] + box, x2 = r[0];
		const bend = (Math.round((r[0] - l[0]) / gap) - 1) * 44;
		out.append(svg("path", {class: "way " + kind, d: "M" + x1 + " " +
			(l[1] + 16) + "Q" + (x1 + x2) / 2 + " " +
			((l[1] + r[1]) / 2 + 16 + bend) + " " + x2 + " " +
			(r[1] + 16)}, svg("title", {}, one + " - " + other +
			": " + said)));
	};
	for (const k of call.candidates)
		if (k.related)
			way(k.related, k.address, "", k.type + " of this base");
	for (const q of call.pairs)
		way(q.offer_address, q.answer_address, q.state + (q.selected ?
			" selected" : ""), q.why || q.state);
	for (const [end, [x, y]] of Object.entries(at))
		out.append(svg("rect", {class: "box", x, y, width: box,
			height: 32, rx: 4}), svg("text", {x: x + box / 2,
			y: y + 20, "text-anchor": "middle"},
			shortened(end, 26)));
	return section("Path map", wide("Path map", out));
}
const refs = (call, stage) => call.stages.find(s => s.stage === stage).refs;
const allocationsOf = call => lives.allocations.filter(a =>
	refs(call, "gathering").includes(a.id));
const tokensOf = call => lives.tokens.filter(t =>
	refs(call, "token").includes(t.id));
function livesView(call) {
	const allocations = allocationsOf(call), tokens = tokensOf(call);
	if (!allocations.length && !tokens.length)
		return null;
	const lives = allocations.filter(a => a.history.length).map(a => ({
		name: a.relayed || a.client, kind: a.state,
		from: a.history[0].time, note: a.state,
		to: a.history[a.history.length - 1].time,
		marks: a.history.map(h => ({time: h.time, to: h.to,
			what: (h.from || "begins") + " > " + h.to +
			(h.value ? " " + h.value : "")}))}));
	for (const t of tokens) {
		const from = t.issued || t.first_used, to = t.last_used || from;
		if (from)
			lives.push({name: "token " + (t.username || t.kind),
				kind: t.state, from, to, note: t.expires ?
				"expires " + t.expires.slice(0, 19) + "Z" :
				t.state});
	}
	return section("Allocations and tokens", lives.length ?
		bars("Life lines of allocations and tokens", lives) : null,
		table("Allocations", ["Client", "Server", "Relayed", "State",
			"Errors", "#Lifetime", "Integrity"],
			allocations.map(a => [a.client, a.server, a.relayed,
				colored(a.state), a.errors.join(" "),
				a.lifetime_s === null ? null :
				a.lifetime_s + " s", Object.entries(a.integrity)
				.filter(e => e[1]).map(e => e[1] + " " + e[0])
				.join(", ")])));
}
function findingsView(list) {
	const order = {error: 0, warning: 1, info: 2};
	return list.slice().sort((a, b) => order[a.severity] -
		order[b.severity]).map(f => el("div", {class: "finding " +
		f.severity}, el("strong", {class: tone(f.severity)},
			f.severity), ": ", f.message, f.count > 1 ? " (" +
			f.count + " times)" : "", el("br"),
		f.remedy ? el("span", {}, "What to do: ", f.remedy, el("br")) :
			null,
		el("span", {class: "soft"}, f.rule, " · ", f.source,
			f.frames.length ? " · " + framesOf(f.frames) :
			"")));
}
function causesView(list, good) {
	return list.length ? section(good ? "Weaknesses" : "Causes", el("ul", {}, list.map(c =>
		el("li", {}, el("strong", {}, c.headline), " (" + c.confidence +
		", " + c.stage + ")", el("br"), c.remedy ? "What to do" +
		(c.who ? " (" + c.who + "): " : ": ") + c.remedy : "",
		el("br"), el("span", {class: "soft"}, c.source,
			c.frames.length ? " · " + framesOf(c.frames) :
			""))))) : null;
}
/* What a stream did over time: steps, as long as the samples are. */
const GRAPHS_OPEN = 4;
function linesOf(m) {
	const s = m.series, n = s.packets.length;
	/* The last sample is not full. */
	const end = Math.max(ms(s.start, m.last) - (n - 1) * s.width_ms,
		s.width_ms / 4);
	return [["kbit/s", s.bytes.map((b, i) => b * 8 / (i < n - 1 ?
			s.width_ms : Math.min(end, s.width_ms)))],
		["% lost", s.lost.map((l, i) => 100 * l /
			Math.max(1, l + s.packets[i]))],
		["ms jitter", s.jitter_ms]];
}
function graphsOf(m) {
	const s = m.series, n = s.packets.length, left = 150, width = 560;
	const tall = 40, step = width / n, lines = linesOf(m);
	const most = lines.map(l => Math.max(...l[1]));
	const out = svg("svg", {class: "graph", role: "img", width: left +
		width + 10, height: lines.length * (tall + 14) + 22,
		"aria-label": "Over " + lasted(n * s.width_ms) + ": " +
		lines.map((l, i) => l[0] + " at most " + most[i].toFixed(1))
		.join(", ")});
	lines.forEach(([name, values], i) => {
		const base = i * (tall + 14) + tall + 4;
		const y = v => base - tall * v / (most[i] || 1);
		out.append(svg("text", {x: 0, y: base - 12}, name),
			svg("text", {class: "soft", x: left - 6, y: base - tall +
				10, "text-anchor": "end"}, most[i].toFixed(1)),
			svg("line", {class: "axis", x1: left, x2: left + width,
				y1: base, y2: base}),
			svg("path", {class: "line l" + i, d: "M" + left + " " +
				base + values.map((v, k) => "V" +
				y(v).toFixed(1) + "H" + (left + (k + 1) * step)
				.toFixed(1)).join("") + "V" + base}));
	});
	for (let k = 0; k < n; k++)
		out.append(svg("rect", {class: "hit", x: left + k * step, y: 0,
			width: step, height: lines.length * (tall + 14)},
			svg("title", {}, "+" + lasted(k * s.width_ms) + ": " +
			lines.map(l => l[1][k].toFixed(1) + " " + l[0])
			.join(", "))));
	out.append(svg("text", {class: "soft", x: left, y: lines.length *
		(tall + 14) + 14}, clock(s.start)), svg("text", {class: "soft",
		x: left + width, "text-anchor": "end", y: lines.length *
		(tall + 14) + 14}, "+" + lasted(n * s.width_ms)));
	return out;
}
function mediaView(call) {
	if (!call.media.length)
		return null;
	return section("Media", call.media.filter(m => m.series).map((m, i) =>
		el("details", {open: i < GRAPHS_OPEN}, el("summary", {},
			(m.kind || "RTP") + " " + m.src + " → " + m.dst +
			" (" + (m.codec ? m.codec + ", " : "") + "SSRC " +
			m.ssrc + ")"),
		   wide("Graphs of " + m.src, graphsOf(m)))),
		bars("Streams in time", call.media.filter(m => m.first).map(m =>
			({name: (m.kind || "RTP") + " " + m.src, from: m.first,
			  to: m.last, kind: "ok", note: m.packets +
			  " packets"}))),
		table("Media", ["Kind", "From", "To", "SSRC", "Codec", "#Packets",
			"#Lost", "#Jitter", "Way"], call.media.map(m =>
			[m.kind, m.src, m.dst, m.ssrc, m.codec, m.packets, m.lost,
			 m.jitter_ms === null ? "" : m.jitter_ms + " ms",
			 m.relayed ? "relay" : "direct"])));
}
async function callView(number) {
	const call = await part("call-" + number), v = call.verdict;
	lives = lives || await part("lives");
	const own = doc.findings.filter(f => f.call === call.id);
	const good = ["established", "ok"].includes(v.outcome);
	const but = good && v.causes && v.causes.length ?
		", but " + v.causes[0].headline : "";
	const kinds = {ice: "ICE session",
		attempt: "attempt that led to no call"};
	const ends = kinds[call.kind] && !(call.from && call.to) ?
		kinds[call.kind] + (call.from ? " of " + call.from : "") :
		(call.from || "?") + " → " + (call.to || "?");
	const title = el("h2", {tabindex: -1, id: "title"}, "Call " + number +
		": " + ends);
	return el("article", {"aria-labelledby": "title"}, title,
		el("div", {class: "verdict " + (but ? "warn" : good ? "ok" :
			v.outcome === "failed" ? "bad" : "warn")},
			el("strong", {}, (v.text || v.outcome) + but),
			el("p", {class: "soft"}, v.confidence, v.rule ?
				" · " + v.rule : "", " · ", call.start ?
				day(call.start) +
				" UTC" : "", call.call_id ? " · Call-ID " +
				call.call_id : "")),
		causesView(v.causes || [], good), stagesView(call),
		own.length ? section("Findings", findingsView(own)) : null,
		ladderView(call, number), matrixView(call), mapView(call),
		livesView(call), mediaView(call));
}

/* ---- the page ---- */
function openingsView(list) {
	return list.length ? [el("h3", {}, "Openings to ask for"),
		table("Openings to ask for", ["From", "Its ports", "To",
			"To ports", "Transport", "For", "Kind", "#Asked"],
			list.slice(0, 500).map(o => [o.src, o.src_ports, o.dst,
			 o.dst_ports, o.transport, o.purpose, colored(o.kind,
			 o.kind === "needed" ? "failed" : "warning"),
			 o.asked]))] : null;
}
function firewallView(ways) {
	if (!ways.paths.length)
		return "";
	const shown = ways.paths.slice(0, 500);
	return el("section", {"aria-labelledby": "ways"}, el("h2", {id:
		"ways"}, "Firewall table"), el("p", {class: "soft"},
		"The ways that were tried, and what came back."),
		table("Firewall table", ["From", "Its ports", "To", "Transport",
			"For", "#Asked", "#Answered", "Verdict", "Needed"],
			shown.map(p => [p.src, p.src_ports, p.dst, p.transport,
			 p.purpose, p.asked, p.answered, colored(p.verdict),
			 p.needed ? "yes" : "no"])),
		shown.length < ways.paths.length ? el("p", {class: "soft"},
			"and " + (ways.paths.length - shown.length) +
			" more") : null, openingsView(ways.openings || []));
}
function capturesView() {
	return el("section", {"aria-labelledby": "files"}, el("h2", {id:
		"files"}, "Captures"), table("Captures", ["Capture", "Format",
		"#Frames", "First (UTC)", "Last (UTC)", "Damage"],
		doc.captures.map(c => [c.path, c.format, c.frames,
			day(c.first_time), day(c.last_time), c.damaged])));
}
async function show() {
	const at = /^#call-(\d+)$/.exec(location.hash);
	const number = at ? Number(at[1]) : rows.length === 1 ? 1 : 0;
	const place = document.getElementById("detail");
	if (number < 1 || number > rows.length) {
		place.replaceChildren();
		return;
	}
	place.replaceChildren(await callView(number));
	if (at)
		document.getElementById("title").focus();
}
const app = document.getElementById("app");
const others = doc.findings.filter(f => !f.call);
app.append(...[rows.length > 1 ? indexView() : null,
	el("div", {id: "detail"}),
	others.length ? el("section", {}, el("h2", {}, "Findings of no call"),
		findingsView(others)) : null,
	el("div", {id: "firewall"}), capturesView()].filter(Boolean));
if (rows.length > 1)
	listCalls();
addEventListener("hashchange", show);
await show();
document.getElementById("firewall").append(firewallView(await part("ways")));
document.body.dataset.ready = "yes";
})();
