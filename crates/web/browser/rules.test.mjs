// Merchandising rules in the office, written without scripts: SOUK_STAFF=email:password lets the tests in.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, enter, go, keep, skip, visit } from "./shop.mjs";

after(close);

async function send(page) {
  await page.locator(".save-bar .button[value=save]").click();
  await page.waitForLoadState("networkidle");
}

for (const { lang, size } of [{ lang: "en", size: "wide" }, { lang: "ar", size: "narrow" }]) {
  test(`a rule is written, switched off and removed in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false, expected: ["422"] }, async (page) => {
      const name = `Roses first ${Date.now()}`;
      await enter(page, lang);
      await go(page, "/office/rules");
      await assertFits(page);
      await page.locator("a.button[href='/office/rules/new']").first().click();
      await page.locator("#name").fill(name);
      await page.locator("#where_text_0").fill("roses");
      await page.locator("#where_kind_1").selectOption("city");
      await page.locator("#where_text_1").fill("KW/nowhere");
      await page.locator("#do_kind_0").selectOption("boost");
      await page.locator("#do_text_0").fill("colour:red");
      await page.locator("#do_number_0").fill("50");
      await send(page);
      assert.equal(await page.locator("#where_text_1").getAttribute("aria-invalid"), "true");
      await keep(page, `rule-wrong-${lang}-${size}`);
      await page.locator("#where_kind_1").selectOption("");
      await send(page);
      assert.match(page.url(), /\/office\/rules\/\d+\?done=saved$/);
      assert.equal(await page.locator("#do_text_0").inputValue(), "colour:red");
      await keep(page, `rule-${lang}-${size}`);
      await assertFits(page);

      await go(page, `/office/rules?q=${encodeURIComponent(name)}`);
      assert.equal(await page.locator("table.rules .state-live").count(), 1);
      await keep(page, `rules-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);
      await page.locator("button[name=to]").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("table.rules .state-off").count(), 1);

      await page.locator("table.rules td a").first().click();
      await page.locator(".save-bar .button[value=remove]").click();
      await page.waitForURL(/\/office\/rules\?done=removed$/);
      await go(page, `/office/rules?q=${encodeURIComponent(name)}`);
      assert.equal(await page.locator("table.rules").count(), 0);
    }));
}

for (const { lang, size, market, query } of [
  { lang: "en", size: "wide", market: "GB", query: "christmas" },
  { lang: "ar", size: "narrow", market: "KW", query: "ورد" },
]) {
  test(`a hit is put first and another hidden, looked at and saved, in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false }, async (page) => {
      await enter(page, lang);
      await go(page, `/office/rules/new?query=${encodeURIComponent(query)}&market=${market}`);
      assert.equal(await page.locator("#where_text_0").inputValue(), query);
      const third = page.locator(".tried-hit").nth(2).locator("button[name=put]");
      const slug = await third.getAttribute("value");
      await third.click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator(".side").count(), 2);
      const after = page.locator(".side").nth(1).locator(".tried-hit");
      assert.match(await after.first().getAttribute("class"), /mark-pinned/);
      assert.equal(await after.first().locator("button[name=put]").getAttribute("value"), slug);
      assert.equal(await page.locator("#do_text_0").inputValue(), slug);
      const hidden = await after.nth(1).locator("button[name=drop]").getAttribute("value");
      await after.nth(1).locator("button[name=drop]").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("#do_text_1").inputValue(), hidden);
      assert.equal(await page.locator(".side").first().locator(".mark-hidden").count(), 1);
      await page.locator("#trial").scrollIntoViewIfNeeded();
      await keep(page, `rule-tried-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);

      await page.locator("#name").fill(`Tried ${lang} ${Date.now()}`);
      await send(page);
      assert.match(page.url(), /\/office\/rules\/\d+\?done=saved$/);
      await page.locator(".save-bar .button[value=remove]").click();
      await page.waitForURL(/\/office\/rules\?done=removed$/);
    }));
}

test("a rule that is tried out is for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    await go(page, "/office/rules/new?query=christmas&market=GB");
    await page.locator(".tried-hit button[name=put]").nth(1).click();
    await page.waitForLoadState("networkidle");
    await page.locator("#try_q").fill("teapot");
    await page.locator("#try_q").press("Enter");
    await page.waitForLoadState("networkidle");
    assert.equal(await page.locator(".verdict").count(), 1, "Enter compares and saves nothing");
    await assertAccessible(page);
  }));

test("list and form of rules are for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    await go(page, "/office/rules");
    await assertAccessible(page);
    await go(page, "/office/rules/new");
    await assertAccessible(page);
  }));
