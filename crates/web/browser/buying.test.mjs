// From a cart to a paid order, as guests go: against the simulated payment providers.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, go, keep, url, visit } from "./shop.mjs";

after(close);

const PRODUCT = "long-stemmed-red-roses";
const simulated = !process.env.SOUK_PAYMENTS && "no payment providers are simulated";

/** What every page of buying must keep. */
async function look(page, name, size) {
  await keep(page, name);
  await assertFits(page);
  if (size === "narrow") await assertTouchable(page);
  await assertAccessible(page);
}

/** Puts roses into a new cart and stands before it. */
async function fill(page, { market, lang, city, quantity }) {
  await go(page, `/${market}/p/${PRODUCT}?lang=${lang}&city=${city}`);
  if (quantity) await page.locator("#quantity").fill(quantity);
  await page.locator("form.buy button").click();
  await page.waitForURL(/\/cart\/[0-9a-f-]{36}/);
}

/** Says for whom it is, and takes the first time there is. */
async function deliver(page, { recipient, phone, address }) {
  await page.locator("#recipient").fill(recipient);
  await page.locator("#phone").fill(phone);
  await page.locator("#address").fill(address);
  // The script saves what was chosen, so that the price shows at once.
  const saved = page.waitForNavigation({ waitUntil: "networkidle" });
  await page.locator(".time input:not(:disabled)").first().check({ force: true });
  await saved;
  assert.equal(await page.locator("#recipient").inputValue(), recipient, "what was typed is kept");
  await page.locator(".buying-go button").click();
  await page.waitForURL(/\/payment$/);
}

/** Names a way to pay and presses the button that says the amount. */
async function buy(page, { phone, method }) {
  await page.locator("#phone").fill(phone);
  await page.locator(`input[name=method][value="${method}"]`).check();
  await page.locator(".buying-go button").click();
}

for (const { size, lang, name } of [
  { size: "narrow", lang: "ar", name: "نور" },
  { size: "wide", lang: "en", name: "Noor" },
]) {
  test(`a guest buys in ${lang} on a ${size} screen and pays with KNET`, { skip: simulated }, () =>
    visit({ size, expected: ["422"] }, async (page) => {
      await fill(page, { market: "KW", lang, city: "salmiya", quantity: "٢" });
      assert.equal(await page.locator("html").getAttribute("dir"), lang === "ar" ? "rtl" : "ltr");
      assert.equal(await page.locator(".line input").inputValue(), lang === "ar" ? "٢" : "2");
      assert.equal(await page.locator(".badge").innerText(), lang === "ar" ? "٢" : "2");
      await page.locator("#message").fill(lang === "ar" ? "كل عام وأنت بخير" : "Happy birthday");
      await page.locator("#from").fill(name);
      assert.match(await page.locator(".card-preview").innerText(), lang === "ar" ? /كل عام/ : /Happy/);
      await look(page, `cart-${lang}-${size}`, size);

      await page.locator(".buying-go button").first().click();
      await page.waitForURL(/\/checkout\//);
      await look(page, `delivery-${lang}-${size}`, size);
      await page.locator(".buying-go button").click();
      assert.ok((await page.locator(".complaint").count()) >= 4, "what is missing is said beside its field");
      await look(page, `delivery-missing-${lang}-${size}`, size);

      await deliver(page, { recipient: name, phone: "5001 2345", address: lang === "ar" ? "قطعة ٤، شارع ٢" : "Block 4, street 2" });
      await look(page, `payment-${lang}-${size}`, size);
      const total = await page.locator(".sum data").getAttribute("value");
      await buy(page, { phone: "٥٠٠١٢٣٤٥", method: "knet" });
      await page.locator("#pay").waitFor();
      assert.equal(await page.locator("#amount").innerText(), total);

      await page.locator("#pay").click();
      await page.waitForURL(/\/orders\/KW-/);
      assert.equal(await page.locator(".way .current").count(), 1);
      assert.match(await page.locator(".card-preview").innerText(), lang === "ar" ? /كل عام/ : /Happy/);
      assert.equal(await page.locator(".badge").count(), 0, "the cart is empty again");
      await look(page, `order-${lang}-${size}`, size);
    }));
}

test("a customer buys in Russian and pays by scanning Kaspi's code", { skip: simulated }, () =>
  visit({ size: "narrow", lang: "ru-KZ" }, async (page) => {
    await fill(page, { market: "KZ", lang: "ru", city: "almaty" });
    await look(page, "cart-ru-narrow", "narrow");
    await page.locator(".buying-go button").first().click();
    await page.waitForURL(/\/checkout\//);
    await deliver(page, { recipient: "Айгуль", phone: "8 771 000 99 98", address: "проспект Абая 10, кв. 25" });
    await buy(page, { phone: "8 771 000 99 98", method: "kaspi-qr" });
    await page.locator(".qr").waitFor();
    await look(page, "order-qr-ru-narrow", "narrow");

    // The phone that scans it is another one.
    const phone = await page.context().newPage();
    await phone.goto(await page.locator(".paying-go a").first().getAttribute("href"));
    await phone.locator("#pay").click();
    await phone.close();
    await page.locator(".way .current").waitFor();
    assert.match(await page.locator("h1").innerText(), /Спасибо/);
    await look(page, "order-ru-narrow", "narrow");
  }));

test("a declined card leads to another way, without scripts", { skip: simulated }, () =>
  visit({ size: "narrow", script: false }, async (page) => {
    await fill(page, { market: "KW", lang: "en", city: "salmiya" });
    await page.locator("button[value=next]").click();
    await page.locator("#recipient").fill("Noor");
    await page.locator("#phone").fill("50012345");
    await page.locator("#address").fill("Block 4");
    await page.locator(".time input:not(:disabled)").first().check({ force: true });
    await page.locator(".buying-go button").click();
    await page.waitForURL(/\/payment$/);
    await buy(page, { phone: "50012345", method: "card" });
    await page.locator("#fail").waitFor();
    await page.locator("#fail").click();

    await page.waitForURL(/\/orders\/KW-/);
    assert.match(await page.locator(".paying.bad").innerText(), /Nothing was charged/);
    await keep(page, "order-declined-en-narrow");
    await page.locator('.paying input[value="knet"]').check();
    await page.locator(".paying .buying-go button").click();
    await page.locator("#pay").click();
    // Without scripts the bank's page has a button that leads back.
    await page.locator("#back button").click();
    await page.waitForURL(/\/orders\/KW-/);
    assert.match(await page.locator("h1").innerText(), /Thank you/);

    await page.locator(".buying-side summary").click();
    await page.locator(".buying-side form button").click();
    await page.waitForURL(/done=cancelled/);
    assert.match(await page.locator("main").innerText(), /cancelled/);
    await keep(page, "order-cancelled-en-narrow");
  }));

test("a sender knows only the phone, and the recipient says where and when", { skip: simulated }, async () => {
  let link;
  await visit({}, async (page) => {
    await fill(page, { market: "KW", lang: "en", city: "salmiya" });
    await page.locator("#message").fill("Guess who");
    await page.locator("#from").fill("Omar");
    await page.locator("[name=anonymous]").check();
    await page.locator(".buying-go button").first().click();
    await page.waitForURL(/\/checkout\//);
    await page.locator("#recipient").fill("Noor");
    await page.locator("#phone").fill("50012345");
    const saved = page.waitForNavigation({ waitUntil: "networkidle" });
    await page.locator("[name=who][value=recipient]").check();
    await saved;
    assert.ok(!(await page.locator("#address").isVisible()), "nothing more is asked");
    await look(page, "delivery-by-recipient-en-wide", "wide");
    await page.locator(".buying-go button").click();
    await page.waitForURL(/\/payment$/);
    await buy(page, { phone: "55512345", method: "cash" });
    await page.waitForURL(/\/orders\/KW-/);
    link = await page.locator(".gift-link input").inputValue();
    await look(page, "order-by-recipient-en-wide", "wide");
  });
  assert.ok(link.startsWith(`${url}/gift/`));

  await visit({ size: "narrow", lang: "ar", expected: ["422"] }, async (page) => {
    await page.goto(link, { waitUntil: "networkidle" });
    const said = await page.locator("main").innerText();
    assert.ok(!/Omar|555|KWD|د\.ك/.test(said), "neither the sender nor a price is told");
    assert.match(said, /Guess who/);
    await look(page, "gift-ar-narrow", "narrow");
    await page.locator(".buying-go button").click();
    assert.equal(await page.locator(".complaint").count(), 2);

    await page.locator("#address").fill("قطعة ٤، شارع ٢");
    await page.locator(".time input:not(:disabled)").first().check({ force: true });
    await page.locator(".buying-go button").click();
    await page.waitForURL(link);
    assert.equal(await page.locator("form.panel").count(), 0, "it is said once");
    assert.match(await page.locator(".goes-to").innerText(), /شارع ٢/);
    await look(page, "gift-said-ar-narrow", "narrow");
  });
  await visit({ expected: ["404"] }, async (page) => {
    assert.equal((await page.goto(link.slice(0, -2) + "xx")).status(), 404);
  });
});

test("pressing twice buys once, and the way back leads to the order", { skip: simulated }, () =>
  visit({}, async (page) => {
    await fill(page, { market: "KW", lang: "en", city: "salmiya" });
    const cart = new URL(page.url()).pathname;
    await page.locator(".buying-go button").first().click();
    await page.waitForURL(/\/checkout\//);
    await deliver(page, { recipient: "Noor", phone: "50012345", address: "Block 4" });
    await page.locator("#phone").fill("50012345");
    await page.locator('input[name=method][value="cash"]').check();
    const [one, two] = await page.evaluate(async () => {
      const form = document.querySelector("form[data-once]");
      const send = () => fetch(form.action, { method: "POST", body: new FormData(form) });
      return (await Promise.all([send(), send()])).map((answer) => answer.url);
    });

    assert.match(one, /\/orders\/KW-/);
    assert.equal(one, two);
    await page.goto(url + cart);
    assert.equal(page.url(), one);
  }));

test("a cart and an order are nobody else's", { skip: simulated }, async () => {
  let cart;
  await visit({}, async (page) => {
    await fill(page, { market: "KW", lang: "en", city: "salmiya" });
    cart = new URL(page.url()).pathname;
  });
  await visit({ expected: ["404"] }, async (page) => {
    assert.equal((await page.goto(url + cart)).status(), 404);
    assert.equal((await page.goto(url + cart.replace("cart", "checkout"))).status(), 404);
  });
});
