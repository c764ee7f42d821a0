export default function({data, parentElement, setTriggerValue}) {
  const place = parentElement.querySelector(".place");
  if (place.drawn !== data) place.innerHTML = data;
  place.drawn = data;
  place.onclick = e => {
    const door = e.target.closest("[data-door]");
    if (door) setTriggerValue("opened", door.dataset.door);
  };
  place.onkeydown = e => {
    const step = {ArrowRight: 1, ArrowLeft: -1, Home: -1e4, End: 1e4}[e.key] ?? 0;
    const down = {ArrowDown: 1, ArrowUp: -1}[e.key] ?? 0;
    if (!(step || down) || !e.target.dataset.door) return;
    const rows = [...place.querySelectorAll(".row")], here = e.target.parentElement;
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
