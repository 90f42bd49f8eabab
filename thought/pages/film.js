// Plays the film in the page's data; everything that comes from a sentence enters the page as text, never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const rows = data.texts.map((_, row) => row);
  const toTime = (step) => Math.log2(1 + step / data.slowStart); // even at first, then by doublings
  const times = data.steps.map(toTime), end = times[times.length - 1];
  const SECONDS = 14, HIT = 14;
  const groups = new Map(); // meaning -> its rows
  data.meanings.forEach((meaning, row) => groups.has(meaning) ? groups.get(meaning).push(row) : groups.set(meaning, [row]));
  const names = data.languages.map((code) => {
    try { return new Intl.DisplayNames(["en"], { type: "language" }).of(code) || code; } catch { return code; }
  });
  const order = rows.slice().sort((a, b) => (a * 7919) % 4001 - (b * 7919) % 4001); // mixed, or one language covers the rest
  const state = { time: 0, isPlaying: false, basis: 0, hidden: new Set(), row: -1, kept: -1 };
  const canvas = $("picture"), pen = canvas.getContext("2d");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const isDark = () => document.documentElement.dataset.theme === "dark";
  const colour = (language) => { const all = data.colours[isDark() ? "dark" : "light"]; return all[language % all.length]; };
  const shown = (row) => !state.hidden.has(data.language[row]);
  const active = () => state.row >= 0 ? state.row : state.kept;

  // A cubic through all snapshots, as in the module that wrote this page.
  function placesAt(time) {
    const frames = data.bases[state.basis].points, last = times.length - 1;
    let index = 0;
    while (index < last - 1 && times[index + 1] <= time) index++;
    const width = times[index + 1] - times[index], u = Math.max(0, Math.min(1, (time - times[index]) / width));
    const low = Math.max(index - 1, 0), high = Math.min(index + 2, last);
    const first = width / (times[index + 1] - times[low]), second = width / (times[high] - times[index]);
    const [a, b, before, after] = [frames[index], frames[index + 1], frames[low], frames[high]];
    const u2 = u * u, u3 = u2 * u, out = new Float64Array(a.length);
    for (let i = 0; i < a.length; i++) {
      out[i] = ((2 * u3 - 3 * u2 + 1) * a[i] + (3 * u2 - 2 * u3) * b[i] + (u3 - 2 * u2 + u) * (b[i] - before[i]) * first
        + (u3 - u2) * (after[i] - a[i]) * second) / 1000;
    }
    return out;
  }

  let spots = new Float64Array(2 * rows.length); // of the points on the canvas, in pixels
  let looks = {};

  function draw() {
    const box = canvas.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    const scale = Math.min(box.width, box.height) / 2 / data.bases[state.basis].reach;
    const project = (points) => { for (let i = 0; i < points.length; i += 2) { points[i] = box.width / 2 + points[i] * scale; points[i + 1] = box.height / 2 - points[i + 1] * scale; } return points; };
    spots = project(placesAt(state.time));
    const row = active(), size = Math.max(3, Math.min(5, box.width / 160)) * (rows.length > 200 ? .85 : 1.1);
    const chosen = row >= 0 ? [data.meanings[row]] : data.bases[state.basis].joined;
    const stars = chosen.map((meaning) => groups.get(meaning).filter(shown));
    const marked = new Set(stars.flat());
    pen.globalAlpha = row >= 0 ? .16 : .62;
    for (const other of order) if (shown(other) && !marked.has(other)) dot(other, size);
    pen.globalAlpha = row >= 0 ? .8 : .75;
    if (row >= 0) trails(stars[0], project);
    pen.strokeStyle = looks.ink; pen.lineWidth = 1.3;
    for (const star of stars) lines(star);
    pen.globalAlpha = 1;
    for (const other of marked) dot(other, size * 1.5, true);
    $("step").textContent = `step ${Math.round(data.slowStart * (2 ** state.time - 1)).toLocaleString("en")}`;
    $("time").value = String(Math.round(1000 * state.time / end));
    $("time").setAttribute("aria-valuetext", $("step").textContent);
    moveMarkers();
  }

  function dot(row, size, hasRim) {
    pen.fillStyle = looks.colours[data.language[row]];
    pen.beginPath();
    pen.arc(spots[2 * row], spots[2 * row + 1], size, 0, 7);
    pen.fill();
    if (hasRim) { pen.strokeStyle = looks.sheet; pen.lineWidth = 1.3; pen.stroke(); }
  }

  function lines(star) { // from the middle to each
    let [x, y] = [0, 0];
    for (const row of star) { x += spots[2 * row] / star.length; y += spots[2 * row + 1] / star.length; }
    pen.beginPath();
    for (const row of star) { pen.moveTo(x, y); pen.lineTo(spots[2 * row], spots[2 * row + 1]); }
    pen.stroke();
  }

  function trails(star, project) { // the way so far
    const past = [];
    for (let time = Math.max(0, state.time - 2); time < state.time; time += .06) past.push(project(placesAt(time)));
    past.push(spots);
    pen.save();
    pen.lineWidth = 2; pen.globalAlpha = .4;
    for (const row of star) {
      pen.strokeStyle = looks.colours[data.language[row]];
      pen.beginPath();
      for (const points of past) pen.lineTo(points[2 * row], points[2 * row + 1]);
      pen.stroke();
    }
    pen.restore();
  }

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) key.startsWith("on") ? made.addEventListener(key.slice(2), value) : made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function drawn(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  const HIGH = 74, FOOT = 15, LEFT = 30; // pixels of a curve's picture
  const markers = [];
  const format = (curve, value) => curve.isShare ? `${Math.round(100 * value)} %` : value.toFixed(1);

  function drawCurves() {
    markers.length = 0;
    $("curves").replaceChildren(...data.curves.map((curve) => {
      const value = element("output"), picture = drawn("svg", { "aria-hidden": "true" });
      const figure = element("figure", {}, element("figcaption", {}, curve.name, value), picture);
      const seek = (event) => {
        const box = picture.getBoundingClientRect();
        go(end * Math.max(0, Math.min(1, (event.clientX - box.left - LEFT) / (box.width - LEFT - 6))));
      };
      picture.addEventListener("pointerdown", (event) => { stop(); picture.setPointerCapture(event.pointerId); seek(event); });
      picture.addEventListener("pointermove", (event) => { if (event.buttons) seek(event); });
      markers.push({ curve, value, picture });
      return figure;
    }));
    layCurves();
  }

  function layCurves() {
    for (const marker of markers) {
      const { curve, picture } = marker, wide = picture.getBoundingClientRect().width;
      const x = (time) => LEFT + (wide - LEFT - 6) * time / end, y = (value) => 4 + (HIGH - FOOT - 4) * (1 - value / curve.top);
      marker.points = curve.steps.map((step, index) => [x(toTime(step)), y(curve.values[index])]);
      marker.x = x; marker.y = y;
      const parts = [drawn("path", { class: "axis", d: `M${LEFT} 4V${y(0)}H${wide - 6}` }),
        drawn("text", { x: LEFT - 5, y: 10, "text-anchor": "end" }, curve.isShare ? "100" : curve.top.toFixed(0)),
        drawn("text", { x: LEFT - 5, y: y(0), "text-anchor": "end" }, "0")];
      if (curve.chance !== null) parts.push(drawn("path", { class: "chance", d: `M${LEFT} ${y(curve.chance)}H${wide - 6}` }));
      let taken = -40;
      for (const step of [0, 10, 100, 1000, 10000, 100000].filter((one) => one <= data.steps[data.steps.length - 1])) {
        if (x(toTime(step)) - taken < 24) continue;
        taken = x(toTime(step));
        parts.push(drawn("text", { x: taken, y: HIGH, "text-anchor": "middle" }, step.toLocaleString("en")));
      }
      parts.push(drawn("path", { class: "curve", d: `M${marker.points.map((point) => point.join(" ")).join("L")}` }));
      marker.past = drawn("path", { class: "past" });
      marker.dot = drawn("circle", { r: 4.5 });
      picture.replaceChildren(...parts, marker.past, marker.dot);
    }
  }

  function moveMarkers() {
    for (const { curve, value, x, y, points, past, dot: ball } of markers) {
      const known = curve.steps.map(toTime), isKnown = state.time >= known[0] - 1e-9;
      let index = known.findLastIndex((time) => time <= state.time + 1e-9);
      if (!isKnown) { value.textContent = ""; past.setAttribute("d", ""); ball.setAttribute("r", 0); continue; }
      const next = Math.min(index + 1, known.length - 1), width = known[next] - known[index];
      const share = width > 0 ? (state.time - known[index]) / width : 0;
      const now = curve.values[index] + (curve.values[next] - curve.values[index]) * share;
      const spot = [x(Math.min(state.time, known[known.length - 1])), y(now)];
      value.textContent = format(curve, now);
      past.setAttribute("d", `M${[...points.slice(0, index + 1), spot].map((point) => point.join(" ")).join("L")}`);
      ball.setAttribute("r", 4.5); ball.setAttribute("cx", spot[0]); ball.setAttribute("cy", spot[1]);
    }
  }

  function go(time) { state.time = Math.max(0, Math.min(end, time)); tip(); draw(); }

  let before = 0;
  function tick(now) {
    if (!state.isPlaying) return;
    go(state.time + end * Math.min(now - before, 100) / 1000 / SECONDS);
    before = now;
    if (state.time >= end) return stop();
    requestAnimationFrame(tick);
  }
  function icon() { $("play").querySelector("path").setAttribute("d", state.isPlaying ? "M5 3H9V17H5ZM11 3H15V17H11Z" : "M5 2.5L17 10 5 17.5Z"); }
  function play() { if (state.time >= end) state.time = 0; state.isPlaying = true; before = performance.now(); icon(); requestAnimationFrame(tick); }
  function stop() { state.isPlaying = false; icon(); }
  const toggle = () => state.isPlaying ? stop() : play();

  function nearest(event) {
    const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = -1, least = HIT * HIT;
    for (const row of rows) {
      const away = (spots[2 * row] - x) ** 2 + (spots[2 * row + 1] - y) ** 2;
      if (shown(row) && away < least) { least = away; best = row; }
    }
    return best;
  }

  function tip() {
    const row = active(), box = $("tip"), area = canvas.getBoundingClientRect();
    box.classList.toggle("on", row >= 0);
    if (row < 0) return;
    box.replaceChildren(element("b", {}, names[data.language[row]]), element("span", { dir: "auto" }, data.texts[row]));
    const [x, y] = [spots[2 * row], spots[2 * row + 1]];
    box.style.left = `${Math.max(6, Math.min(x + 14, area.width - box.offsetWidth - 6))}px`;
    box.style.top = `${y - box.offsetHeight - 14 < 6 ? Math.min(y + 16, area.height - box.offsetHeight - 6) : y - box.offsetHeight - 14}px`;
  }

  function point(row) {
    if (row === state.row) return;
    state.row = row; canvas.style.cursor = row >= 0 ? "pointer" : "";
    tip(); draw();
  }

  function chips() {
    $("languages").replaceChildren(...data.languages.map((code, language) => {
      const mark = element("i"); mark.style.background = colour(language);
      return element("button", { type: "button", "aria-pressed": String(!state.hidden.has(language)), title: `Show or hide ${names[language]}`,
        onclick: () => { state.hidden.has(language) ? state.hidden.delete(language) : state.hidden.add(language); chips(); draw(); $("languages").children[language].focus(); } },
      mark, names[language]);
    }));
  }

  function choose(index) {
    state.basis = index;
    [...$("bases").children].forEach((button, other) => { button.setAttribute("aria-checked", String(other === index)); button.tabIndex = other === index ? 0 : -1; });
    $("caption").textContent = data.bases[index].caption;
    draw();
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    looks = { ink: css("--ink"), sheet: css("--sheet"), colours: data.languages.map((_, language) => colour(language)) };
    chips(); draw();
  }

  const titles = { procrustes: "own planes", pca: "plane of the end" };
  $("bases").replaceChildren(...data.bases.map((basis, index) => element("button", { type: "button", role: "radio", onclick: () => choose(index) }, titles[basis.name])));
  $("bases").addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault(); choose((state.basis + 1) % data.bases.length); $("bases").children[state.basis].focus();
  });
  $("play").addEventListener("click", toggle);
  $("time").addEventListener("input", (event) => { stop(); go(end * event.target.value / 1000); });
  canvas.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") point(nearest(event)); });
  canvas.addEventListener("pointerleave", () => point(-1));
  canvas.addEventListener("click", (event) => { const row = nearest(event); state.kept = row === state.kept ? -1 : row; tip(); draw(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { state.kept = state.row = -1; tip(); draw(); }
    if (event.key === " " && !event.target.closest("button")) { event.preventDefault(); toggle(); }
  });
  addEventListener("resize", () => { layCurves(); draw(); tip(); });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isAuto = document.documentElement.dataset.theme === "auto";
  let isChosen = !isAuto;
  drawCurves();
  icon();
  setTheme(isAuto ? dark.matches ? "dark" : "light" : document.documentElement.dataset.theme);
  choose(0);
  dark.addEventListener("change", () => { if (!isChosen) setTheme(dark.matches ? "dark" : "light"); });
  $("theme").addEventListener("click", () => { isChosen = true; setTheme(isDark() ? "light" : "dark"); });
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
})();
