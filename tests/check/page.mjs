// Drives the HTML report in a headless browser; prints a line of JSON.
// node page.mjs MODULES BROWSER FILE [SCREENSHOT]
import {createRequire} from "node:module";
import path from "node:path";

const [, , modules, browserPath, file, screenshot] = process.argv;
const require = createRequire(path.join(modules, "index.js"));
const {chromium} = require("playwright-core");
const out = {console: [], requests: [], facts: {}};
const browser = await chromium.launch({executablePath: browserPath,
	args: ["--no-sandbox"], timeout: 120000});

async function open(options, hash) {
	const page = await browser.newPage(options);
	page.setDefaultTimeout(120000); // a machine may be busy
	page.on("console", m => out.console.push(m.text()));
	page.on("pageerror", e => out.console.push("error: " + e.message));
	page.on("request", r => out.requests.push(r.url()));
	await page.goto("file://" + file + (hash || ""));
	await page.waitForSelector("body[data-ready]");
	return page;
}

const wide = {viewport: {width: 1200, height: 900}};
let page = await open(wide);
const facts = out.facts;
facts.title = await page.title();
facts.tables = await page.locator("table").count();
facts.rows = await page.locator("#calls tbody tr").count();
if (facts.rows) {
	await page.fill("#find", "no such thing");
	facts.found = await page.locator("#calls tbody tr").count();
	await page.fill("#find", "");
	await page.locator("#calls tbody a").first().click();
	await page.waitForSelector("#title");
	facts.hash = await page.evaluate(() => location.hash);
	facts.focus = await page.evaluate(() => document.activeElement.id);
}
facts.headings = await page.locator("#detail h3").allTextContents();
facts.stages = await page.locator(".stages li").count();
facts.evidence = await page.locator(".stages li").last().textContent();
facts.arrows = await page.locator(".ladder .arrow").count();
const filter = page.locator(".ladder-filter input[value=sip]");
if (await filter.count()) {
	await filter.focus();
	await page.keyboard.press("Space");
	facts.filtered = await page.locator(".ladder .arrow").count();
	await page.keyboard.press("Space");
	await page.locator(".ladder .arrow.sip").first().focus();
	await page.keyboard.press("Enter");
	await page.waitForSelector("pre.raw");
	facts.raw = await page.locator("pre.raw").first().textContent();
	const check = page.locator(".ladder .arrow.check[tabindex]").first();
	if (await check.count()) {
		await check.focus();
		await page.keyboard.press(" ");
		await page.waitForFunction(() => !document.querySelector(
			"pre.raw").textContent.startsWith("INVITE"));
		facts.bytes = await page.locator("pre.raw").first()
			.textContent();
	}
}
facts.graphs = await page.locator("svg.graph path.line").count();
facts.unnamed = await page.evaluate(() => [...document.querySelectorAll(
	"input, select, button, svg, [role=region]")].filter(e =>
	!e.closest("label") && !e.getAttribute("aria-label") &&
	!e.textContent.trim()).map(e => e.outerHTML.slice(0, 80)));
if (screenshot)
	await page.screenshot({path: screenshot, fullPage: true});
const paper = () => page.evaluate(() =>
	getComputedStyle(document.body).backgroundColor);
facts.light = await paper();
page = await open({...wide, colorScheme: "dark"});
facts.dark = await paper();
await page.emulateMedia({media: "print"});
facts.printed = await page.evaluate(() => getComputedStyle(
	document.querySelector(".tools") || document.querySelector(".skip"))
	.display);
page = await open({viewport: {width: 390, height: 800}});
facts.overflow = await page.evaluate(() =>
	document.documentElement.scrollWidth - innerWidth);
await browser.close();
console.log(JSON.stringify(out));
