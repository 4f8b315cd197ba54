// The weights of the ranking and blocked words in the office: SOUK_STAFF=email:password lets the tests in.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, enter, go, keep, press, skip, visit } from "./shop.mjs";

after(close);

for (const { lang, size } of [{ lang: "en", size: "wide" }, { lang: "ar", size: "narrow" }]) {
  test(`weights are looked at, saved and taken back in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false, expected: ["422"] }, async (page) => {
      await enter(page, lang);
      await go(page, "/office/search-settings?market=OM");
      await page.locator("#text").fill("much");
      await press(page, ".save-bar .button[value=save]");
      assert.equal(await page.locator("#text").getAttribute("aria-invalid"), "true");

      await page.locator("#text").fill("0.1");
      await page.locator("#popularity").fill("5");
      await page.locator("#note").fill("A test");
      await press(page, ".trial-go button");
      assert.equal(await page.locator(".side").count(), 2);
      assert.equal(await page.locator("#popularity").inputValue(), "5");
      await keep(page, `search-settings-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);
      await press(page, ".save-bar .button[value=save]");
      assert.match(page.url(), /market=OM&done=saved$/);
      assert.equal(await page.locator("#popularity").inputValue(), "5");
      assert.equal(await page.locator(".state-live").count(), 1);

      await press(page, "a[href$='from=0']");
      assert.equal(await page.locator("#popularity").inputValue(), "0.15");
      assert.equal(await page.locator(".side").count(), 2, "what is used again is looked at first");
      await press(page, ".save-bar .button[value=save]");
      assert.equal(await page.locator("#popularity").inputValue(), "0.15");
    }));

  test(`a word is blocked and let go in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false }, async (page) => {
      await enter(page, lang);
      await go(page, "/office/blocked-words");
      await page.locator("#word").fill("Zeppelin  Airship");
      await press(page, ".sheet button");
      assert.equal(await page.locator("table.blocked td", { hasText: "zeppelin airship" }).count(), 1);
      await keep(page, `blocked-words-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);
      await press(page, "button[value='zeppelin airship']");
      assert.equal(await page.locator("button[value='zeppelin airship']").count(), 0);
    }));
}

test("weights can be pulled, and both pages are for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    await go(page, "/office/search-settings?market=GB");
    const slider = page.locator(".weight input[type=range]").first();
    await slider.fill("0.5");
    assert.equal(await page.locator("#text").inputValue(), "0.5");
    await assertAccessible(page);
    await go(page, "/office/blocked-words");
    await assertAccessible(page);
  }));
