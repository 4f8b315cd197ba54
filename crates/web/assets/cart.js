// Buying: changes are saved as they are made, a card is shown as it will look, a payment is waited for. Works without this file.
"use strict";

// A page that comes back from the browser's memory is another visit: what it puts into the cart is meant anew.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const key of document.querySelectorAll("form.buy input[name=key]")) {
    key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
});

// The cart and the checkout save what is changed, where without scripts a button does.
document.addEventListener("change", (event) => {
  const act = event.target.matches("[data-save]") ? "save" : event.target.matches("[data-times]") ? "times" : null;
  const button = act && [...event.target.form.querySelectorAll(`button[name=act][value=${act}]`)].at(-1);
  if (button) event.target.form.requestSubmit(button);
});
for (const form of document.querySelectorAll("form[data-once]")) {
  // Once is enough; the server knows as well.
  form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true))));
}
for (const [field, panel] of [["[data-card]", ".card-message"], ["[data-card-from]", ".card-from"]]) {
  const [input, shown] = [document.querySelector(field), document.querySelector(panel)];
  if (input && shown) input.addEventListener("input", () => (shown.textContent = input.value));
}

// Where a payment is waited for, until something has changed.
const waits = document.querySelector("[data-waits]");
if (waits) {
  const ask = async () => {
    try {
      const answer = await fetch(waits.dataset.look, { headers: { "souk-fragment": "state" }, credentials: "same-origin" });
      const state = answer.ok ? await answer.text() : waits.dataset.waits;
      if (state !== waits.dataset.waits) return location.replace(location.pathname);
    } catch {
      // The next look may get through.
    }
    setTimeout(ask, document.hidden ? 15000 : 3000);
  };
  setTimeout(ask, 2000);
}
