"use strict";

// The pages are whole without this; it searches as one types, draws boxes on the map, and copies code.

const form = document.getElementById("search");

if (form) {
  let waiting = null;
  let newest = 0;

  const search = async () => {
    const number = ++newest;
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    const address = `/?${asked}`;
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== newest) return; // an answer to what was typed before
    document.getElementById("results").replaceWith(page.getElementById("results"));
    history.replaceState(null, "", address);
    drawBoxes();
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 200);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
  });

  const drawBoxes = () => {
    const map = document.getElementById("world");
    const locate = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    map.addEventListener("pointerdown", (down) => {
      if (down.pointerType === "touch") return; // that moves the page
      const begin = locate(down);
      const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      box.setAttribute("class", "drawn");
      map.append(box);
      map.setPointerCapture(down.pointerId);
      const draw = (event) => {
        const end = locate(event);
        box.setAttribute("x", Math.min(begin.x, end.x));
        box.setAttribute("y", Math.min(begin.y, end.y));
        box.setAttribute("width", Math.abs(end.x - begin.x));
        box.setAttribute("height", Math.abs(end.y - begin.y));
      };
      map.addEventListener("pointermove", draw);
      map.addEventListener(
        "pointerup",
        (up) => {
          map.removeEventListener("pointermove", draw);
          const end = locate(up);
          const within = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(1);
          if (Math.abs(end.x - begin.x) < 1 || Math.abs(end.y - begin.y) < 1) {
            box.remove(); // a click, not a box
            return;
          }
          const [west, east] = [begin.x, end.x].sort((a, b) => a - b);
          const [north, south] = [begin.y, end.y].sort((a, b) => a - b);
          form.elements.bbox.value = [within(west, 180), within(-south, 90), within(east, 180), within(-north, 90)].join(",");
          search();
        },
        { once: true },
      );
    });
  };
  drawBoxes();
}

for (const snippet of document.querySelectorAll(".snippet")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(snippet.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  snippet.querySelector("figcaption").append(button);
}

// A plot: its steps get sliders, and the picture is swapped as they are moved.

const plot = document.querySelector("form.plot");

if (plot) {
  const image = document.querySelector(".picture img");
  const sources = [...document.querySelectorAll(".picture source")];
  const caption = document.querySelector(".picture figcaption");
  const figure = document.querySelector(".picture");
  const bare = image.getAttribute("src").split("?")[0];
  let newest = 0;
  let waiting = null;

  const tell = async (asked) => {
    const number = ++newest;
    figure.setAttribute("aria-busy", "true");
    let told;
    try {
      told = await (await fetch(`${image.dataset.told}?${asked}`)).json();
    } catch {
      told = { fault: "The server cannot be reached." };
    }
    if (number !== newest) return; // an answer to what was chosen before
    figure.removeAttribute("aria-busy");
    const text = told.text || `This cannot be drawn: ${told.fault}`;
    caption.textContent = text;
    image.alt = text;
    for (const [dim, step] of Object.entries(told.steps || {})) {
      const field = plot.elements[`at-${dim}`];
      if (field && field.value === "") set(field, step);
    }
    return told;
  };

  const set = (field, step) => {
    field.value = step;
    const slider = field.parentElement.querySelector("input[type=range]");
    if (slider) slider.value = step;
  };

  const read = () => new URLSearchParams([...new FormData(plot)].filter(([, value]) => value));

  // The same picture comes for light and dark, wide and narrow pages: what else is asked for of the one that is seen.
  const withExtra = (asked, extra) => new URLSearchParams([...asked, ...new URLSearchParams(extra)]);
  const findSeen = () => sources.find((source) => matchMedia(source.media).matches)?.dataset.extra || "";

  const draw = async () => {
    const asked = read();
    history.replaceState(null, "", `?${asked}#plot`);
    if (await tell(withExtra(asked, findSeen()))) {
      for (const source of sources) source.srcset = `${bare}?${withExtra(asked, source.dataset.extra)}`;
      image.src = `${bare}?${asked}`;
    }
  };

  const drawSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 150);
  };

  for (const field of plot.querySelectorAll(".step input")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = field.min;
    slider.max = field.max;
    slider.value = field.value || field.max;
    slider.setAttribute("aria-label", `${field.name.slice(3)}, step`);
    slider.addEventListener("input", () => {
      field.value = slider.value;
      drawSoon();
    });
    field.addEventListener("input", () => {
      slider.value = field.value;
      drawSoon();
    });
    field.before(slider);
  }
  // Another variable has other steps, so the page comes anew with its form.
  plot.elements.variable.addEventListener("change", () => {
    for (const field of plot.querySelectorAll(".step input[name]")) field.disabled = true;
    plot.requestSubmit();
  });
  if (plot.elements.kind) {
    plot.elements.kind.addEventListener("change", () => {
      for (const step of plot.querySelectorAll(".step[data-time]")) step.hidden = plot.elements.kind.value === "series";
      drawSoon();
    });
  }
  plot.addEventListener("submit", (event) => {
    if (event.submitter) {
      event.preventDefault();
      draw();
    }
  });

  new IntersectionObserver((seen, observer) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    observer.disconnect();
    tell(withExtra(location.search.includes("variable=") ? read() : [], findSeen()));
  }).observe(figure);
}
