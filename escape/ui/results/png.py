"""Pictures as PNG: the browser itself turns a drawing into one, at twice its size, so that no library is needed."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

_SCRIPT = """export default function({data, parentElement}) {
  const place = parentElement.querySelector(".place");
  place.replaceChildren(...Object.entries(data).map(([name, [label, svg]]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.onclick = () => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        const [, width, height] = svg.match(/viewBox="\\S+ \\S+ (\\S+) (\\S+)"/);
        canvas.width = 2 * width;
        canvas.height = 2 * height;
        const pen = canvas.getContext("2d");
        pen.fillStyle = getComputedStyle(place).getPropertyValue("--st-background-color");
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(blob => {
          const link = document.createElement("a");
          link.href = URL.createObjectURL(blob);
          link.download = name;
          link.click();
          setTimeout(() => URL.revokeObjectURL(link.href), 10000);
        });
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
    };
    return button;
  }));
}"""
_STYLE = """.place{display:flex;flex-wrap:wrap;gap:1rem}
button{font:inherit;font-size:.875rem;color:inherit;background:transparent;border:1px solid var(--st-border-color);
 border-radius:var(--st-button-radius);padding:.4rem .75rem;min-height:2.5rem;cursor:pointer}
button:hover,button:focus-visible{border-color:var(--st-primary-color);color:var(--st-primary-color)}"""
_BUTTONS = st.components.v2.component("escape_png", html='<div class="place"></div>', css=_STYLE, js=_SCRIPT)


def buttons(pictures: Mapping[str, tuple[str, str]]) -> None:
    """A button for each picture. `pictures`: name of the file -> label and SVG."""
    if pictures:
        _BUTTONS(key="png", data={name: list(about) for name, about in pictures.items()})
