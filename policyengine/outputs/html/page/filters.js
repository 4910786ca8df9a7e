// Which findings are shown and in which order: the state of the page, which its address holds, so that it can be shared.

const CHOICES = { severity: SEVERITIES, status: STATUSES, category: null, enforcement: ENFORCEMENTS };
const TEXTS = ["q", "policy", "control", "file"];
const VIEWS = ["findings", "controls", "unknown", "run"];

const has = (values) => (value) => values.has(value);
const present = Object.fromEntries(
  Object.keys(CHOICES).map((name) => [name, new Set(FINDINGS.map((finding) => finding[name]))]),
);
const hasQuiet = [...QUIET].some(has(present.status));
const OPEN_STATUSES = SHOWS_ALL || !hasQuiet ? [] : STATUSES.filter((status) => present.status.has(status) && !QUIET.has(status));

function initialState() {
  const state = { view: FIRST_VIEW, sort: "severity", reversed: false, finding: "" };
  for (const name of TEXTS) state[name] = "";
  for (const name of Object.keys(CHOICES)) state[name] = new Set(name === "status" ? OPEN_STATUSES : []);
  return state;
}

// "#findings&severity=critical,high&q=root": the view, then what differs from what is shown at first.
function stateOf(hash) {
  const state = initialState();
  const read = new URLSearchParams(hash.replace(/^#/, ""));
  state.view = VIEWS.find((view) => read.has(view)) ?? state.view;
  for (const name of TEXTS) state[name] = read.get(name) ?? state[name];
  for (const name of Object.keys(CHOICES)) {
    if (read.has(name)) state[name] = new Set(read.get(name).split(",").filter(has(present[name])));
  }
  if (read.get("sort") in ORDERS) state.sort = read.get("sort");
  state.reversed = read.get("order") === "reversed";
  state.finding = read.get("finding") ?? "";
  return state;
}

function hashOf(state) {
  const initial = initialState();
  const told = new URLSearchParams();
  for (const name of TEXTS) if (state[name]) told.set(name, state[name]);
  for (const name of Object.keys(CHOICES)) {
    const value = [...state[name]].join(",");
    if (value !== [...initial[name]].join(",")) told.set(name, value);
  }
  if (state.sort !== initial.sort) told.set("sort", state.sort);
  if (state.reversed) told.set("order", "reversed");
  if (state.finding) told.set("finding", state.finding);
  const rest = told.toString().replaceAll("%2C", ",");
  return `#${state.view}${rest && "&"}${rest}`;
}

// Words that all have to be there; what stands in quotation marks is one.
function words(query) {
  return [...query.toLowerCase().matchAll(/"([^"]+)"?|(\S+)/g)].map((found) => found[1] ?? found[2]);
}

// One test for each filter that is set.
function tests(state) {
  const made = [];
  for (const name of Object.keys(CHOICES)) {
    made.push([name, state[name].size ? (finding) => state[name].has(finding[name]) : null]);
  }
  const wanted = words(state.q).map(wordTest);
  if (wanted.length) made.push(["q", (finding, index) => wanted.every((hasWord) => hasWord(finding, index))]);
  if (state.policy) made.push(["policy", (finding) => policyOf(finding) === state.policy]);
  if (state.control) made.push(["control", controlTest(state.control)]);
  if (state.file) made.push(["file", fileTest(state.file.toLowerCase())]);
  return made;
}

// By a control, or by all of a benchmark's or a tool's.
function controlTest(name) {
  const fits = DATA.controls.map(([, group, text]) => text === name || group === name);
  const sets = DATA.controlSets.map((set) => set.some((index) => fits[index]));
  return (finding) => sets[finding.controls];
}

function fileTest(part) {
  const fits = DATA.paths.map((path) => path.toLowerCase().includes(part));
  return (finding) => finding.places.some(([path]) => fits[path]);
}

// The findings that pass all tests, and how many each choice of a filter would leave, the other filters given.
function filtered(state) {
  const checks = tests(state);
  const shown = [];
  const counts = Object.fromEntries(Object.keys(CHOICES).map((name) => [name, new Map()]));
  const count = (name, finding) => counts[name]?.set(finding[name], (counts[name].get(finding[name]) ?? 0) + 1);
  FINDINGS.forEach((finding, index) => {
    let failed = null;
    for (const [name, passes] of checks) {
      if (!passes || passes(finding, index)) continue;
      if (failed !== null) return;
      failed = name;
    }
    if (failed !== null) {
      count(failed, finding);
      return;
    }
    shown.push(index);
    for (const name of Object.keys(CHOICES)) count(name, finding);
  });
  return { shown: ordered(shown, state), counts };
}

function ordered(shown, state) {
  const keys = orderOf(state.sort);
  const sign = state.reversed ? -1 : 1;
  return shown.sort((one, other) => sign * (keys[one] - keys[other]) || one - other);
}
