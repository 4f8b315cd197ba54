// What shoppers search for and click, in the office a moment later.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, close, go, keep, visit } from "./shop.mjs";

after(close);

const [email, password] = (process.env.SOUK_STAFF ?? "").split(/:(.*)/s);
const skip = !password && "SOUK_STAFF is not set";

async function logIn(page, lang) {
  await go(page, `/office/login?lang=${lang}`);
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.locator("form button[type=submit]").click();
  await page.waitForURL(/\/office$/);
}

/** The first cell of the table of this name that has these words, once it is there. */
async function line(page, path, words) {
  for (let tries = 0; tries < 50; tries += 1) {
    await go(page, path);
    const row = page.locator(".queries tr", { hasText: words });
    if (await row.count()) return row.first();
  }
  assert.fail(`${words} is not among the figures`);
}

for (const { lang, size, market } of [
  { lang: "en", size: "wide", market: "GB" },
  { lang: "ar", size: "narrow", market: "KW" },
]) {
  const queries = { en: ["christmas lights", "zeppelin airship"], ar: ["ورد أحمر", "منطاد زبلن"] }[lang];

  test(`searches and clicks become figures in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size }, async (page) => {
      await go(page, `/${market}?lang=${lang}`);
      for (const query of [...queries].reverse()) {
        await go(page, `/${market}/search?q=${encodeURIComponent(query)}`);
      }
      const told = page.waitForResponse((answer) => answer.url().endsWith(`/${market}/events`));
      await page.locator(".cards a").nth(1).click();
      assert.equal((await told).status(), 204);
      await page.locator("form.buy button").first().click();
      await page.waitForURL(/\/cart\/[0-9a-f-]{36}/);

      await logIn(page, lang);
      const path = `/office/analytics?market=${market}`;
      const found = await line(page, path, queries[0]);
      assert.match(await found.innerText(), /(100|١٠٠)[%٪]/);
      assert.match(await found.innerText(), /[2٢][.٫][0٠]/);
      const carted = { en: "Into the cart", ar: "أضيف إلى السلة" }[lang];
      const heads = await found.locator("xpath=ancestor::table").locator("th").allTextContents();
      assert.match(await found.locator("td").nth(heads.indexOf(carted)).innerText(), /(100|١٠٠)[%٪]/);
      const lost = await line(page, path, queries[1]);
      const repair = await lost.locator("a[href^='/office/rules/new']").getAttribute("href");
      assert.equal(new URLSearchParams(repair.split("?")[1]).get("query"), queries[1]);
      await page.locator("summary", { hasText: { en: "As a table", ar: "كجدول" }[lang] }).click();
      assert.equal(await page.locator("details[open] tbody tr").count(), 7);
      await keep(page, `analytics-${lang}-${size}`);
      await assertFits(page);
      await assertAccessible(page);
    }));
}

test("a country where nobody searched says so", { skip }, () =>
  visit({}, async (page) => {
    await logIn(page, "en");
    await go(page, "/office/analytics?market=OM");

    assert.match(await page.locator(".empty h2").innerText(), /No searches/);
    await keep(page, "analytics-empty-wide");
    await assertAccessible(page);
  }));

test("a visitor finds their own queries in the panel", () =>
  visit({}, async (page) => {
    await go(page, "/GB?lang=en");
    await go(page, "/GB/search?q=wicker+heart");
    await go(page, "/GB");
    for (let tries = 0; tries < 50; tries += 1) {
      await page.locator("#q").fill("");
      await page.locator("#q").pressSequentially("wick");
      await page.locator(".suggestions a").first().waitFor();
      if (/Your searches/.test(await page.locator(".suggestions").innerText())) break;
    }
    assert.match(await page.locator(".suggest-words").innerText(), /Your searches\s+wicker heart/);
    await keep(page, "suggest-recent-wide");
    await assertAccessible(page);
  }));
