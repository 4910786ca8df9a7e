// The findings, and what they refer to by number.

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const STATUSES = ["error", "fail", "unknown", "waived", "pass", "not_applicable"];
const ENFORCEMENTS = ["block", "warn", "off"];
const QUIET = new Set(["waived", "pass", "not_applicable"]);

const source = byId("data");
const SHOWS_ALL = source.dataset.all === "true";
const FIRST_VIEW = source.dataset.view;
const DATA = JSON.parse(source.textContent);
const FINDINGS = DATA.findings;
source.remove(); // its text need not be kept twice

const policyOf = (finding) => DATA.policies[finding.policy][0];
const titleOf = (finding) => DATA.policies[finding.policy][1];
const whyOf = (finding) => textOf(DATA.policies[finding.policy][2]);
const textOf = (index) => (index === undefined || index === null ? "" : DATA.texts[index]);
const ownOf = (finding) => DATA.resources[finding.resource][0];
const resourceOf = (finding) => [DATA.resources[finding.resource][1], ownOf(finding)].filter(Boolean).join(" ");
const scopeOf = (finding) => DATA.resources[finding.resource][2];
const pathOf = (finding) => DATA.paths[finding.places[0][0]];
const placeText = ([path, ...position]) => [DATA.paths[path], ...position].join(":");
const controlsOf = (finding) => DATA.controlSets[finding.controls].map((index) => DATA.controls[index]);

function statusText(finding) {
  if (finding.status === "fail") return finding.enforcement === "warn" ? "warning" : "violation";
  return finding.status.replace("_", " ");
}

// What is a finding's own, in small letters, made when it is first looked at.
const owns = [];
function ownText(index) {
  owns[index] ??= searchText(FINDINGS[index]).toLowerCase();
  return owns[index];
}

function searchText(finding) {
  const exemption = Object.values(finding.exemption ?? {});
  const { message, value = "", excerpt = [], fingerprint } = finding;
  const positions = finding.places.map(placeText);
  return [message, value, excerpt.join(""), fingerprint, ...positions, ...exemption].join("\n");
}

// What many findings share is looked through once for a word: which rows of the tables have it.
const SHARED = { policies: [0, 1], resources: [0, 1, 2, 3], controls: [2, 3], facts: [0, 1, 2] };
function rowsWith(word) {
  const found = {};
  for (const [table, columns] of Object.entries(SHARED)) {
    found[table] = DATA[table].map((row) => columns.some((column) => row[column].toLowerCase().includes(word)));
  }
  found.texts = DATA.texts.map((text) => text.toLowerCase().includes(word));
  found.controlSets = DATA.controlSets.map((set) => set.some((index) => found.controls[index]));
  return found;
}

function wordTest(word) {
  const found = rowsWith(word);
  return (finding, index) =>
    found.policies[finding.policy] || found.resources[finding.resource] || found.controlSets[finding.controls] ||
    found.facts[finding.unknown] || found.texts[finding.remedy] || ownText(index).includes(word);
}

// Orders: each a function from a finding to a number, so that sorting compares no texts.
const collator = new Intl.Collator("en", { numeric: true });
const natural = (one, other) => collator.compare(one, other);
const plain = (one, other) => (one < other ? -1 : Number(one > other)); // many times faster: for as many as there may be
function ranks(values, compare) {
  const order = [...values.keys()].sort((one, other) => compare(values[one], values[other]));
  const found = new Uint32Array(values.length);
  order.forEach((index, rank) => {
    const before = order[rank - 1];
    found[index] = rank > 0 && compare(values[before], values[index]) === 0 ? found[before] : rank;
  });
  return found;
}

const ORDERS = {
  severity: () => (finding) => urgency(finding) * 10 + SEVERITIES.indexOf(finding.severity),
  status: () => (finding) => STATUSES.indexOf(finding.status) * 4 + ENFORCEMENTS.indexOf(finding.enforcement),
  message: () => {
    const found = ranks(FINDINGS.map((finding) => finding.message.toLowerCase()), plain);
    return (finding, index) => found[index];
  },
  policy: () => {
    const found = ranks(DATA.policies.map(([id]) => id), natural);
    return (finding) => found[finding.policy];
  },
  resource: () => {
    const found = ranks(DATA.resources.map(([name]) => name), natural);
    return (finding) => found[finding.resource];
  },
  place: () => {
    const found = ranks(DATA.paths, natural);
    return (finding) => found[finding.places[0][0]] * 2 ** 20 + (finding.places[0][1] ?? 0);
  },
};

// Violations and errors first, then what is unknown, then what nobody has to act on.
function urgency(finding) {
  if (finding.status === "unknown") return 1;
  return QUIET.has(finding.status) ? 2 : 0;
}

const orders = {};
function orderOf(name) {
  if (!orders[name]) {
    const key = ORDERS[name]();
    orders[name] = Float64Array.from(FINDINGS, key);
  }
  return orders[name];
}
