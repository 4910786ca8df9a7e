// The page as its state says: filters, list, views, address.

let state = stateOf(location.hash);

const LABELS = { not_applicable: "not applicable", fail: "violation" };
const counters = new Map(); // "severity critical" -> where its number stands

function buildChoices() {
  for (const place of document.querySelectorAll("[data-filter]")) {
    const name = place.dataset.filter;
    const known = CHOICES[name] ?? [...present[name]].sort();
    place.append(...known.filter(has(present[name])).map((value) => choice(name, value)));
    place.closest("fieldset").hidden = place.childElementCount < 2;
  }
  fillSelect(byId("policy"), DATA.policies.map(([id]) => id).sort(natural));
  fillControls(byId("control"));
  byId("file").addEventListener("focus", fillFiles, { once: true });
}

function choice(name, value) {
  const box = element("input", { type: "checkbox", name, value });
  const count = element("span", { class: "choice-count" });
  counters.set(`${name} ${value}`, count);
  const label = element("span", { class: name === "severity" ? `badge ${value}` : "" }, LABELS[value] ?? value);
  return element("label", { class: "choice" }, box, label, count);
}

function fillSelect(select, values) {
  select.append(...values.map((value) => element("option", { value }, value)));
}

// The controls of each benchmark, and then of each tool, with all of them as one choice.
function fillControls(select) {
  const groups = new Map();
  for (const [kind, group, text] of DATA.controls) {
    const key = `${kind} ${group}`;
    if (!groups.has(key)) groups.set(key, { group, texts: new Set() });
    groups.get(key).texts.add(text);
  }
  for (const key of [...groups.keys()].sort(natural)) {
    const { group, texts } = groups.get(key);
    const all = element("option", { value: group }, `${group}: all`);
    const made = element("optgroup", { label: group }, all);
    fillSelect(made, [...texts].filter((text) => text !== group).sort(natural));
    select.append(made);
  }
}

function fillFiles() {
  fillSelect(byId("files"), DATA.paths.slice().sort(natural));
}

function showControls() {
  for (const name of TEXTS) {
    const field = byId(name);
    if (field.value !== state[name]) field.value = state[name];
  }
  for (const box of document.querySelectorAll("[data-filter] input")) {
    box.checked = state[box.name].has(box.value);
  }
  byId("sort").value = state.sort;
  byId("direction").setAttribute("aria-pressed", String(state.reversed));
  for (const head of document.querySelectorAll("th[data-sort]")) {
    const sorted = state.reversed ? "descending" : "ascending";
    if (head.dataset.sort === state.sort) head.setAttribute("aria-sort", sorted);
    else head.removeAttribute("aria-sort");
  }
}

function showList() {
  const { shown, counts } = filtered(state);
  setRows(shown);
  for (const [key, place] of counters) {
    const [name, value] = key.split(/ (.*)/);
    place.textContent = number(counts[name].get(value) ?? 0);
  }
  byId("count").textContent = `${number(shown.length)} of ${number(FINDINGS.length)} findings`;
  byId("nothing").hidden = shown.length > 0;
  byId("list").hidden = shown.length === 0;
  const active = activeFilters();
  byId("active").textContent = active ? `(${active})` : "";
}

function activeFilters() {
  const initial = initialState();
  const texts = TEXTS.filter((name) => name !== "q" && state[name]);
  const choices = Object.keys(CHOICES).filter((name) => [...state[name]].join() !== [...initial[name]].join());
  return texts.length + choices.length;
}

function showView() {
  for (const view of VIEWS) byId(view).hidden = view !== state.view;
  for (const link of document.querySelectorAll(".views a")) {
    if (link.hash === `#${state.view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// One finding that the address names is opened, whatever the filters say of others.
function openNamed() {
  if (!state.finding) return;
  const index = FINDINGS.findIndex((finding) => finding.fingerprint === state.finding);
  if (rows.position[index] === undefined || rows.position[index] < 0) return;
  if (!rows.open.has(index)) rows.open.set(index, OPENED);
  clearRows();
  drawRows();
  goTo(rows.position[index]);
}

function show() {
  showView();
  showControls();
  showList();
  openNamed();
}

// The state has changed by a filter: the address follows, the way back leads past it.
function changed() {
  state.finding = "";
  history.replaceState(null, "", hashOf(state));
  showControls();
  showList();
}

function sortBy(name) {
  state.reversed = state.sort === name ? !state.reversed : false;
  state.sort = name;
  changed();
}
