// The office's board of orders and the page of one: an order is bought, moved along, and taken back in part.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, go, keep, message, messages, visit } from "./shop.mjs";

after(close);

const [email, password] = (process.env.SOUK_STAFF ?? "").split(/:(.*)/s);
const skip = !password && "SOUK_STAFF is not set";

/** Buys three bunches of roses for cash, wrapped as a gift; gives the order's number. */
async function buy(page) {
  await go(page, "/KW/p/long-stemmed-red-roses?lang=en&city=salmiya");
  await page.locator("#quantity").fill("3");
  await page.locator("form.buy button").click();
  const wrapped = page.waitForNavigation({ waitUntil: "networkidle" });
  await page.locator("input[name^=wrap-]").check();
  await wrapped;
  assert.match(await page.locator(".totals").innerText(), /Gift wrapping\s+KWD.0\.750/);
  await keep(page, "cart-wrapped-en-wide");
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

test("an order appears on the board by itself, loses what cannot be had, is moved along and taken back in part", { skip }, async () => {
  await visit({}, async (page) => {
    await logIn(page, "en");
    await page.goto(page.url() + "/orders?market=KW", { waitUntil: "load" });
    let number;
    await visit({}, async (shopper) => (number = await buy(shopper)));
    const tile = (column) => page.locator(`section[aria-labelledby=column-${column}] .tile`, { hasText: number });
    await tile("placed").waitFor();
    const scroll = await page.locator(".board-scroll").evaluate((board) => board.scrollWidth - board.clientWidth);
    assert.ok(scroll <= 0, `the board reaches ${scroll} px past a screen of 1366`);
    await keep(page, "office-orders-en-wide");
    await assertAccessible(page);

    await tile("placed").locator("button", { hasText: "Accepted" }).click();
    await page.waitForURL(/done=moved/);
    await tile("accepted").locator("a").click();
    assert.match(await page.locator(".editor-side").innerText(), /Wrapped as a gift/);
    await page.locator(".return-count").fill("1");
    await page.locator(".goods-form button", { hasText: "Take out" }).click();
    await page.waitForURL(/done=taken/);
    assert.match(await page.locator(".history").innerText(), /Part of it was taken out/);
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

test("somebody on the telephone is served on one page, with the keyboard alone", { skip }, () =>
  visit({ expected: ["422"] }, async (page) => {
    await logIn(page, "en");
    await page.goto(page.url() + "/orders?market=KW", { waitUntil: "load" });
    await page.locator(".work-head a.button").click();
    await page.waitForURL(/\/orders\/new\?market=KW/);
    const began = performance.now();
    const type = (text) => page.keyboard.type(text);
    const press = async (key) => {
      const shown = page.waitForNavigation({ waitUntil: "load" });
      await page.keyboard.press(key);
      await shown;
    };
    await type("red roses");
    await press("Enter");
    await keep(page, "office-telephone-found-en-wide");
    await press("Enter");
    assert.equal(await page.locator(".call-lines tbody tr").count(), 1);
    await page.locator("#payer-phone").focus();
    await type("50012345");
    await page.locator("#recipient").focus();
    await type("Noor");
    await page.locator("#phone").focus();
    await type("55512345");
    await page.locator("#address").focus();
    await type("Block 4, street 2");
    const timed = page.waitForNavigation({ waitUntil: "load" });
    await page.locator("#city").selectOption({ label: "Salmiya" });
    await timed;
    assert.equal(await page.locator("#payer-phone").inputValue(), "50012345", "what was typed is kept");
    assert.equal(await page.locator("#address").inputValue(), "Block 4, street 2");
    const chosen = page.waitForNavigation({ waitUntil: "load" });
    await page.locator(".time input:not(:disabled)").first().check({ force: true });
    await chosen;
    await page.locator("input[name=method][value=cash]").check();
    await keep(page, "office-telephone-en-wide");
    await assertFits(page);
    await assertAccessible(page);
    await page.locator("button[value=place]").focus();
    await press("Enter");

    await page.waitForURL(/\/office\/orders\/KW-.*done=placed/);
    console.log(`an order by telephone: ${Math.round(performance.now() - began)} ms for a program`);
    assert.match(await page.locator(".history li").last().innerText(), /New/);
    assert.doesNotMatch(await page.locator(".history li").last().innerText(), /shopper/);
  }));

test("a caller pays by a link in a message, without scripts", { skip: skip || (!messages && "SOUK_MESSAGES is not set") }, () =>
  visit({ size: "narrow", script: false, expected: ["422"] }, async (page) => {
    await logIn(page, "ar");
    await page.goto(page.url() + "/orders/new?market=KW", { waitUntil: "load" });
    await page.locator("#q").fill("ورد");
    await page.locator("button[value=find]").click();
    await page.locator("button[value^=add-]").first().click();
    await page.locator("button[value=place]").click();
    assert.ok((await page.locator(".complaint").count()) >= 4, "what is missing is said beside its field");
    const phone = `+9655${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
    await page.locator("#payer-phone").fill(phone);
    await page.locator("[name=receives]").check();
    await page.locator("#recipient").fill("نور");
    await page.locator("#city").selectOption("285704");
    await page.locator("[name=who][value=recipient]").check();
    await page.locator("button[value=times]").click();
    await page.locator("input[name=method]").first().waitFor();
    await keep(page, "office-telephone-ar-narrow");
    await assertFits(page);
    await assertTouchable(page);
    await page.locator("input[name=method][value=transfer]").check();
    await page.locator("button[value=place]").click();

    await page.waitForURL(/\/office\/orders\/KW-.*done=placed/);
    const link = await page.locator("#pay-link").inputValue();
    const letter = await message(phone);
    assert.ok(letter.text.includes(new URL(link).pathname), letter.text);
    await visit({}, async (caller) => {
      await caller.goto(link, { waitUntil: "load" });
      assert.match(await caller.locator(".paying").innerText(), /transfer/i);
    });
  }));
