(() => {
  const faults = [];
  const fault = (what, element) =>
    faults.push(what + (element ? ": " + element.outerHTML.slice(0, 160) : ""));
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const box = (element) => element.getBoundingClientRect();
  const isSeen = (element) => box(element).width > 0 && box(element).height > 0;

  const root = document.documentElement;
  if (root.lang !== "en") fault("no language");
  if (all("h1").length !== 1) fault("not one h1");
  if (root.scrollWidth > innerWidth) fault(`${root.scrollWidth} wide on ${innerWidth}`);
  if (document.title === "") fault("no title");

  // Content outside the screen must be inside a part of the page that scrolls.
  for (const element of all("body *")) {
    if (box(element).right > innerWidth + 1 && !element.closest(".scroll, pre, svg")) {
      fault("beyond the edge", element);
    }
  }
  for (const element of all(".scroll, pre")) {
    const reaches = element.scrollWidth <= element.clientWidth;
    if (!reaches && element.matches(".scroll") && element.tabIndex < 0) {
      fault("not reached by the keyboard", element);
    }
  }
  for (const math of all("math")) if (!isSeen(math)) fault("a formula without a size", math);
  for (const figure of all("figure")) {
    const svg = figure.querySelector("svg");
    if (!svg || !isSeen(svg)) fault("a figure without a size", figure);
    const title = svg && svg.querySelector(":scope > title");
    if (!title || title.textContent.trim() === "") fault("a figure without words", figure);
  }
  for (const head of all("th")) {
    if (!["row", "col"].includes(head.getAttribute("scope"))) fault("no scope", head);
  }

  // The corners of a text, which may be rotated, slightly inside its line box.
  const corners = (name) => {
    const {x, y, width, height} = name.getBBox();
    const place = (share, part) => new DOMPoint(x + share * width, y + part * height)
      .matrixTransform(name.getScreenCTM());
    return [place(0, 0.15), place(1, 0.15), place(1, 0.85), place(0, 0.85)];
  };
  // Two rectangles are disjoint if their projections on a side of one of them are.
  const isApart = (a, b) => [a, b].some((one) => [1, 3].some((next) => {
    const [dx, dy] = [one[next].x - one[0].x, one[next].y - one[0].y];
    const along = (points) => points.map((point) => point.x * dx + point.y * dy);
    const [p, q] = [along(a), along(b)];
    return Math.max(...p) <= Math.min(...q) || Math.max(...q) <= Math.min(...p);
  }));

  // Texts in a figure are inside it and do not overlap.
  for (const svg of all("svg")) {
    const outer = box(svg);
    const names = all("text", svg).filter(isSeen);
    names.forEach((name, k) => {
      const a = box(name);
      const isInside = a.left > outer.left - 1 && a.right < outer.right + 1
        && a.top > outer.top - 1 && a.bottom < outer.bottom + 1;
      if (!isInside) fault("a name is cut off", name);
      for (const other of names.slice(k + 1)) {
        const isClear = isApart(corners(name), corners(other));
        if (!isClear) fault(`on each other: ${other.textContent}`, name);
      }
    });
  }

  // A closed curve on a map that is nearly as wide as high must be a circle.
  for (const path of all("svg path[fill=none][stroke-width='1']")) {
    const {width, height} = path.getBBox();
    const points = path.getAttribute("d").split("L").length;
    if (points > 60 && Math.abs(Math.log(width / height)) < 0.2 && Math.abs(width - height) > 1) {
      fault(`not round: ${width} by ${height}`, path);
    }
  }

  // Contrast of every text with its background (WCAG 2.2, 1.4.3).
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const known = new Map();
  const pixel = (css) => {
    if (!known.has(css)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      known.set(css, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(css);
  };
  const light = (css) => {
    const linear = (byte) => {
      const share = byte / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    const [red, green, blue] = pixel(css).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    const css = getComputedStyle(element).backgroundColor;
    if (pixel(css)[3] === 255) return css;
    return element.parentElement ? ground(element.parentElement) : "white";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const isBlank = walker.currentNode.data.trim() === "";
    if (isBlank || element.closest("script, style, title") || !isSeen(element)) continue;
    const style = getComputedStyle(element);
    const levels = [light(element.closest("svg") ? style.fill : style.color), light(ground(element))];
    const contrast = (Math.max(...levels) + 0.05) / (Math.min(...levels) + 0.05);
    if (contrast < 4.5) fault(`contrast ${contrast.toFixed(2)}`, element);
    texts += 1;
  }

  const count = (selector) => all(selector).length;
  return {faults, texts, formulas: count("math"), figures: count("figure"), headings: count("th")};
})()
