// The office's board of orders and the page of one: an order is bought, moved along, and taken back in part.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, close, go, keep, visit } from "./shop.mjs";

after(close);

const [email, password] = (process.env.SOUK_STAFF ?? "").split(/:(.*)/s);
const skip = !password && "SOUK_STAFF is not set";

/** Buys two bunches of roses for cash; gives the order's number. */
async function buy(page) {
  await go(page, "/KW/p/long-stemmed-red-roses?lang=en&city=salmiya");
  await page.locator("#quantity").fill("2");
  await page.locator("form.buy button").click();
  await page.locator(".buying-go button").first().click();
  await page.locator("#recipient").fill("Noor");
  await page.locator("#phone").fill("50012345");
  await page.locator("#address").fill("Block 4");
  const saved = page.waitForNavigation({ waitUntil: "networkidle" });
  await page.locator(".time input:not(:disabled)").first().check({ force: true });
  await saved;
  await page.locator(".buying-go button").click();
  await page.locator("#phone").fill("50012345");
  await page.locator("input[name=method][value=cash]").check();
  await page.locator(".buying-go button").click();
  await page.waitForURL(/\/orders\/KW-/);
  return new URL(page.url()).pathname.split("/").at(-1);
}

async function logIn(page, lang) {
  await go(page, `/office/login?lang=${lang}`);
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.locator("form button[type=submit]").click();
  await page.waitForURL(/\/office$/);
}

test("an order appears on the board by itself, is moved along and taken back in part", { skip }, async () => {
  await visit({}, async (page) => {
    await logIn(page, "en");
    await page.goto(page.url() + "/orders?market=KW", { waitUntil: "load" });
    let number;
    await visit({}, async (shopper) => (number = await buy(shopper)));
    const tile = (column) => page.locator(`section[aria-labelledby=column-${column}] .tile`, { hasText: number });
    await tile("placed").waitFor();
    await keep(page, "office-orders-en-wide");
    await assertAccessible(page);

    await tile("placed").locator("button", { hasText: "Accepted" }).click();
    await page.waitForURL(/done=moved/);
    await tile("accepted").locator("a").click();
    for (const state of ["Ready", "On its way", "Delivered"]) {
      await page.locator(".order-moves button", { hasText: state }).click();
      await page.waitForURL(/done=moved/);
      await page.locator(".work-head .state", { hasText: state }).waitFor();
    }
    await page.locator(".return-count").fill("1");
    await page.locator(".goods-form button", { hasText: "Take back" }).click();
    await page.waitForURL(/done=taken/);
    assert.match(await page.locator(".history").innerText(), /Part of it came back/);
    await keep(page, "office-order-en-wide");
    await assertFits(page);
    await assertAccessible(page);
  });
});

test("the board fits a phone in Arabic", { skip }, () =>
  visit({ size: "narrow" }, async (page) => {
    await logIn(page, "ar");
    await page.goto(page.url() + "/orders", { waitUntil: "load" });
    assert.equal(await page.locator(".column").count(), 7);
    await keep(page, "office-orders-ar-narrow");
    await assertFits(page);
    await assertAccessible(page);
  }));
