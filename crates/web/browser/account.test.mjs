// The cabinet: SOUK_MESSAGES is where simulated messengers show what the shop sends; without it only the door is tried.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, assertTouchable, close, go, keep, message, messages, url, visit } from "./shop.mjs";

after(close);

const skip = !messages && "SOUK_MESSAGES is not set";

/** Comes in by a code, as somebody new. */
async function enter(page, market, contact) {
  await go(page, `/${market}/account`);
  assert.match(page.url(), /account\/login$/);
  await page.locator("#contact").fill(contact);
  await page.locator("button[value=send]").click();
  await page.waitForLoadState("networkidle");
  const letter = await message(contact);
  const [code] = `${letter.subject} ${letter.text}`.match(/\d{6}/);
  await page.locator("#code").fill(code);
  await page.locator("button[value=code]").click();
  await page.waitForLoadState("networkidle");
}

/** Somebody who has not been here. */
const stranger = () => `guest-${Math.random().toString(36).slice(2)}@example.com`;

for (const { lang, size } of [
  { lang: "en", size: "wide" }, { lang: "en", size: "narrow" }, { lang: "ar", size: "wide" }, { lang: "ar", size: "narrow" },
]) {
  test(`the door in ${lang} on a ${size} screen`, () =>
    visit({ size, expected: ["400"] }, async (page) => {
      await go(page, `/KW?lang=${lang}`);
      await page.locator(".account-link").click();
      await page.waitForLoadState("networkidle");
      await keep(page, `account-door-${lang}-${size}`);
      await assertFits(page);
      await assertTouchable(page);
      await assertAccessible(page);

      await page.locator("#contact").fill("neither");
      await page.locator("button[value=send]").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("[role=alert]").count(), 1);
      assert.equal(await page.locator("#contact").inputValue(), "neither");
    }));

  test(`a customer comes in and keeps things in ${lang} on a ${size} screen`, { skip }, () =>
    visit({ size, script: false, expected: ["401"] }, async (page) => {
      await go(page, `/KW?lang=${lang}`);
      await enter(page, "KW", stranger());
      assert.match(page.url(), /\/KW\/account$/);
      await keep(page, `account-orders-${lang}-${size}`);

      await go(page, "/KW/account/addresses");
      await page.locator("#label").fill(lang === "ar" ? "البيت" : "Home");
      await page.locator("#address").fill(lang === "ar" ? "السالمية، قطعة 1، شارع 2" : "Salmiya, block 1, street 2");
      await page.locator(".sheet button").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator(".entries li").count(), 1);
      await keep(page, `account-addresses-${lang}-${size}`);

      await go(page, "/KW/account/recipients");
      await page.locator("#name").fill(lang === "ar" ? "ماما" : "Mama");
      await page.locator("#phone").fill("+965 1111 1111");
      await page.locator("#address_id").selectOption({ index: 1 });
      await page.locator(".sheet button").click();
      await page.waitForLoadState("networkidle");

      await go(page, "/KW/account/occasions");
      await page.locator("#title").fill(lang === "ar" ? "عيد ميلاد" : "Birthday");
      await page.locator("#date").fill("1960-03-08");
      await page.locator("#recipient_id").selectOption({ index: 1 });
      await page.locator(".sheet button").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator(".entries li").count(), 1);
      await keep(page, `account-occasions-${lang}-${size}`);
      await page.locator(".entries button").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator(".entries li").count(), 0);

      await go(page, "/KW/search?q=rose");
      await page.locator(".card a").first().click();
      await page.waitForLoadState("networkidle");
      await page.locator("form[action*='/account/favourites'] button").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator(".card").count(), 1);
      await keep(page, `account-favourites-${lang}-${size}`);

      await go(page, "/KW/account/profile");
      await page.locator("#name").fill(lang === "ar" ? "نور" : "Noor");
      await page.locator("button[value=say]").click();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("[role=status].note").count(), 1);
      await keep(page, `account-profile-${lang}-${size}`);
      await assertFits(page);

      await page.locator(".cabinet-rail form button").click();
      await page.waitForLoadState("networkidle");
      await go(page, "/KW/account");
      assert.match(page.url(), /account\/login$/);
    }));
}

test("a customer's cart is found on every device, and a stranger's favourite is kept", { skip }, async () => {
  const contact = stranger();
  let session;
  await visit({ script: false }, async (page) => {
    await go(page, "/KW/p/long-stemmed-red-roses?lang=en&city=salmiya");
    await page.locator("form[action*='/account/favourites'] button").click();
    await page.waitForURL(/login\?favourite=/);
    await page.locator("#contact").fill(contact);
    await page.locator("button[value=send]").click();
    await page.waitForLoadState("networkidle");
    const [code] = (await message(contact)).subject.match(/\d{6}/);
    await page.locator("#code").fill(code);
    await page.locator("button[value=code]").click();
    await page.waitForURL(/account\/favourites$/);
    assert.equal(await page.locator(".card").count(), 1);
    await go(page, "/KW/p/long-stemmed-red-roses");
    await page.locator("form.buy button").click();
    await page.waitForURL(/\/cart\//);
    session = (await page.context().cookies()).find((cookie) => cookie.name === "souk_customer").value;
  });

  await visit({ script: false }, async (page) => {
    await page.context().addCookies([{ name: "souk_customer", value: session, url }]);
    await go(page, "/KW?lang=en");
    assert.equal(await page.locator(".badge").innerText(), "1", "what another device put in");
    await page.locator(".to-cart").click();
    await page.waitForURL(/\/cart\//);
    assert.equal(await page.locator(".line").count(), 1);
    await go(page, "/KW/account");
    await page.locator(".cabinet-rail form button").click();
    await page.waitForLoadState("networkidle");
    assert.equal(await page.locator(".badge").count(), 0, "who logs out leaves no cart behind");
    const left = (await page.context().cookies()).filter((cookie) => cookie.name.startsWith("souk_cart_"));
    assert.deepEqual(left, []);
  });
});

test("every page of the cabinet is for everybody", { skip }, () =>
  visit({ size: "narrow" }, async (page) => {
    await go(page, "/KW?lang=en");
    await enter(page, "KW", stranger());
    for (const path of ["", "/favourites", "/addresses", "/recipients", "/occasions", "/profile"]) {
      await go(page, `/KW/account${path}`);
      const top = async (what) => (await page.locator(what).first().boundingBox()).y;
      assert.ok((await top(".cabinet-rail form")) > (await top("h1")), "logging out comes last");
      await assertFits(page);
      await assertTouchable(page);
      await assertAccessible(page);
    }
  }));

test("a form that another site posts is refused", async () => {
  const answer = await fetch(`${url}/KW/account/login`, {
    method: "POST",
    headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ contact: "a@b.cd", go: "send" }),
  });

  assert.equal(answer.status, 403);
});
