// The list: only the rows in sight, and some around them, are in the document, so that it may have any length.

const AROUND = 12; // rows kept above and below those in sight
const OPENED = 320; // pixels that an opened row is taken for until it has been measured

const rows = {
  body: byId("rows"),
  shown: [], // indices of findings, in order
  position: new Int32Array(FINDINGS.length), // of each finding in the list, -1 for none
  open: new Map(), // opened findings and the height of what they show
  drawn: new Map(), // position -> row
  height: 0,
  whole: false, // all rows are drawn: for paper
};

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const index = Number(target.dataset.index);
    if (target.isConnected && rows.open.has(index)) rows.open.set(index, target.offsetHeight);
  }
  drawRows();
});

function setRows(shown) {
  rows.shown = shown;
  rows.position.fill(-1);
  shown.forEach((index, position) => {
    rows.position[index] = position;
  });
  clearRows();
  byId("list").setAttribute("aria-rowcount", shown.length + 1);
  drawRows();
}

function clearRows() {
  for (const row of rows.drawn.values()) forget(row);
  rows.drawn.clear();
  rows.body.replaceChildren();
}

function forget(row) {
  const detail = row.querySelector(".detail-cell");
  if (detail) sizes.unobserve(detail);
}

// Pixels from the top of the list to a row.
function topOf(position) {
  let top = position * rows.height;
  for (const [index, height] of rows.open) {
    if (rows.position[index] >= 0 && rows.position[index] < position) top += height;
  }
  return top;
}

// The last row that begins at or above a height.
function rowAt(top) {
  let low = 0;
  let high = Math.max(rows.shown.length - 1, 0);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (topOf(middle) <= top) low = middle;
    else high = middle - 1;
  }
  return low;
}

function drawRows() {
  if (!rows.shown.length || rows.body.offsetParent === null) return;
  if (!rows.height) measure();
  const top = -rows.body.getBoundingClientRect().top;
  const first = rows.whole ? 0 : Math.max(rowAt(top) - AROUND, 0);
  const last = rows.whole ? rows.shown.length : Math.min(rowAt(top + innerHeight) + AROUND, rows.shown.length);
  const end = Math.max(last, Math.min(first + 1, rows.shown.length));
  drop(first, end);
  fill(first, end);
  rows.body.style.paddingTop = `${topOf(first)}px`;
  rows.body.style.paddingBottom = `${topOf(rows.shown.length) - topOf(end)}px`;
}

// All closed rows are of one height, which the style sheet gives them.
function measure() {
  const probe = element("tr", { class: "finding" });
  rows.body.append(probe);
  rows.height = probe.getBoundingClientRect().height;
  probe.remove();
}

function drop(first, end) {
  for (const [position, row] of rows.drawn) {
    if (position >= first && position < end) continue;
    forget(row);
    row.remove();
    rows.drawn.delete(position);
  }
}

// Rows that stay are not touched: they keep the focus and what is selected in them.
function fill(first, end) {
  let next = rows.body.firstChild;
  for (let position = first; position < end; position += 1) {
    const drawn = rows.drawn.get(position);
    if (drawn) {
      next = drawn.nextSibling;
      continue;
    }
    const row = rowOf(position);
    rows.drawn.set(position, row);
    rows.body.insertBefore(row, next);
  }
}

function rowOf(position) {
  const index = rows.shown[position];
  const finding = FINDINGS[index];
  const isOpen = rows.open.has(index);
  const row = element("tr", { role: "row", "aria-rowindex": position + 2, "data-position": position, class: QUIET.has(finding.status) ? "finding quiet" : "finding" },
    cell("severity", badge(finding.severity)),
    cell("status", badge(`status-${finding.status}`, statusText(finding))),
    cell("message", element("button", { type: "button", class: "opener", "aria-expanded": String(isOpen), title: finding.message }, finding.message),
      element("span", { class: "sub code" }, policyOf(finding))),
    cell("resource", element("span", { class: "line", title: resourceOf(finding) }, ownOf(finding)),
      element("span", { class: "sub" }, [DATA.resources[finding.resource][1], scopeOf(finding)].filter(Boolean).join(", "))),
    cell("place", placeCell(finding)));
  if (isOpen) row.append(detailCell(index));
  return row;
}

const cell = (name, ...children) => element("td", { role: "cell", class: name }, children);

// The end of a path tells more than its beginning.
function placeCell(finding) {
  const text = placeText(finding.places[0]);
  const path = pathOf(finding);
  const cut = path.lastIndexOf("/") + 1;
  const [name, position] = [path.slice(cut), text.slice(path.length)];
  return [
    element("span", { class: "file code", title: text }, element("span", { class: "line" }, name), element("span", { class: "position" }, position)),
    element("span", { class: "sub code path" }, element("bdi", {}, path.slice(0, cut))),
  ];
}

function detailCell(index) {
  const made = element("td", { role: "cell", class: "detail-cell", "data-index": index }, detailOf(FINDINGS[index]));
  sizes.observe(made);
  return made;
}

function toggle(position) {
  const index = rows.shown[position];
  const row = rows.drawn.get(position);
  const opening = !rows.open.has(index);
  row.querySelector(".opener").setAttribute("aria-expanded", String(opening));
  if (opening) {
    rows.open.set(index, OPENED);
    const detail = detailCell(index);
    row.append(detail);
    rows.open.set(index, detail.offsetHeight);
  } else {
    forget(row);
    row.querySelector(".detail-cell").remove();
    rows.open.delete(index);
  }
  drawRows();
}

// Bring a row into sight and put the focus on it.
function goTo(position) {
  const aim = Math.min(Math.max(position, 0), rows.shown.length - 1);
  if (!rows.drawn.has(aim)) {
    scrollTo({ top: scrollY + rows.body.getBoundingClientRect().top + topOf(aim) - innerHeight / 3, behavior: "instant" });
    drawRows();
  }
  const opener = rows.drawn.get(aim)?.querySelector(".opener");
  opener?.focus({ preventScroll: true });
  opener?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

const positionOf = (target) => Number(target.closest("tr.finding")?.dataset.position ?? -1);
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

function listenToRows() {
  rows.body.addEventListener("click", (event) => {
    if (event.target.closest(".detail-cell") || (event.detail > 0 && String(getSelection()))) return;
    const position = positionOf(event.target);
    if (position >= 0) toggle(position);
  });
  rows.body.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS) || !event.target.matches(".opener")) return;
    event.preventDefault();
    goTo(positionOf(event.target) + STEPS[event.key]);
  });
  let asked = false;
  const draw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      drawRows();
    });
  };
  addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", () => {
    rows.height = 0;
    clearRows();
    draw();
  });
  addEventListener("beforeprint", () => drawAll(true));
  addEventListener("afterprint", () => drawAll(false));
}

function drawAll(whole) {
  rows.whole = whole;
  clearRows();
  drawRows();
}
