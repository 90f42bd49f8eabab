// Makes the demo's page answer: what is shown is already in it. Text enters the page as text, never as markup.
"use strict";
(() => {
  const root = document.documentElement, $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  root.classList.add("js");

  $("theme").addEventListener("click", () => {
    const isDark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = isDark ? "light" : "dark";
  });

  // The section that is read is marked in the bar above.
  const links = [...document.querySelectorAll("nav ol a")];
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links) link.toggleAttribute("aria-current", link.hash === `#${entry.target.id}`);
    }
  }, { rootMargin: "-40% 0px -55% 0px" });
  document.querySelectorAll("main section").forEach((section) => watch.observe(section));

  // A list of which one item is shown at a time, moved through by a slider; `told` hears which.
  function slider(input, items, told) {
    if (!items.length) { input.closest(".controls").remove(); return () => 0; }
    input.max = items.length - 1;
    const show = (place) => {
      input.value = place;
      items.forEach((item, other) => item.classList.toggle("now", other === place));
      input.setAttribute("aria-valuetext", items[place].textContent.replace(/\s+/g, " ").trim());
      told(items[place], place);
    };
    input.addEventListener("input", () => show(Number(input.value)));
    return show;
  }

  learning: {
    const list = $("moments");
    if (!list) { $("time-controls").remove(); break learning; }
    const items = [...list.children], cursor = document.querySelector(".curve .now"), play = $("play"), icon = play.querySelector("path");
    const PAUSE = "M4 3h4v14H4zM12 3h4v14h-4z", PLAY = icon.getAttribute("d"), STEP = Math.max(300, Math.min(850, 16000 / items.length)); // milliseconds a moment
    let timer = 0;
    items.forEach((item) => item.querySelectorAll("q > *").forEach((word, place) => word.style.setProperty("--i", place)));
    const show = slider($("time"), items, (item) => { cursor.setAttribute("x1", item.dataset.x); cursor.setAttribute("x2", item.dataset.x); });
    const stop = () => { clearInterval(timer); timer = 0; icon.setAttribute("d", PLAY); play.setAttribute("aria-label", "Play"); list.classList.remove("typed"); };
    const step = () => { const place = Number($("time").value) + 1; if (place < items.length) show(place); else stop(); };
    play.addEventListener("click", () => {
      if (timer) { stop(); return; }
      if (Number($("time").value) >= items.length - 1) show(0);
      list.classList.add("typed");
      icon.setAttribute("d", PAUSE); play.setAttribute("aria-label", "Pause");
      timer = setInterval(step, isCalm ? 2 * STEP : STEP);
    });
    $("time").addEventListener("input", stop);
    show(items.length - 1);
    const first = new IntersectionObserver((entries) => { // the story plays itself once, when it is reached
      if (!entries.some((entry) => entry.isIntersecting)) return;
      first.disconnect();
      if (!isCalm && !timer) play.click();
    }, { threshold: .6 });
    first.observe(document.querySelector(".stage"));
  }

  walk: {
    const items = [...($("steps") || { children: [] }).children];
    slider($("share"), items, () => {})(0);
  }

  document.querySelectorAll("#commands pre").forEach((block) => {
    const button = document.createElement("button"), line = block.textContent;
    button.type = "button"; button.textContent = "Copy"; button.setAttribute("aria-label", `Copy: ${line}`);
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(line); button.textContent = "Copied"; } catch {
        getSelection().selectAllChildren(block.querySelector("code")); button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
    block.append(button);
  });

  addEventListener("beforeprint", () => document.querySelectorAll("details:not(.more)").forEach((fold) => { fold.open = true; }));

  maps: {
    const pictures = [...document.querySelectorAll("svg.map")];
    if (!pictures.length) { $("said").remove(); break maps; }
    const SVG = "http://www.w3.org/2000/svg", NEAR = 26; // how far from a point a pointer may be, in pixels
    const groups = [...new Set(data.maps.flatMap((map) => map.groups))].sort((a, b) => a - b);
    const made = (name, values, text) => {
      const element = document.createElementNS(SVG, name);
      for (const key in values) element.setAttribute(key, values[key]);
      if (text !== undefined) element.textContent = text;
      return element;
    };
    let kept = groups[0], shown = null, isChosen = false, isKept = false; // nothing is greyed out before somebody points

    // The sentences of one meaning, joined and named in every map and written above them.
    function show(group, met = -1) {
      const key = `${group} ${met} ${isChosen}`;
      if (key === shown) return;
      shown = key;
      pictures.forEach((picture) => draw(picture, data.maps[picture.dataset.map], group));
      const map = data.maps.find((one) => one.groups.includes(group));
      const rows = map.groups.flatMap((other, row) => other === group ? [row] : []);
      const seen = new Set();
      $("group").replaceChildren(...rows.filter((row) => !seen.has(map.texts[row]) && seen.add(map.texts[row])).map((row) => {
        const item = document.createElement("li"), badge = document.createElement("span"), marker = document.createElement("i"), said = document.createElement("q");
        const language = map.languages[row];
        badge.className = "badge"; marker.className = `l${language % 8}`; marker.textContent = "●■◆▲"[language % 4]; marker.ariaHidden = "true";
        badge.append(marker, data.codes[language] || "?"); said.lang = data.codes[language] || ""; said.textContent = data.texts[map.texts[row]];
        if (map.texts[row] === met) item.className = "met";
        item.append(badge, said);
        return item;
      }));
    }

    function draw(picture, map, group) {
      const rows = map.groups.flatMap((other, row) => other === group ? [row] : []);
      const at = (row) => [map.places[2 * row], map.places[2 * row + 1]];
      const middle = [0, 1].map((axis) => rows.reduce((sum, row) => sum + at(row)[axis], 0) / Math.max(1, rows.length));
      const over = picture.querySelector(".over"), parts = [];
      for (const row of rows) parts.push(made("line", { x1: middle[0], y1: middle[1], x2: at(row)[0], y2: at(row)[1] }));
      for (const row of rows) parts.push(made("path", { class: `l${map.languages[row] % 8}`, d: "M0 0" + data.shapes[map.languages[row] % data.shapes.length],
        transform: `translate(${at(row)}) scale(2.1)` }));
      const spread = Math.max(...rows.map((row) => Math.hypot(at(row)[0] - middle[0], at(row)[1] - middle[1])));
      if (spread > 40) for (const row of rows) parts.push(made("text", { x: at(row)[0] + 11, y: at(row)[1] + 5 }, data.codes[map.languages[row]] || "?"));
      over.replaceChildren(...parts);
      picture.classList.toggle("dim", isChosen);
    }

    function nearest(picture, event) {
      const box = picture.getScreenCTM(), map = data.maps[picture.dataset.map];
      const x = (event.clientX - box.e) / box.a, y = (event.clientY - box.f) / box.d;
      let best = -1, least = NEAR / box.a;
      for (let row = 0; row < map.groups.length; row++) {
        const far = Math.hypot(map.places[2 * row] - x, map.places[2 * row + 1] - y);
        if (far < least) { least = far; best = row; }
      }
      return best;
    }

    for (const picture of pictures) {
      const map = data.maps[picture.dataset.map];
      picture.addEventListener("pointermove", (event) => { const row = nearest(picture, event); isChosen = isKept || row >= 0; if (row >= 0) show(map.groups[row], map.texts[row]); else show(kept); });
      picture.addEventListener("pointerleave", () => { isChosen = isKept; show(kept); });
      picture.addEventListener("click", (event) => { const row = nearest(picture, event); isKept = isChosen = row >= 0; if (row >= 0) kept = map.groups[row]; show(kept, row >= 0 ? map.texts[row] : -1); });
    }
    const go = (place) => { kept = groups[(place + groups.length) % groups.length]; isKept = isChosen = true; show(kept); };
    $("previous").addEventListener("click", () => go(groups.indexOf(kept) - 1));
    $("following").addEventListener("click", () => go(groups.indexOf(kept) + 1));
    $("any").addEventListener("click", () => go(Math.floor(Math.random() * groups.length)));
    show(kept);
  }
})();
