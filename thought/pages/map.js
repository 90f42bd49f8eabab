// Draws the sentences of the page's data; everything that comes from a sentence enters the page as text, never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const rows = data.texts.map((_, row) => row);
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "star", "hexagon", "cross", "x"];
  const SHAPES = ["M0-5A5 5 0 1 1 0 5A5 5 0 1 1 0-5Z", "M-4.4-4.4H4.4V4.4H-4.4Z", "M0-6L6 0 0 6-6 0Z", "M0-5.5L6 4.5H-6Z", "M0 5.5L6-4.5H-6Z",
    "M0-6L5.7-1.9 3.5 4.9H-3.5L-5.7-1.9Z", "M0-6.5L2-2H6.4L3 1.2 4.2 6 0 3.2-4.2 6-3 1.2-6.4-2H-2Z", "M-3-5H3L6 0 3 5H-3L-6 0Z",
    "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z", "M-5-3L-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z"];
  const MOST_LISTED = 60;
  const GREY = 0.13; // opacity of what is not meant
  const groups = new Map(); // meaning -> its rows
  data.meanings.forEach((meaning, row) => groups.has(meaning) ? groups.get(meaning).push(row) : groups.set(meaning, [row]));
  const byLanguage = data.languages.map((_, language) => rows.filter((row) => data.language[row] === language));
  const names = data.languages.map(languageName);
  const folded = data.texts.map((text) => fold(text).text);
  const state = { map: 0, colour: "language", pinned: -1, hovered: -1, hits: null, query: "", hidden: new Set(), join: false };
  const hasGl = (() => { try { return !!document.createElement("canvas").getContext("webgl"); } catch { return false; } })();
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const plot = $("plot");

  function languageName(code) {
    try { return new Intl.DisplayNames(["en"], { type: "language" }).of(code) || code; } catch { return code; }
  }

  // Without accents and case, and for each character of the result the place it came from.
  function fold(text) {
    const spelled = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i" };
    let out = ""; const from = [];
    let place = 0;
    for (const letter of text) {
      const lower = letter.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\p{M}/gu, "");
      for (const plain of lower) {
        const put = spelled[plain] || plain;
        for (let i = 0; i < put.length; i++) from.push(place);
        out += put;
      }
      place += letter.length;
    }
    from.push(place);
    return { text: out, from };
  }

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const isDark = () => document.documentElement.dataset.theme === "dark";
  const palette = () => data.colours[isDark() ? "dark" : "light"];
  const languageColour = (language) => palette()[language % palette().length];
  const symbolOf = (row) => state.colour === "meaning" ? SYMBOLS[data.language[row] % SYMBOLS.length] : "circle";
  const is3d = () => data.maps[state.map].columns.length === 3;
  const shown = (row) => !state.hidden.has(data.language[row]);
  let places = data.maps[0].columns; // where the points stand now, also on their way from one map to another
  const at = (row) => places.map((column) => column[row]);
  const active = () => state.hovered >= 0 ? state.hovered : state.pinned;

  function colourOf(row) {
    if (state.colour === "language") return languageColour(data.language[row]);
    const number = data.meanings[row]; // the golden angle: numbers that follow each other get hues far apart
    const light = (isDark() ? 62 : 42) + 8 * (number % 3 - 1);
    return `hsl(${Math.round(number * 137.508) % 360},${isDark() ? 62 : 68}%,${light}%)`;
  }

  // The traces: links of all translations, one of points for each language, then what stands out.
  const JOINS = 0, FIRST = 1, HITS = FIRST + data.languages.length, LINKS = HITS + 1, GROUP = HITS + 2;
  const kind = () => is3d() ? "scatter3d" : hasGl ? "scattergl" : "scatter";

  function columns(list) {
    const [x, y, z] = places;
    const take = (column) => list.map((row) => row < 0 ? null : column[row]); // a gap in a line
    return is3d() ? { x: take(x), y: take(y), z: take(z) } : { x: take(x), y: take(y) };
  }

  function joined() {
    const path = [];
    for (const members of groups.values()) {
      const seen = members.filter(shown);
      for (const row of seen.slice(1)) path.push(seen[0], row, -1);
    }
    return path;
  }

  function base() {
    const size = (is3d() ? 3 : 6.5) * (rows.length > 6000 ? .7 : rows.length > 1500 ? .85 : rows.length < 300 ? 1.4 : 1);
    return byLanguage.map((list, language) => ({
      type: kind(), mode: "markers", ...columns(list), customdata: list, hoverinfo: "none", visible: !state.hidden.has(language),
      name: names[language], opacity: is3d() && greyed() ? GREY : .82, showlegend: false,
      marker: { size, line: { width: 0 }, symbol: is3d() ? "circle" : list.map(symbolOf),
        color: state.colour === "language" ? languageColour(language) : list.map(colourOf) },
    }));
  }

  const greyed = () => active() >= 0 || state.hits !== null;

  function standing(list, size, labels) {
    return {
      type: kind(), mode: labels ? "markers+text" : "markers", ...columns(list), hoverinfo: "skip", showlegend: false,
      text: labels ? list.map((row) => data.languages[data.language[row]]) : [], textposition: "top center",
      textfont: { color: css("--ink"), size: 13 }, opacity: 1,
      marker: { size: is3d() ? size * .6 : size, color: list.map(colourOf), symbol: is3d() ? "circle" : list.map(symbolOf),
        line: { width: is3d() ? 0 : 1.5, color: css("--sheet") } },
    };
  }

  function lines(list, width, colour, opacity) {
    return { type: kind(), mode: "lines", ...columns(list), hoverinfo: "skip", showlegend: false, opacity, connectgaps: false,
      line: { width, color: colour } };
  }

  // The sentences of the meaning that is meant, that one first; and those that were searched for.
  function members() {
    const row = active();
    return row < 0 ? [] : [row, ...groups.get(data.meanings[row]).filter((other) => other !== row && shown(other))];
  }

  const found = () => (state.hits || []).filter(shown);

  // In space what stands out is drawn by three more traces; in the plane by `overlay`, which is faster and writes sharper.
  function accents() {
    const [row, ...others] = is3d() ? members() : [];
    const all = row === undefined ? [] : [row, ...others];
    return [
      { ...standing(is3d() ? found() : [], 8, false), opacity: row === undefined ? 1 : .35 },
      lines(others.flatMap((other) => [row, other, -1]), 4, css("--ink"), .75),
      standing(all, 14, true),
    ];
  }

  function layout() {
    const none = { visible: false, showgrid: false, zeroline: false, fixedrange: false };
    const wall = { title: { text: "" }, showticklabels: false, showspikes: false, gridcolor: css("--line"), zerolinecolor: css("--line"),
      backgroundcolor: css("--sheet"), range: [-1.05, 1.05] };
    return {
      margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      hovermode: "closest", hoverdistance: 16, dragmode: is3d() ? "orbit" : "pan", showlegend: false, uirevision: state.map,
      font: { family: css("--font") },
      xaxis: { ...none, range: [-1.08, 1.08], constrain: "range" }, yaxis: { ...none, range: [-1.08, 1.08], scaleanchor: "x" },
      scene: { xaxis: wall, yaxis: wall, zaxis: wall, aspectmode: "cube", camera: { eye: { x: 1.05, y: 1.05, z: .75 } } },
      modebar: { orientation: "h", bgcolor: "rgba(0,0,0,0)", color: css("--faint"), activecolor: css("--ink") },
    };
  }

  function config() {
    return { responsive: true, scrollZoom: true, displaylogo: false, doubleClick: "reset", showTips: false,
      displayModeBar: matchMedia("(hover: none)").matches ? true : "hover",
      modeBarButtons: [is3d() ? ["toImage", "resetCameraDefault3d"] : ["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
      toImageButtonOptions: { filename: "map of thoughts", scale: 2 } };
  }

  function traces() {
    const all = state.join ? joined() : [];
    return [lines(all, is3d() ? 1.5 : 1, css("--faint"), is3d() && greyed() ? .08 : .45), ...base(), ...accents()];
  }

  function draw() {
    return Plotly.react(plot, traces(), layout(), config()).then(() => { plot.dataset.drawn = String(+(plot.dataset.drawn || 0) + 1); });
  }

  function highlight() {
    if (is3d()) highlightInSpace(); else overlay();
    plot.dataset.active = String(active());
    panel();
  }

  // Only what stands out and how grey the rest is; the thousands of points are left as they are.
  function highlightInSpace() {
    const opacity = greyed() ? GREY : .82;
    Plotly.restyle(plot, { opacity: [greyed() ? .08 : .45, ...byLanguage.map(() => opacity)] }, [JOINS, ...byLanguage.map((_, i) => FIRST + i)]);
    const update = { x: [], y: [], z: [], opacity: [], text: [], "marker.color": [] };
    for (const trace of accents()) {
      for (const key of ["x", "y", "z", "opacity"]) update[key].push(trace[key]);
      update.text.push(trace.text || []);
      update["marker.color"].push(trace.marker ? trace.marker.color : []);
    }
    Plotly.restyle(plot, update, [HITS, LINKS, GROUP]);
  }

  function drawn(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  function overlay() {
    const layer = $("overlay"), parts = [];
    const isFlat = !is3d() && plot._fullLayout && plot._fullLayout.xaxis && plot._fullLayout.xaxis.l2p;
    plot.classList.toggle("greyed", !is3d() && greyed());
    if (isFlat && greyed()) {
      const mark = (row, scale, opacity) => {
        const [x, y] = pixel(row);
        const shape = SHAPES[state.colour === "meaning" ? data.language[row] % SHAPES.length : 0];
        return drawn("path", { d: shape, transform: `translate(${x} ${y}) scale(${scale})`, fill: colourOf(row), opacity, "stroke-width": 1.2 });
      };
      const [row, ...others] = members();
      const rest = row === undefined ? found() : found().filter((other) => data.meanings[other] !== data.meanings[row]);
      parts.push(...rest.map((other) => mark(other, rows.length > 1500 ? .8 : 1, row === undefined ? 1 : .3)));
      if (row !== undefined) {
        const all = [row, ...others], spots = all.map(pixel);
        const middle = [0, 1].map((axis) => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length);
        for (const [x, y] of spots.slice(1)) parts.push(drawn("line", { x1: spots[0][0], y1: spots[0][1], x2: x, y2: y }));
        parts.push(...all.map((other, place) => mark(other, place ? 1.35 : 1.7, 1)).reverse());
        all.forEach((other, place) => { // names stand away from the middle, so that they do not cover each other
          const [x, y] = spots[place], away = Math.hypot(x - middle[0], y - middle[1]);
          const [u, v] = away > 1 ? [(x - middle[0]) / away, (y - middle[1]) / away] : [0, -1];
          parts.push(drawn("text", { x: x + 19 * u, y: y + 17 * v + 4.5 }, data.languages[data.language[other]]));
        });
      }
    }
    layer.replaceChildren(...parts);
  }

  function pixel(row) { // inside the plot
    const full = plot._fullLayout, [x, y] = at(row);
    return [full.xaxis._offset + full.xaxis.l2p(x), full.yaxis._offset + full.yaxis.l2p(y)];
  }

  let isWaiting = false;
  function soon() { // a mouse that crosses fifty points asks for one picture
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; highlight(); });
  }

  // What stands beside the map.
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value); else if (value !== null) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function dot(language) {
    const holder = element("i", { class: "dot", "aria-hidden": "true" });
    const picture = drawn("svg", { viewBox: "-6.5 -6.5 13 13" });
    picture.append(drawn("path", { d: SHAPES[state.colour === "meaning" ? language % SHAPES.length : 0],
      fill: state.colour === "language" ? languageColour(language) : css("--soft") }));
    holder.append(picture);
    return holder;
  }

  function marked(row) {
    const text = data.texts[row], wanted = fold(state.query.trim()).text;
    if (!wanted) return [text];
    const { text: plain, from } = fold(text);
    const parts = []; let done = 0;
    for (let found = plain.indexOf(wanted); found >= 0; found = plain.indexOf(wanted, found + wanted.length)) {
      const start = from[found], end = Math.max(from[found + wanted.length], start + 1);
      if (start < done) continue;
      parts.push(text.slice(done, start), element("mark", {}, text.slice(start, end)));
      done = end;
    }
    return [...parts, text.slice(done)];
  }

  function item(row) {
    const language = data.language[row];
    const button = element("button", { type: "button", class: row === active() ? "is-current" : "", onclick: () => pin(row) }, dot(language),
      element("span", { class: "text", dir: "auto", lang: data.languages[language] }, ...marked(row),
        element("span", { class: "code", dir: "ltr", lang: "en" }, names[language])));
    return element("li", {}, button);
  }

  const list = (some) => element("ul", {}, ...some.map(item));
  const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

  function panel() {
    const row = active(), inside = [];
    if (row >= 0) {
      const others = groups.get(data.meanings[row]).filter((other) => other !== row);
      const title = element("h2", {}, element("span", {}, others.length ? `One meaning, ${plural(others.length + 1, "sentence")}` : "Said only once"));
      if (state.pinned >= 0 && state.hovered < 0) title.append(element("button", { type: "button", onclick: release }, "let go"));
      inside.push(title, list([row, ...others]));
    } else if (state.hits) {
      inside.push(element("h2", {}, element("span", {}, `Found in ${plural(state.hits.length, "sentence")}`)), list(state.hits.slice(0, MOST_LISTED)));
      if (state.hits.length > MOST_LISTED) inside.push(element("p", {}, `and ${(state.hits.length - MOST_LISTED).toLocaleString("en")} more`));
    } else {
      inside.push(element("p", {}, `${plural(rows.length, "sentence")}, ${plural(groups.size, "meaning")}, ${plural(data.languages.length, "language")}.`),
        element("p", {}, "Point at a sentence to see what else says the same; click to keep it. Scroll to zoom, drag to move."),
        element("p", {}, element("kbd", {}, "/"), " search  ", element("kbd", {}, "↑ ↓ ← →"), " walk  ", element("kbd", {}, "Enter"), " keep  ",
          element("kbd", {}, "Esc"), " let go"));
    }
    $("panel").replaceChildren(...inside);
  }

  function showTip(row, place) {
    const tip = $("tip");
    tip.classList.toggle("on", row >= 0 && place !== null);
    if (row < 0 || place === null) return;
    tip.replaceChildren(element("b", {}, names[data.language[row]]), element("span", { dir: "auto" }, data.texts[row]));
    const stage = $("stage").getBoundingClientRect(), area = plot.getBoundingClientRect();
    const [x, y] = [place[0] - stage.left, place[1] - stage.top];
    const left = Math.max(6, Math.min(x + 16, stage.width - tip.offsetWidth - 6));
    const above = y - tip.offsetHeight - 16;
    tip.style.left = `${left}px`;
    tip.style.top = `${above < 6 ? Math.min(y + 18, area.height - tip.offsetHeight) : above}px`;
  }

  function placeOf(row) { // on the screen, of a point in the plane
    if (is3d()) return null;
    const area = plot.getBoundingClientRect(), [x, y] = pixel(row);
    return [area.left + x, area.top + y];
  }

  function hover(row, place) { state.hovered = row; showTip(row, place); soon(); }
  function pin(row) { state.pinned = row; state.hovered = -1; showTip(row, placeOf(row)); highlight(); }
  function release() { state.pinned = state.hovered = -1; showTip(-1, null); highlight(); }

  function find(query) {
    state.query = query;
    const wanted = fold(query.trim()).text;
    state.hits = wanted ? rows.filter((row) => folded[row].includes(wanted)) : null;
    state.pinned = state.hovered = -1;
    $("count").textContent = state.hits ? plural(state.hits.length, "hit") : "";
    showTip(-1, null);
    highlight();
  }

  // Arrow keys: the nearest point whose way lies more along the arrow than across it.
  function step(dx, dy) {
    const visible = rows.filter((row) => shown(row) && (!state.hits || state.hits.includes(row)));
    if (!visible.length) return;
    const from = active();
    if (from < 0) return hover(visible[0], placeOf(visible[0]));
    if (is3d()) {
      const place = visible.indexOf(from) + (dx + dy > 0 ? 1 : -1);
      return hover(visible[(place + visible.length) % visible.length], null);
    }
    const [x, y] = at(from);
    let best = -1, least = Infinity;
    for (const row of visible) {
      const [u, v] = at(row), along = (u - x) * dx + (v - y) * dy, across = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      const cost = along + 2 * across;
      if (along > 1e-6 && across <= along && cost < least) { best = row; least = cost; }
    }
    if (best >= 0) hover(best, placeOf(best));
  }

  function choice(holder, labels, chosen, pick) {
    const buttons = labels.map((label, index) => element("button", {
      type: "button", role: "radio", "aria-checked": String(index === chosen), tabindex: index === chosen ? "0" : "-1", onclick: () => select(index) }, label));
    function select(index) {
      buttons.forEach((button, other) => { button.setAttribute("aria-checked", String(other === index)); button.tabIndex = other === index ? 0 : -1; });
      pick(index);
    }
    holder.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      const next = (buttons.findIndex((button) => button.tabIndex === 0) + move + buttons.length) % buttons.length;
      buttons[next].focus(); select(next);
    });
    if (labels.length > 1) holder.replaceChildren(...buttons);
  }

  // From one flat map to another the points travel, so that the eye can follow them.
  function travel(before) {
    const now = data.maps[state.map].columns, start = performance.now(), traced = byLanguage.map((_, i) => FIRST + i);
    const tick = () => {
      if (data.maps[state.map].columns !== now) return;
      const passed = Math.min((performance.now() - start) / 550, 1), share = passed * passed * (3 - 2 * passed);
      places = passed < 1 ? now.map((column, axis) => column.map((to, row) => before[axis][row] + (to - before[axis][row]) * share)) : now;
      if (passed >= 1) return draw();
      const take = (axis) => byLanguage.map((list) => list.map((row) => places[axis][row]));
      Plotly.restyle(plot, { x: take(0), y: take(1) }, traced).then(() => requestAnimationFrame(tick));
    };
    tick();
  }

  function showMap(index) {
    const before = places, wasFlat = before.length === 2;
    state.map = index; state.hovered = -1; showTip(-1, null);
    $("caption").textContent = data.maps[index].caption;
    if (wasFlat && !is3d() && !isCalm && !state.join) return travel(before);
    places = data.maps[index].columns;
    draw().then(highlight);
  }

  function chips() {
    if (data.languages.length < 2) return;
    $("languages").replaceChildren(...data.languages.map((code, language) => element("button", {
      type: "button", "aria-pressed": String(!state.hidden.has(language)), title: `Show or hide ${names[language]}`,
      onclick: () => { state.hidden.has(language) ? state.hidden.delete(language) : state.hidden.add(language); chips(); draw();
        $("languages").children[language].focus(); } },
    dot(language), names[language])));
  }

  function setTheme(theme) { document.documentElement.dataset.theme = theme; chips(); draw(); panel(); }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isAuto = document.documentElement.dataset.theme === "auto";
  if (isAuto) document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  let isChosen = !isAuto;
  dark.addEventListener("change", () => { if (!isChosen) setTheme(dark.matches ? "dark" : "light"); });
  $("theme").addEventListener("click", () => { isChosen = true; setTheme(isDark() ? "light" : "dark"); });
  choice($("maps"), data.maps.map((map) => map.name), 0, showMap);
  choice($("colours"), ["by language", "by meaning"], 0, (index) => { state.colour = ["language", "meaning"][index]; chips(); draw(); panel(); });
  $("join").addEventListener("change", (event) => { state.join = event.target.checked; draw(); });
  let typing = 0;
  $("search").addEventListener("input", (event) => { clearTimeout(typing); typing = setTimeout(() => find(event.target.value), 90); });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target === $("search");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) { event.preventDefault(); $("search").focus(); }
    if (event.key === "Escape") { if (active() < 0 && state.query) { $("search").value = ""; find(""); } else release(); }
    if (event.key === "Enter" && isTyping && state.hits && state.hits.length) pin(state.hits[0]);
  });
  plot.addEventListener("keydown", (event) => {
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (way) { event.preventDefault(); step(...way); }
    if (event.key === "Enter" && active() >= 0) pin(active());
  });

  $("caption").textContent = data.maps[0].caption;
  chips();
  draw().then(() => {
    panel();
    const rowOf = (event) => event.points.length ? event.points[0].customdata : -1;
    plot.on("plotly_hover", (event) => {
      const pointer = event.event;
      hover(rowOf(event), pointer && pointer.clientX !== undefined ? [pointer.clientX, pointer.clientY] : null);
    });
    plot.on("plotly_unhover", () => hover(-1, null));
    plot.on("plotly_click", (event) => { const row = rowOf(event); if (row === state.pinned) release(); else pin(row); });
    plot.on("plotly_relayout", () => { showTip(-1, null); overlay(); });
    plot.on("plotly_relayouting", () => { showTip(-1, null); overlay(); });
    plot.on("plotly_afterplot", overlay);
  });
})();
