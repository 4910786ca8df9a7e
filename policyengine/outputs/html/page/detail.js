// All that is known of one finding.

const badge = (look, text = look) => element("span", { class: `badge ${look}` }, text);
const code = (text) => element("span", { class: "code" }, text);

function detailOf(finding) {
  const main = [excerptOf(finding), ...notesOf(finding)];
  return element("div", { class: "detail" }, element("div", { class: "told" }, main), factsOf(finding));
}

// The source line, its value marked as a caret would mark it.
function excerptOf(finding) {
  if (!finding.excerpt) return null;
  const [before, value, after] = finding.excerpt;
  const line = String(finding.places[0][1]);
  const gutter = element("span", { class: "gutter", "aria-hidden": "true" }, line);
  const text = element("code", {}, before, value && element("mark", {}, value), after);
  const label = `Line ${line} of ${pathOf(finding)}`;
  return element("pre", { class: "excerpt", tabindex: "0", role: "group", "aria-label": label }, gutter, text);
}

function notesOf(finding) {
  const notes = [];
  const unknown = finding.unknown === undefined ? null : DATA.facts[finding.unknown];
  if (unknown) {
    const [fact, why, settle] = unknown;
    notes.push(note("Not known", [code(fact), `: ${why}`]));
    if (settle) notes.push(note("To settle it", [settle]));
  }
  if (finding.exemption) notes.push(exemptionOf(finding));
  if (whyOf(finding)) notes.push(note("Why it matters", [whyOf(finding)]));
  if (finding.remedy !== undefined) notes.push(note("What to do", [marked(textOf(finding.remedy))]));
  if (finding.witness) notes.push(note("Witness", [finding.witness]));
  if (finding.path) notes.push(note("Path", finding.path.map((step) => [code(step), element("br")]).flat()));
  if (finding.alike) notes.push(note("Set", [finding.alike]));
  return notes;
}

const note = (title, children, look = "") =>
  element("div", { class: `note ${look}` }, element("h3", {}, title), element("p", {}, children));

// Remedies quote what is to be written: `user: app`.
function marked(text) {
  return text.split(/`([^`\n]+)`/).map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

function exemptionOf(finding) {
  const { kind, reason, until, owner, place } = finding.exemption;
  const expired = finding.status === "fail";
  const title = expired ? `Its exemption has expired (${kind})` : `Waived (${kind})`;
  const told = [reason ?? "No reason is given."];
  if (owner) told.push(` By ${owner}.`);
  if (until) told.push(expired ? ` It held until ${until}.` : ` It holds until ${until}.`);
  if (place) told.push(" ", code(place));
  return note(title, told, expired ? "expired" : "waived");
}

function factsOf(finding) {
  const [, , scope, origin] = DATA.resources[finding.resource];
  const [first, ...related] = finding.places;
  const rows = [
    ["Policy", [code(policyOf(finding)), element("span", { class: "also" }, titleOf(finding))]],
    ["Place", [placeOf(first)]],
    ["Resource", [code(resourceOf(finding)), element("span", { class: "also" }, `${scope} (${origin})`)]],
    ["Value", finding.value ? [code(finding.value)] : []],
    ["Related", related.map(placeOf)],
    ["Controls", controlTags(finding)],
    ["Category", [finding.category]],
    ["Enforcement", [enforcementText(finding)]],
    ["Fix", finding.fix ? [`${finding.fix}, automatic`] : []],
    ["Fingerprint", [element("a", { class: "code", href: hashOf({ ...initialState(), finding: finding.fingerprint }) }, finding.fingerprint.slice(0, 16))]],
  ];
  return element("dl", {}, rows.filter(([, content]) => content.length).map(([name, content]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, content))));
}

function enforcementText(finding) {
  if (finding.blocks) return "block: it makes the run fail";
  return finding.status === "fail" ? `${finding.enforcement}: it does not make the run fail` : finding.enforcement;
}

function placeOf(place) {
  const text = placeText(place);
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${text}` }, "Copy");
  button.addEventListener("click", () => copy(text, button));
  return element("span", { class: "place-line" }, code(text), button);
}

function controlTags(finding) {
  const listed = controlsOf(finding).toSorted((one, other) => one[0].localeCompare(other[0]));
  return listed.map(([kind, , text, name]) =>
    element("span", { class: `tag ${kind}`, title: name || null }, text));
}
