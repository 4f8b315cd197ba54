// Merchandising rules in the office, written without scripts: SOUK_STAFF=email:password lets the tests in.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, go, keep, visit } from "./shop.mjs";

after(close);

const [email, password] = (process.env.SOUK_STAFF ?? "").split(/:(.*)/s);
const skip = !password && "SOUK_STAFF is not set";

async function enter(page, lang) {
  await go(page, `/office/login?lang=${lang}`);
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.locator("form button[type=submit]").click();
  await page.waitForURL(/\/office$/);
}

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

test("list and form of rules are for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    await go(page, "/office/rules");
    await assertAccessible(page);
    await go(page, "/office/rules/new");
    await assertAccessible(page);
  }));
