// The shop as shoppers see it: run against a shop with the demo catalogue, SOUK_URL=… node --test
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, go, keep, url, visit } from "./shop.mjs";

after(close);

const PLACES = [
  { market: "GB", lang: "en", dir: "ltr", query: "christmas lights", typed: "ros", product: "long-stemmed-red-roses" },
  { market: "KW", lang: "ar", dir: "rtl", query: "ورد احمر", typed: "ورد", product: "long-stemmed-red-roses" },
];

/** The number that a total such as "1,234 products" or "١٢ منتجًا" begins with. */
async function total(page) {
  const text = await page.locator(".total").innerText();
  const western = text.replace(/[٠-٩]/g, (digit) => digit.charCodeAt(0) - 0x660);
  return Number(western.replace(/[^\d]/g, ""));
}

for (const { market, lang, dir, query, product } of PLACES) {
  for (const size of ["wide", "narrow"]) {
    const pages = [
      { name: "home", path: `/${market}?lang=${lang}`, shows: ".hero h1", many: ".tiles li" },
      {
        name: "search",
        path: `/${market}/search?lang=${lang}&q=${encodeURIComponent(query)}`,
        shows: "#results h1",
        many: ".cards .card",
      },
      { name: "product", path: `/${market}/p/${product}?lang=${lang}`, shows: ".product h1", many: ".variant" },
    ];
    for (const { name, path, shows, many } of pages) {
      test(`${name} in ${lang} on a ${size} screen`, () =>
        visit({ size }, async (page) => {
          const answer = await go(page, path);

          assert.equal(answer.status(), 200);
          assert.equal(await page.locator("html").getAttribute("dir"), dir);
          assert.equal(await page.locator("html").getAttribute("lang"), lang);
          assert.ok(await page.locator(shows).first().isVisible());
          assert.ok((await page.locator(many).count()) > 1, `several ${many}`);
          await keep(page, `${name}-${lang}-${size}`);
          await assertFits(page);
          if (size === "narrow") await assertTouchable(page);
          await assertAccessible(page);
        }));
    }
  }
}

for (const lang of ["ru", "kk"]) {
  test(`home, search and product in ${lang}`, () =>
    visit({ size: "narrow" }, async (page) => {
      for (const path of ["/KZ", "/KZ/search?q=раушан", "/KZ/p/long-stemmed-red-roses"]) {
        await go(page, `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);

        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await assertFits(page);
        await assertAccessible(page);
      }
      await keep(page, `product-${lang}-narrow`);
    }));
}

test("a facet narrows the results to its count, and the way back widens them", () =>
  visit({}, async (page) => {
    await go(page, "/KW/search?lang=en&q=rose");
    const all = await total(page);
    const value = page.locator(".facet a", { hasText: "Red" }).first();
    const count = Number(await value.locator(".count").innerText());

    await value.click();
    await page.waitForURL(/filter=colour/);
    await page.locator(".chips .chip").first().waitFor();

    assert.ok(count > 0 && count < all, `${count} of ${all}`);
    assert.equal(await total(page), count);
    await keep(page, "search-filtered-wide");

    await page.goBack();
    await page.waitForFunction(() => !document.querySelector(".chips"));
    assert.equal(await total(page), all);

    await page.goForward();
    await page.locator(".chips .chip").first().click();
    await page.waitForFunction(() => !document.querySelector(".chips"));
    assert.equal(await total(page), all);
  }));

test("results change while somebody types, and the way back leads to what was there", () =>
  visit({}, async (page) => {
    await go(page, "/GB/search?lang=en&q=mug");
    const before = await page.locator("#results h1").innerText();

    await page.locator("#q").fill("");
    await page.locator("#q").pressSequentially("roses", { delay: 40 });
    await page.waitForURL(/q=roses/);
    await page.waitForFunction(() => /roses/.test(document.querySelector("#results h1").textContent));

    assert.ok(await page.locator("#q").evaluate((field) => field === document.activeElement));
    assert.match(await page.title(), /roses/);
    await page.goBack();
    await page.waitForURL(/q=mug/);
    await page.waitForFunction((h1) => document.querySelector("#results h1").textContent === h1, before);
    assert.equal(await page.locator("#q").inputValue(), "mug");
  }));

test("sorting by price puts the cheapest first", () =>
  visit({}, async (page) => {
    await go(page, "/GB/search?lang=en&q=mug");

    await page.locator("#sort").selectOption("price");
    await page.waitForURL(/sort=price/);
    await page.waitForFunction(() => document.querySelector("#sort").value === "price");

    const values = await page.locator(".card .price data").evaluateAll((all) => all.map((data) => parseFloat(data.value)));
    assert.ok(values.length > 3);
    assert.deepEqual(values, [...values].sort((one, other) => one - other));
  }));

test("the next page shows other products", () =>
  visit({}, async (page) => {
    await go(page, "/GB/search?lang=en&q=bag");
    const links = () => page.locator(".card a").evaluateAll((all) => all.map((link) => link.pathname));
    const first = await links();

    await page.locator(".pages .next").click();
    await page.waitForURL(/cursor=/);
    await page.waitForFunction((link) => document.querySelector(".card a").pathname !== link, first[0]);

    const second = await links();
    assert.equal(second.filter((link) => first.includes(link)).length, 0);
  }));

for (const { market, lang, typed } of PLACES) {
  test(`suggestions appear while somebody types in ${lang}, and keys walk through them`, () =>
    visit({ size: lang === "ar" ? "narrow" : "wide" }, async (page) => {
      await go(page, `/${market}?lang=${lang}`);

      await page.locator("#q").pressSequentially(typed, { delay: 40 });
      const panel = page.locator(".suggestions");
      await panel.locator("a").first().waitFor();
      assert.ok((await panel.locator(".suggest-products li").count()) > 0);
      await keep(page, `suggestions-${lang}`);
      await assertFits(page);
      await assertAccessible(page);

      await page.keyboard.press("ArrowDown");
      assert.ok(await panel.locator("a").first().evaluate((link) => link === document.activeElement));
      await page.keyboard.press("Escape");
      assert.ok(await panel.isHidden());
      assert.ok(await page.locator("#q").evaluate((field) => field === document.activeElement));

      await page.keyboard.press("Enter");
      await page.waitForURL(/\/search\?q=/);
      assert.ok((await page.locator(".card").count()) > 0);
    }));
}

test("a misspelt query finds the same products and says so", () =>
  visit({}, async (page) => {
    await go(page, "/GB/search?lang=en&q=chrismas+ligths");

    assert.match(await page.locator(".note").innerText(), /christmas lights/);
    assert.match(await page.locator(".card-title").first().innerText(), /Christmas/);
    await keep(page, "search-corrected-wide");
  }));

test("a query that finds nothing shows where to go on", () =>
  visit({ size: "narrow" }, async (page) => {
    await go(page, "/KW/search?lang=en&q=qqqzzzxxx");

    assert.ok((await page.locator(".tiles li").count()) > 3);
    assert.ok((await page.locator(".card").count()) > 3);
    await keep(page, "search-nothing-narrow");
    await assertFits(page);
    await assertAccessible(page);
  }));

test("everything works without scripts", () =>
  visit({ script: false }, async (page) => {
    await go(page, "/GB?lang=en");
    await page.locator("#q").fill("roses");
    await page.locator(".search button").click();
    await page.waitForURL(/\/GB\/search\?q=roses/);
    const all = await total(page);

    await page.locator(".facet a", { hasText: "Pink" }).first().click();
    await page.waitForURL(/filter=colour/);
    assert.ok((await total(page)) < all);

    await page.locator("#sort").selectOption("-price");
    await page.locator(".sort button").click();
    await page.waitForURL(/sort=-price/);
    assert.match(page.url(), /filter=colour/);

    await page.locator("input[name=max]").fill("40");
    await page.locator(".price-form button").click();
    await page.waitForURL(/max=40/);
    for (const value of await page.locator(".card .price data").evaluateAll((all) => all.map((d) => d.value))) {
      assert.ok(parseFloat(value) <= 40, value);
    }

    await page.locator(".card a").first().click();
    await page.waitForURL(/\/GB\/p\//);
    assert.ok(await page.locator(".product-price").isVisible());
  }));

test("filters are a sheet on a phone that opens and closes without scripts", () =>
  visit({ size: "narrow", script: false }, async (page) => {
    await go(page, "/GB/search?lang=en&q=roses");
    assert.ok(await page.locator("#filters").isHidden());

    await page.locator(".open-sheet").click();
    assert.ok(await page.locator("#filters").isVisible());
    await keep(page, "filters-narrow");
    await assertFits(page);

    await page.locator(".sheet-close").click();
    assert.ok(await page.locator("#filters").isHidden());
  }));

test("the sheet stays open while filters are chosen", () =>
  visit({ size: "narrow" }, async (page) => {
    await go(page, "/GB/search?lang=en&q=roses");
    await page.locator(".open-sheet").click();

    await page.locator("#filters .facet a", { hasText: "Pink" }).first().click();
    await page.waitForURL(/filter=colour/);
    await page.locator("#filters a[aria-current]").first().waitFor();

    assert.ok(await page.locator("#filters").isVisible());
    await page.locator(".sheet-done").click();
    assert.ok(await page.locator("#filters").isHidden());
    assert.ok(await page.locator(".chips .chip").first().isVisible());
  }));

test("city and language are kept, and changing them keeps the page", () =>
  visit({}, async (page) => {
    await go(page, "/KW/search?lang=en&q=roses");

    await page.locator(".menu.city summary").click();
    await page.locator(".menu.city a", { hasText: "Salmiya" }).click();
    await page.waitForLoadState("networkidle");
    assert.match(page.url(), /q=roses/);
    assert.match(await page.locator(".city-name").innerText(), /Salmiya/);

    await page.locator(".menu.language summary").click();
    await page.locator(".menu.language a[lang=ar]").click();
    await page.waitForLoadState("networkidle");
    assert.match(page.url(), /q=roses/);

    await go(page, "/KW");
    assert.equal(await page.locator("html").getAttribute("lang"), "ar");
    assert.match(await page.locator(".city-name").innerText(), /السالمية/);
  }));

test("another variant has another price and stays in the address", () =>
  visit({}, async (page) => {
    await go(page, "/GB/p/long-stemmed-red-roses?lang=en");
    const price = await page.locator(".product-price .price").innerText();

    await page.locator(".variant:not([aria-current])").last().click();
    await page.waitForURL(/variant=/);

    assert.notEqual(await page.locator(".product-price .price").innerText(), price);
    await page.locator("#city").selectOption({ label: "London" });
    await page.waitForFunction(() => /London/.test(document.querySelector(".delivery .stock").textContent));
    assert.match(page.url(), /variant=/);
    const linked = JSON.parse(await page.locator("script[type='application/ld+json']").textContent());
    assert.equal(linked["@type"], "Product");
  }));

test("the first page lists every country, and dark is dark", () =>
  visit({}, async (page) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await go(page, "/?lang=en");

    assert.equal(await page.locator(".markets li").count(), 10);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red] = background.match(/\d+/g).map(Number);
    assert.ok(red < 60, background);
    await keep(page, "markets-dark-wide");
    await assertAccessible(page);
    await go(page, "/GB/search?q=rose");
    await keep(page, "search-dark-wide");
    await assertAccessible(page);
  }));

test("an address that leads nowhere is a page of the shop", () =>
  visit({ size: "narrow", expected: ["404"] }, async (page) => {
    for (const path of ["/XX", "/GB/p/no-such-product", "/GB/c/no-such-category", "/a/b/c/d"]) {
      const answer = await go(page, path);

      assert.equal(answer.status(), 404, path);
      assert.ok(await page.locator("main h1").isVisible());
      await assertFits(page);
    }
    await keep(page, "not-found-narrow");
    await assertAccessible(page);
  }));

test("pages protect themselves", async () => {
  const answer = await fetch(`${url}/GB`);
  const policy = answer.headers.get("content-security-policy");

  assert.match(policy, /default-src 'none'/);
  assert.ok(!policy.includes("unsafe"));
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
});
