// The office's forms: a hint while something is not saved, pictures before they are sent. Works without this file.
"use strict";

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  const hint = form.querySelector(".unsaved");
  let dirty = Boolean(document.getElementById("problems"));
  const show = () => hint && (hint.textContent = dirty ? hint.dataset.words : "");
  const touch = () => {
    dirty = true;
    show();
  };
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  form.addEventListener("submit", () => (dirty = false));
  addEventListener("beforeunload", (event) => dirty && event.preventDefault());
  show();
}

/** Draws the chosen pictures small; nothing is sent before the form is, and nothing that would be too large. */
async function draw(input, panel) {
  panel.replaceChildren();
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  if (bytes > Number(input.dataset.bytesMax)) {
    input.value = "";
    const words = document.createElement("p");
    words.className = "complaint";
    words.setAttribute("role", "alert");
    words.textContent = input.dataset.tooLarge;
    panel.append(words);
  }
  for (const file of input.files) {
    try {
      const bitmap = await createImageBitmap(file);
      const canvas = document.createElement("canvas");
      const scale = 280 / Math.max(bitmap.width, bitmap.height);
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", file.name);
      panel.append(canvas);
    } catch {
      // The server says in words what cannot be read.
    }
  }
  panel.hidden = !panel.children.length;
}

for (const input of document.querySelectorAll("input[type=file][data-preview]")) {
  const panel = document.getElementById(input.dataset.preview);
  input.addEventListener("change", () => draw(input, panel));
  const zone = input.closest(".upload");
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    zone?.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragenter" || kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}

// One box ticks all of its name on the page.
for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = [...all.form.querySelectorAll(`input[name="${all.dataset.all}"]`)];
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  all.form.addEventListener("change", () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}

// Enter in the search that is tried out compares; elsewhere it saves, as in every form.
for (const button of document.querySelectorAll('.trial button[name="act"]')) {
  for (const input of button.closest(".trial").querySelectorAll("input, select")) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      button.click();
    });
  }
}

// A weight can be pulled as well as typed.
for (const input of document.querySelectorAll("input[data-slider]")) {
  const slider = document.createElement("input");
  slider.type = "range";
  [slider.min, slider.max, slider.step] = ["0", input.dataset.slider, "0.01"];
  slider.setAttribute("aria-label", input.labels[0]?.textContent ?? input.name);
  const follow = () => (slider.value = input.value.replace(",", "."));
  slider.addEventListener("input", () => {
    input.value = slider.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  input.addEventListener("input", (event) => event.isTrusted && follow());
  follow();
  input.before(slider);
}

// The board of orders is looked at again when something happens to one; what has the focus keeps it.
const stream = document.querySelector("[data-stream]");
if (stream) {
  const source = new EventSource(stream.dataset.stream);
  source.addEventListener("order", async () => {
    const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board");
    const focused = document.activeElement;
    const [form, value] = [focused.form?.getAttribute("action"), focused.value];
    document.getElementById("board").replaceWith(document.adoptNode(page));
    if (form) document.querySelector(`form[action="${form}"] [value="${value}"]`)?.focus();
  });
}
