// Synonyms in the office, looked at before they are saved: SOUK_STAFF=email:password lets the tests in.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, enter, go, keep, press, skip, visit } from "./shop.mjs";

after(close);

for (const { lang, size, market, unknown, known } of [
  { lang: "en", size: "wide", market: "GB", unknown: "zeppelino", known: "teapot" },
  { lang: "ar", size: "narrow", market: "KW", unknown: "زبلنية", known: "ورد" },
]) {
  test(`what nobody finds is repaired by a synonym in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false, expected: ["422"] }, async (page) => {
      await enter(page, lang);
      await go(page, `/office/synonyms/new?query=${encodeURIComponent(unknown)}&market=${market}`);
      assert.equal(await page.locator("#words").inputValue(), unknown);
      await press(page, ".save-bar .button[value=save]");
      assert.equal(await page.locator("#words").getAttribute("aria-invalid"), "true");

      const repair = new URLSearchParams({ query: unknown, market, means: known });
      await go(page, `/office/synonyms/new?${repair}`);
      const sides = page.locator(".side");
      assert.equal(await sides.count(), 2);
      assert.ok((await sides.nth(1).locator(".mark-new").count()) > 0);
      await page.locator("#trial").scrollIntoViewIfNeeded();
      await keep(page, `synonym-tried-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);
      await press(page, ".save-bar .button[value=save]");
      assert.match(page.url(), /\/office\/synonyms\?done=saved$/);
      await keep(page, `synonyms-${lang}-${size}`);
      await assertFits(page);

      await page.locator("table.synonyms a", { hasText: unknown }).first().click();
      await page.waitForURL(/\/office\/synonyms\/\d+$/);
      assert.equal(await page.locator("#words").inputValue(), `${unknown}\n${known}`);
      await press(page, ".save-bar .button[value=remove]");
      assert.match(page.url(), /\/office\/synonyms\?done=removed$/);
    }));
}

test("list and form of synonyms are for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    await go(page, "/office/synonyms");
    await assertAccessible(page);
    await go(page, "/office/synonyms/new?query=zeppelino&market=GB&means=teapot");
    await assertAccessible(page);
  }));
