// What every browser test shares: one browser, pages of a known size and language, and what every page must keep.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Evaluated rather than added as a script element, which the pages' security policy would refuse. */
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Address of the running shop. */
export const url = process.env.SOUK_URL?.replace(/\/$/, "");
assert.ok(url, "SOUK_URL must be the address of a running shop, such as http://127.0.0.1:8080");

/** Where simulated messengers show what the shop sends. */
export const messages = process.env.SOUK_MESSAGES?.replace(/\/$/, "");

/** Folder for screenshots; none are kept without it. */
const screenshots = process.env.SOUK_SCREENSHOTS;
if (screenshots) mkdirSync(screenshots, { recursive: true });

export const SIZES = { wide: { width: 1366, height: 900 }, narrow: { width: 390, height: 844 } };

let browser;

/** The one browser of a test file. */
async function open() {
  browser ??= await chromium.launch({
    executablePath: process.env.SOUK_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  return browser;
}

/** Closes the browser, so that the test process can end. */
export async function close() {
  await browser?.close();
}

/**
 * Runs `look` with a fresh visitor's page, then checks what must hold for every page: no error in the console and
 * nothing that failed to load.
 */
export async function visit(options, look) {
  const { size = "wide", script = true, lang = "en-GB", expected = [] } = options;
  const context = await (await open()).newContext({
    viewport: SIZES[size],
    locale: lang,
    javaScriptEnabled: script,
    hasTouch: size === "narrow",
  });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("requestfailed", (request) => {
    // A newer keystroke gives up the request of an older one.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()}`);
  });
  try {
    await look(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(faults.filter((fault) => !expected.some((known) => fault.includes(known))), []);
}

/** Goes to a page of the shop and waits until its pictures are there. */
export async function go(page, path) {
  return page.goto(url + path, { waitUntil: "networkidle" });
}

const [email, password] = (process.env.SOUK_STAFF ?? "").split(/:(.*)/s);
/** Why a test of the office is left out, where it is. */
export const skip = !password && "SOUK_STAFF is not set";

/** Enters the office. */
export async function enter(page, lang) {
  await go(page, `/office/login?lang=${lang}`);
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.locator("form button[type=submit]").click();
  await page.waitForURL(/\/office$/);
}

/** Presses a button, the first of several, and waits for what follows. */
export async function press(page, selector) {
  await page.locator(selector).first().click();
  await page.waitForLoadState("networkidle");
}

/** Keeps a picture of what is on the screen. */
export async function keep(page, name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

/** Nothing reaches past the edge of the screen. */
export async function assertFits(page) {
  const { over, widest } = await page.evaluate(() => {
    const root = document.documentElement;
    const past = ({ left, right }) => Math.max(right - root.clientWidth, -left);
    const scrolls = (element) =>
      element !== root && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    const boxes = [...document.body.querySelectorAll("*")]
      .filter((element) => element.checkVisibility() && !scrolls(element.parentElement))
      .map((element) => ({ what: element.outerHTML.slice(0, 80), past: past(element.getBoundingClientRect()) }));
    boxes.sort((one, other) => other.past - one.past);
    return { over: root.scrollWidth - root.clientWidth, widest: boxes[0]?.what };
  });
  assert.ok(over <= 0, `the page is ${over} px wider than the screen: ${widest}`);
}

/** Everything that is pressed with a finger is large enough for one; a tick or a choice with the words beside it. */
export async function assertTouchable(page) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("main button:not(.unseen), main select, main summary, main a.chip, main a.button, header summary, header button, input:not([type=hidden])")]
      .filter((element) => element.checkVisibility())
      .map((element) => ({
        what: element.outerHTML.slice(0, 80),
        box: ((["checkbox", "radio"].includes(element.type) && element.closest("label")) || element).getBoundingClientRect(),
      }))
      .filter(({ box }) => box.height < 41.5)
      .map(({ what, box }) => `${Math.round(box.height)} px: ${what}`),
  );
  assert.deepEqual(small, []);
}

/** No violation of WCAG 2.2 A and AA that a program can find. */
export async function assertAccessible(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  const said = found.violations.map(
    (rule) => `${rule.id}: ${rule.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`,
  );
  assert.deepEqual(said, []);
}

/** The newest message to somebody, once it is there. */
export async function message(to) {
  for (let tries = 0; tries < 100; tries += 1) {
    const letters = await (await fetch(`${messages}/letters.json`)).json();
    const letter = letters.find((one) => one.to === to);
    if (letter) return letter;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`nothing came for ${to}`);
}
