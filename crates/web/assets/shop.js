// Suggestions under the search field and results that change in place. Everything works without this file.
"use strict";

document.documentElement.classList.add("scripted");

const field = document.querySelector("form[data-suggest] input[type=search]");
const live = document.querySelector("main[data-live]");

/** Calls `act` once nothing has happened for `ms`. */
function settled(ms, act) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), ms);
  };
}

/** Fetches HTML; a newer call of the same fetcher gives up the older one. */
function fetcher() {
  let running;
  return async (url, headers = {}) => {
    running?.abort();
    running = new AbortController();
    const answer = await fetch(url, { headers, signal: running.signal, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
    return answer.text();
  };
}

/** One panel of queries, categories and products. Arrow keys walk through it, Escape closes it. */
function suggest(form) {
  const panel = form.querySelector(".suggestions");
  const get = fetcher();
  const close = () => (panel.hidden = true);
  const links = () => [...panel.querySelectorAll("a")];

  const ask = settled(80, async () => {
    const typed = field.value.trim();
    if (!typed) return close();
    try {
      const html = await get(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`);
      if (field.value.trim() !== typed) return;
      panel.innerHTML = html;
      panel.hidden = !html.trim() || !form.contains(document.activeElement);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  });

  const step = (by) => {
    const places = [field, ...links()];
    const now = places.indexOf(document.activeElement);
    places[(now + by + places.length) % places.length].focus();
  };

  field.addEventListener("input", ask);
  field.addEventListener("focus", () => (panel.hidden = !panel.innerHTML.trim() || !field.value.trim()));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      field.focus();
      close();
    } else if (!panel.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      step(event.key === "ArrowDown" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  });
  form.addEventListener("submit", close);
  document.addEventListener("pointerdown", (event) => form.contains(event.target) || close());
  // A press in the panel leaves the focus where it is: Safari focuses no links, and the panel would close
  // before the click lands.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || close());
}

/** Swaps the results for those of another address, and keeps the back button true. */
function results(main) {
  const get = fetcher();
  const here = () => location.pathname + location.search;
  let shown = here();
  let typing = false;

  async function load(url, { history: how, top, fragment = "results" }) {
    const old = document.getElementById("results");
    main.setAttribute("aria-busy", "true");
    try {
      const html = await get(url, { "souk-fragment": fragment });
      const sheet = location.hash === "#filters";
      const open = new Set([...old.querySelectorAll("details[open] > summary")].map((s) => s.textContent));
      const page = new DOMParser().parseFromString(html, "text/html").getElementById("results");
      for (const summary of page.querySelectorAll("details > summary")) {
        if (open.has(summary.textContent)) summary.parentElement.open = true;
      }
      old.replaceWith(document.adoptNode(page));
      document.title = page.dataset.title;
      document.getElementById("said").textContent = page.dataset.said;
      if (how) history[how]({}, "", sheet && !top ? `${url}#filters` : url);
      shown = here();
      // The new sheet is another element; going to it anew keeps it open.
      if (sheet && !top) location.replace("#filters");
      if (top) main.scrollIntoView();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (how !== "replaceState") location.assign(url);
    }
    main.removeAttribute("aria-busy");
  }

  const address = (form) => {
    // An empty day has a meaning: any.
    const values = [...new FormData(form)].filter(([name, value]) => value !== "" || name === "date");
    return `${form.getAttribute("action")}?${new URLSearchParams(values)}`;
  };

  const type = settled(120, () => {
    load(address(field.form), { history: typing ? "replaceState" : "pushState", fragment: "typing" });
    typing = true;
  });
  field?.addEventListener("input", type);
  field?.addEventListener("change", () => (typing = false));
  field?.form.addEventListener("submit", (event) => {
    event.preventDefault();
    load(address(field.form), { history: "pushState", top: true });
  });

  main.addEventListener("click", (event) => {
    const link = event.target.closest("#results a[rel~=nofollow]");
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!link || !plain) return;
    event.preventDefault();
    typing = false;
    load(link.getAttribute("href"), { history: "pushState", top: Boolean(link.closest(".pages")) });
  });
  main.addEventListener("submit", (event) => {
    event.preventDefault();
    load(address(event.target), { history: "pushState" });
  });
  addEventListener("popstate", () => {
    // Opening and closing the sheet of filters moves within the page.
    if (here() === shown) return;
    if (field) field.value = new URLSearchParams(location.search).get("q") ?? "";
    load(here(), {});
  });
}

if (field && !live) suggest(field.form);
if (live) results(live);

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-auto] :is(select, [type=date])")) event.target.form.requestSubmit();
});

// What is left until a cut-off, minute by minute; after it the page knows the next slot.
const countdown = document.querySelector(".countdown");
if (countdown) {
  const { seconds, hours, minutes, digits } = countdown.dataset;
  const written = (number) => String(number).replace(/\d/g, (digit) => digits[digit]);
  const tick = () => {
    const left = seconds - performance.now() / 1000;
    if (left <= 0) return location.reload();
    const [h, m] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
    const words = h ? hours : minutes;
    countdown.textContent = words.replace("{h}", written(h)).replace("{m}", written(h ? m : Math.max(m, 1)));
    setTimeout(tick, Math.min(left, 15) * 1000);
  };
  tick();
}

// Menus close when somebody clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
