// Elements from plain data: texts become text nodes, never markup.

const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const counted = new Intl.NumberFormat("en");
const number = (count) => counted.format(count);

// What a screen reader is to say and nobody sees.
function announce(text) {
  byId("told").textContent = text;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text); // where the page is not allowed to use the clipboard, which a user's own selection may be
  }
  announce(`Copied ${text}`);
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = element("textarea", { class: "unseen", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused.focus({ preventScroll: true });
}
