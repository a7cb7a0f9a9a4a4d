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
