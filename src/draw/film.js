"use strict";
(() => {
  const film = JSON.parse(document.getElementById("film").textContent);
  const slider = document.getElementById("slider");
  const play = document.getElementById("play");
  const moving = [...document.querySelectorAll("path[data-layer]")];
  const cells = [...document.querySelectorAll("[data-term]")];
  let timer = null;

  const show = (frame) => {
    slider.value = frame;
    const shown = film.frames[frame];
    slider.setAttribute("aria-valuetext", film.parameter + " = " + shown.value);
    document.getElementById("value").textContent = shown.value;
    moving.forEach((path) => path.setAttribute("d", shown.paths[Number(path.dataset.layer)] || ""));
    cells.forEach((cell) => { cell.textContent = shown.terms[Number(cell.dataset.term)]; });
  };

  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };

  const start = () => {
    play.textContent = "Pause";
    timer = setInterval(() => show((Number(slider.value) + 1) % film.frames.length), film.pause);
  };

  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  play.addEventListener("click", () => (timer === null ? start() : stop()));
  show(film.lowest);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) start();
})();
