// What is listened to, and the first drawing.

function listenToFilters() {
  const form = byId("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.type === "checkbox") state[field.name] = checked(field.name);
    else state[field.name] = field.value;
    changed();
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    state = { ...initialState(), view: state.view, sort: state.sort, reversed: state.reversed };
    changed();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || event.target.id !== "q") return;
    event.preventDefault();
    goTo(0);
  });
}

// In the order of the page, so that the same filters are the same address.
function checked(name) {
  const boxes = [...document.querySelectorAll(`[data-filter="${name}"] input:checked`)];
  return new Set(boxes.map((box) => box.value));
}

function listenToOrder() {
  for (const head of document.querySelectorAll("th[data-sort]")) {
    head.firstElementChild.addEventListener("click", () => sortBy(head.dataset.sort));
  }
  byId("sort").addEventListener("change", (event) => {
    state.sort = event.target.value;
    changed();
  });
  byId("direction").addEventListener("click", () => sortBy(state.sort));
}

// Links within the page change the state; the browser's own jump to an element would hide what stands above it.
function listenToLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link || link.classList.contains("skip") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const hash = link.closest(".views") ? hashOf({ ...state, view: link.hash.slice(1) }) : link.hash;
    history.pushState(null, "", hash);
    state = stateOf(hash);
    show();
    if (!state.finding) byId(`${state.view}-title`).focus({ preventScroll: true });
    if (!link.closest(".views")) document.querySelector(".views").scrollIntoView({ block: "start" });
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    if (state.view !== "findings") {
      state.view = "findings";
      show();
    }
    byId("results").focus();
  });
  addEventListener("popstate", () => {
    state = stateOf(location.hash);
    show();
  });
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (darkSystem.matches ? "dark" : "light")) === "dark";

function showTheme() {
  byId("theme").textContent = isDark() ? "Light theme" : "Dark theme";
}

function listenToTheme() {
  byId("theme").addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("policyengine-theme", theme);
    } catch {
      // Then it holds for this visit.
    }
    showTheme();
  });
  darkSystem.addEventListener("change", showTheme);
}

// Beside the list the filters are always there; above it, on a narrow screen, they are folded.
function foldFilters() {
  const narrow = matchMedia("(max-width: 75rem)");
  const fold = () => {
    byId("more-filters").open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();
}

buildChoices();
listenToFilters();
listenToOrder();
listenToLinks();
listenToTheme();
listenToRows();
showTheme();
foldFilters();
show();

// What the first search needs is made while nobody waits for it.
let prepared = 0;
function prepare(deadline) {
  while (prepared < FINDINGS.length && deadline.timeRemaining() > 1) {
    ownText(prepared);
    prepared += 1;
  }
  if (prepared < FINDINGS.length) requestIdleCallback(prepare);
}
globalThis.requestIdleCallback?.(prepare);
