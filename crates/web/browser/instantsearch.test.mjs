// A page of another site, written for Algolia's clients, with this shop behind it: unmodified libraries from npm, and
// nothing of the page but its client's hosts says where it asks. SOUK_SITE is an address that the shop's `cors_origins` names.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { close, keep, url, visit } from "./shop.mjs";

const site = process.env.SOUK_SITE?.replace(/\/$/, "");
const skip = !site && "SOUK_SITE is not set";

const read = (path) => readFileSync(new URL(path, import.meta.url));
const library = (name) => readFileSync(createRequire(import.meta.url).resolve(name));

/** What the site serves, by path. */
function files() {
  const { hostname, port, protocol } = new URL(url);
  const host = { url: hostname, port, protocol: protocol.slice(0, -1), accept: "readWrite" };
  const hosts = `window.SHOP_HOSTS = ${JSON.stringify([host])};\n`;
  return {
    "/": ["text/html", read("site/index.html")],
    "/autocomplete": ["text/html", read("site/autocomplete.html")],
    "/algoliasearch.js": [
      "text/javascript",
      hosts + read("node_modules/algoliasearch/dist/lite/builds/browser.umd.js"),
    ],
    "/instantsearch.js": [
      "text/javascript",
      library("instantsearch.js/dist/instantsearch.production.min.js"),
    ],
  };
}

let server;

before(async () => {
  if (skip) return;
  const served = files();
  server = createServer((request, response) => {
    const [type, body] = served[new URL(request.url, site).pathname] ?? ["text/plain", ""];
    response.writeHead(body ? 200 : 404, { "content-type": `${type}; charset=utf-8` }).end(body);
  });
  server.listen(Number(new URL(site).port), new URL(site).hostname);
  await once(server, "listening");
});

after(async () => {
  server?.close();
  await close();
});

/** Opens a page of the site; it may ask the site and the shop, and nobody else. */
async function open(page, path) {
  const strangers = [];
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && ![site, url].includes(origin)) strangers.push(request.url());
  });
  await page.goto(site + path, { waitUntil: "networkidle" });
  return strangers;
}

/** What the shop itself says to the same question. */
async function shop(query) {
  const answer = await fetch(`${url}/v1/GB/search?lang=en&${query}`);
  assert.equal(answer.status, 200);
  return answer.json();
}

/** Waits until the page shows this many gifts. */
async function shows(page, total) {
  await page.locator("#stats", { hasText: new RegExp(`^\\s*${total} gifts`) }).waitFor();
}

const texts = (page, selector) => page.locator(selector).allInnerTexts();
const prices = (page) =>
  page.locator("#hits [data-price]").evaluateAll((them) => them.map((it) => Number(it.dataset.price)));

test("a page written for Algolia's clients shows hits, pictures, counts and pages", { skip }, () =>
  visit({}, async (page) => {
    const strangers = await open(page, "/");
    const all = await shop("facets=category,colour&limit=12");

    await shows(page, all.total);
    assert.deepEqual(await texts(page, "#hits h3"), all.hits.map((hit) => hit.title));
    const drawn = await page.locator("#hits img").evaluateAll((them) => them.every((it) => it.naturalWidth > 0));
    assert.ok(drawn, "every picture is there");
    const [colour] = all.facets.colour;
    const first = page.locator("#colours label").first();
    assert.match(await first.innerText(), new RegExp(`${colour.label}\\s*${colour.count}`));
    const roots = all.facets.category.filter((value) => !value.parent).slice(0, 10);
    const tree = await texts(page, "#tree .ais-HierarchicalMenu-link");
    assert.deepEqual(
      tree.map((text) => text.replace(/\n/g, "")).sort(),
      roots.map((value) => value.label + value.count.toLocaleString("en")).sort(),
    );
    assert.deepEqual(strangers, []);
    await keep(page, "instantsearch-wide");
  }));

test("typing finds, marks, narrows and orders as the shop does", { skip }, () =>
  visit({}, async (page) => {
    await open(page, "/");
    const all = await shop("q=christmas&limit=1");

    await page.locator("#box input").pressSequentially("christmas");
    await shows(page, all.total);
    const marks = await texts(page, "#hits mark");
    assert.ok(marks.length > 0 && marks.every((mark) => /^christmas$/i.test(mark)), `${marks}`);

    await page.locator("#sort select").selectOption("products_gb_price_asc");
    await page.waitForResponse((answer) => answer.url().includes("/1/indexes/"));
    const cheapest = await shop("q=christmas&sort=price&limit=12");
    await page.locator("#hits h3", { hasText: cheapest.hits[0].title }).first().waitFor();
    assert.deepEqual(await prices(page), cheapest.hits.map((hit) => hit.price.minor / 100));

    await page.locator("#pages a", { hasText: /^2$/ }).click();
    const second = await shop(`q=christmas&sort=price&limit=12&cursor=${cheapest.next}`);
    await page.locator("#hits h3", { hasText: second.hits.at(-1).title }).first().waitFor();
    assert.deepEqual(await texts(page, "#hits h3"), second.hits.map((hit) => hit.title));

    const minimum = page.locator("#price .ais-RangeInput-input--min");
    await minimum.fill("5");
    await page.locator("#price button").click();
    const dear = await shop("q=christmas&filter=price:500..&limit=1");
    await shows(page, dear.total);
    await keep(page, "instantsearch-narrowed-wide");
  }));

test("values are alternatives that keep their counts, and the tree opens level by level", { skip }, () =>
  visit({}, async (page) => {
    await open(page, "/");
    const { colour: colours, category } = (await shop("facets=colour,category&limit=1")).facets;
    const tick = async (value) => {
      await page.locator("#colours label", { hasText: value.label }).first().click();
    };

    await tick(colours[0]);
    await shows(page, colours[0].count);
    await tick(colours[1]);
    const either = await shop(`filter=colour:${colours[0].value}&filter=colour:${colours[1].value}&limit=1`);
    await shows(page, either.total);
    for (const value of colours.slice(0, 2)) {
      const label = page.locator("#colours label", { hasText: value.label }).first();
      assert.match(await label.innerText(), new RegExp(`${value.count}$`));
    }
    await tick(colours[0]);
    await tick(colours[1]);

    const parent = category.find((value) => category.some((child) => child.parent === value.value));
    const child = category.find((value) => value.parent === parent.value);
    const link = (value) => page.locator("#tree a", { hasText: value.label }).first();
    await link(parent).click();
    await shows(page, parent.count);
    await page.locator("#tree .ais-HierarchicalMenu-list--child a", { hasText: child.label }).first().click();
    await shows(page, child.count);
    assert.ok(await link(parent).isVisible());
    assert.equal(await page.locator("#tree .ais-HierarchicalMenu-list--child .ais-HierarchicalMenu-item--selected").count(), 1);
    await link(parent).click();

    const sought = category.at(-1);
    await page.locator("#categories input[type=search]").fill(sought.label.slice(0, 4));
    const found = page.locator("#categories label", { hasText: sought.label }).first();
    await found.waitFor();
    assert.ok((await found.locator("mark").count()) > 0, "what was typed is marked");
  }));

test("the autocomplete widget suggests queries and products", { skip }, () =>
  visit({}, async (page) => {
    await open(page, "/autocomplete");
    const suggested = await (await fetch(`${url}/v1/GB/suggest?lang=en&q=chr`)).json();

    // As a person types: the widget loses letters that come faster than it draws.
    await page.locator("#autocomplete input").first().pressSequentially("chr", { delay: 150 });

    const panel = page.locator(".ais-AutocompletePanel");
    await panel.getByText(suggested.queries[0].text).first().waitFor();
    await panel.locator(".product").first().waitFor();
    assert.ok((await panel.locator(".product").count()) <= 4);
    await keep(page, "instantsearch-autocomplete-wide");
  }));
