// Tells the shop which hits are opened and which products are seen; nobody waits for it, and what cannot be told is not missed.
"use strict";

const tell = (told, values) => navigator.sendBeacon?.(told, new URLSearchParams(values));

/** A hit was opened, here or in a tab of its own. */
function opened(event) {
  const card = event.target.closest(".cards[data-query] > [data-product]");
  if (!card || !event.target.closest("a") || event.button > 1) return;
  const list = card.parentElement;
  const values = { type: "search-click", query_id: list.dataset.query, product_id: card.dataset.product };
  // Further pages do not know how many hits came before them.
  if (list.dataset.first) values.position = [...list.children].indexOf(card) + 1;
  tell(list.dataset.told, values);
}
document.addEventListener("click", opened);
document.addEventListener("auxclick", opened);

const seen = document.querySelector("article[data-told]");
if (seen) tell(seen.dataset.told, { type: "detail-page-view", product_id: seen.dataset.product });
