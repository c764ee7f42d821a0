export default function({data, parentElement, setTriggerValue}) {
  const place = parentElement.querySelector(".place");
  if (place.drawn !== data) {
    const next = document.createElement("div");
    next.innerHTML = data;
    const old = place.querySelectorAll(".door"), now = next.querySelectorAll(".door");
    const names = of => [...of.querySelectorAll(".row")].map(row => row.ariaLabel).join();
    if (old.length === now.length && names(place) === names(next)) {  // only what has changed moves
      now.forEach((door, i) => door.outerHTML !== old[i].outerHTML && old[i].replaceWith(door));
      const told = next.querySelectorAll("i,b");
      place.querySelectorAll("i,b").forEach((part, i) => part.innerHTML === told[i].innerHTML || part.replaceWith(told[i]));
    } else place.innerHTML = data;
  }
  place.drawn = data;
  place.onclick = e => {
    const door = e.target.closest("[data-door]");
    if (door) setTriggerValue("opened", door.dataset.door);
  };
  place.onkeydown = e => {
    const step = {ArrowRight: 1, ArrowLeft: -1, Home: -1e4, End: 1e4}[e.key] ?? 0;
    const down = {ArrowDown: 1, ArrowUp: -1}[e.key] ?? 0;
    if (!(step || down) || !e.target.dataset.door) return;
    const rows = [...place.querySelectorAll(".row:has([data-door])")], here = e.target.parentElement;
    const doorsOf = r => [...r.querySelectorAll("[data-door]")];
    const row = doorsOf(rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(here) + down))]);
    const next = row[Math.max(0, Math.min(row.length - 1, doorsOf(here).indexOf(e.target) + step))];
    if (!next) return;
    e.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    e.preventDefault();
  };
}
