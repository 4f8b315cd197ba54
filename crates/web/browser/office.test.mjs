// The office: SOUK_STAFF=email:password lets the tests in; without it only the door is tried.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, close, go, keep, url, visit } from "./shop.mjs";

after(close);

const [email, password] = (process.env.SOUK_STAFF ?? "").split(/:(.*)/s);

async function logIn(page, name, secret) {
  await page.locator("#email").fill(name);
  await page.locator("#password").fill(secret);
  await page.locator("form button[type=submit]").click();
  await page.waitForLoadState("networkidle");
}

test("the office asks who is there", () =>
  visit({ expected: ["401"] }, async (page) => {
    await go(page, "/office?lang=en");
    assert.match(page.url(), /\/office\/login/);
    await assertAccessible(page);
    await keep(page, "office-login-wide");

    await logIn(page, "nobody@example.org", "not the password");
    assert.match(await page.locator("[role=alert]").innerText(), /do not fit/);
    assert.equal(await page.locator("#email").inputValue(), "nobody@example.org");
  }));

test("a form that another site posts is refused", async () => {
  const answer = await fetch(`${url}/office/login`, {
    method: "POST",
    headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ email: "a@b.c", password: "x" }),
  });

  assert.equal(answer.status, 403);
});

for (const { lang, size } of [{ lang: "en", size: "wide" }, { lang: "ar", size: "narrow" }]) {
  test(`today in ${lang} on a ${size} screen`, { skip: !password && "SOUK_STAFF is not set" }, () =>
    visit({ size }, async (page) => {
      await go(page, `/office/login?lang=${lang}`);
      await logIn(page, email, password);

      assert.match(page.url(), /\/office$/);
      assert.equal(await page.locator(".figures dd").count(), 4);
      assert.ok((await page.locator("time").count()) > 0, "logging in is written down");
      await keep(page, `office-${lang}-${size}`);
      await assertFits(page);
      await assertAccessible(page);

      await page.locator(".log-out button").click();
      await page.waitForURL(/\/office\/login/);
      await go(page, "/office");
      assert.match(page.url(), /\/office\/login/);
    }));
}
