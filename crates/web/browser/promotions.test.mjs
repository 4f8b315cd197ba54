// Promotions in the office, written without scripts: SOUK_STAFF=email:password lets the tests in.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, enter, go, keep, skip, visit } from "./shop.mjs";

after(close);

async function send(page) {
  await page.locator(".save-bar .button[value=save]").click();
  await page.waitForLoadState("networkidle");
}

for (const { lang, size } of [{ lang: "en", size: "wide" }, { lang: "ar", size: "narrow" }]) {
  test(`a promotion with coupons is made, changed and ended in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false, expected: ["422"] }, async (page) => {
      const name = `Roses ${lang} ${Date.now()}`;
      const code = `T${Date.now()}`;
      await enter(page, lang);
      await go(page, "/office/promotions");
      await assertFits(page);
      await page.locator("a.button[href='/office/promotions/new']").first().click();
      await page.locator("#name").fill(name);
      await page.locator("#label_en").fill("A tenth off");
      await page.locator("#label_ar").fill("خصم العُشر");
      await page.locator("#market").selectOption("KW");
      await page.locator("#rate").fill("110");
      await page.locator("#cities").fill("nowhere");
      await page.locator("#coupons").fill(`${code} 5`);
      await send(page);
      assert.equal(await page.locator("#rate").getAttribute("aria-invalid"), "true");
      assert.equal(await page.locator("#cities").getAttribute("aria-invalid"), "true");
      await keep(page, `promotion-wrong-${lang}-${size}`);
      await assertFits(page);
      await page.locator("#rate").fill("10");
      await page.locator("#cities").fill("");
      await send(page);
      assert.match(page.url(), /\/office\/promotions\/\d+\?done=saved$/);
      assert.equal(await page.locator("#coupons").inputValue(), `${code} 5`);
      await page.locator("#rate").fill("12.5");
      await send(page);
      assert.equal(await page.locator("#rate").inputValue(), "12.5");
      await keep(page, `promotion-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);

      await go(page, "/office/promotions?market=KW");
      const row = page.locator("table.promotions tr", { hasText: name });
      assert.equal(await row.locator(".state-live").count(), 1);
      await keep(page, `promotions-${lang}-${size}`);
      await assertFits(page);
      await row.locator("a").click();
      await page.locator("a[href$='?ask=end#ask']").click();
      await page.locator("#ask button[value=end]").click();
      await page.waitForURL(/\/office\/promotions\/\d+\?done=ended$/);
      assert.equal(await page.locator(".head-and-state .state-ended").count(), 1);
    }));
}

test("list and form of promotions are for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    await go(page, "/office/promotions");
    await assertAccessible(page);
    await go(page, "/office/promotions/new");
    await assertAccessible(page);
  }));
