// Experiments and models in the office: SOUK_STAFF=email:password lets the tests in.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, enter, go, keep, press, skip, visit } from "./shop.mjs";

after(close);

for (const { lang, size } of [{ lang: "en", size: "wide" }, { lang: "ar", size: "narrow" }]) {
  test(`an experiment is made, started and stopped in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false, expected: ["422"] }, async (page) => {
      await enter(page, lang);
      await go(page, "/office/experiments/new?market=OM&place=trending");
      await page.locator("#name").fill(`A test ${lang}`);
      await page.locator("#variant_name_1").fill("margin");
      await page.locator("#weight_1").fill("much");
      await press(page, ".save-bar .button[value=save]");
      assert.equal(await page.locator("#weight_1").getAttribute("aria-invalid"), "true");
      await page.locator("#weight_1").fill("1");
      await page.locator("#objective_1").selectOption("margin");
      await press(page, ".save-bar .button[value=save]");
      assert.match(page.url(), /done=saved$/);
      assert.equal(await page.locator("#objective_1").inputValue(), "margin");
      await keep(page, `experiment-draft-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);

      await press(page, "a[href*='ask=start']");
      await press(page, ".question button[value=start]");
      assert.equal(await page.locator(".work-head .state-live").count(), 1);
      assert.equal(await page.locator("#objective_1").count(), 0, "what is seen is not changed");
      assert.equal(await page.locator(".came-of tbody tr").count(), 2);
      await keep(page, `experiment-running-${lang}-${size}`);
      await assertFits(page);
      await press(page, "a[href*='ask=stop']");
      await press(page, ".question button[value=stop]");
      assert.equal(await page.locator("a[href*='ask=']").count(), 0);
      await go(page, "/office/experiments");
      assert.ok(await page.locator("table.experiments tbody tr").count() > 0);
      await keep(page, `experiments-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);
    }));

  test(`it is told why each product is shown in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false }, async (page) => {
      await enter(page, lang);
      await go(page, "/office/models?market=GB");
      await keep(page, `models-${lang}-${size}`);
      await assertFits(page);
      await go(page, "/office/models/why?market=GB&place=home&visitor=somebody");
      assert.ok(await page.locator(".tried-hit").count() > 0);
      assert.ok(await page.locator(".score-parts").count() > 0);
      await keep(page, `why-${lang}-${size}`);
      await assertFits(page);
      if (size === "narrow") await assertTouchable(page);
      await page.locator("#place").selectOption("similar");
      await press(page, ".why-ask button");
      assert.equal(await page.locator("#product").getAttribute("aria-invalid"), "true");
    }));
}

test("the pages of experiments and models are for everybody", { skip }, () =>
  visit({}, async (page) => {
    await enter(page, "en");
    for (const path of ["/office/models?market=GB", "/office/models/why?market=GB", "/office/experiments", "/office/experiments/new"]) {
      await go(page, path);
      await assertAccessible(page);
    }
  }));
