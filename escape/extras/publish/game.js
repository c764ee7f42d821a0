// Steps through rooms and bets that play/index.html holds as data. Nothing is asked of any server.
const data = JSON.parse(document.getElementById("data").textContent);
const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), {textContent: text, ...more});
const press = (text, onclick, on = false) => {
  const b = make("button", text, {type: "button", onclick});
  b.setAttribute("aria-pressed", on);
  return b;
};
const at = id => document.getElementById(id);

// a room
let room, state, thing, verb, moves;
const holds = when => when.every(([fact, value]) => state[fact] === value);
const isOut = () => holds(room.goal);
function enter(which) {
  room = which; state = [...room.start]; thing = verb = null; moves = 0;
  at("told").textContent = room.told; at("limits").textContent = room.limits;
  at("said").replaceChildren(); at("end").textContent = "";
  choose();
}
function choose() {
  at("rooms").replaceChildren(...data.rooms.map(r => press(r.name, () => enter(r), r === room)));
  const over = isOut();
  const acts = room.acts.filter(a => a[1] === thing);
  at("things").replaceChildren(...(over ? [] : room.things.map(t => press(t, () => { thing = t; verb = null; choose(); }, t === thing))));
  const verbs = [...new Set(acts.map(a => a[0]))];
  at("verbs").replaceChildren(...(over || !thing ? [] : verbs.map(v => press(v, () => { verb = v; choose(); }, v === verb))));
  const seconds = acts.filter(a => a[0] === verb);
  at("seconds").replaceChildren(...(over || !verb ? [] : seconds.map(a => press(a[2] ? "→ " + a[2] : "do it", () => act(a)))));
}
function act([v, t, second, rules]) {
  const rule = rules.map(n => room.rules[n]).find(r => holds(r.when));
  const line = make("li", "");
  line.append(make("b", v + ": " + t + (second ? " → " + second : "")), make("div", rule ? rule.say : data.nothing));
  at("said").append(line);
  const changes = rule ? rule.then.filter(([fact, value]) => state[fact] !== value) : [];
  for (const [fact, value] of changes) state[fact] = value;
  if (!data.free.includes(v) && !(v === "take" && !changes.length)) moves += 1;
  if (isOut()) at("end").textContent = `Out in ${moves} moves; the shortest way out takes ${room.shortest}.`;
  verb = null;
  choose();
}

// bets
let row, number, called;
function begin() { row = data.bets[Math.floor(Math.random() * data.bets.length)]; number = 0; called = []; ask(); }
const lines = (parent, bet, told) => parent.replaceChildren(...bet.lines.map((line, n) => {
  const li = make("li", ""); li.append(make("b", line)); if (told) li.append(make("div", bet.said[n] ?? "")); return li;
}));
function ask() {
  const bet = row[number];
  at("bet").textContent = `Plan ${number + 1} of ${row.length}, by ${bet.by}: ${bet.name}`;
  at("bet_told").textContent = bet.told; at("bet_limits").textContent = bet.limits; at("why").textContent = "";
  lines(at("plan"), bet, false);
  at("calls").replaceChildren(press("It gets out", () => tell(true)), press("It gets stuck", () => tell(false)));
}
function tell(out) {
  const bet = row[number], right = out === bet.out;
  called.push(right);
  at("why").textContent = (right ? "Right: it gets " : "Not so: it gets ") + (bet.out ? "out. " : "stuck. ") + bet.why;
  lines(at("plan"), bet, true);
  const last = number + 1 === row.length;
  at("calls").replaceChildren(press(last ? "How did I do?" : "Next plan", () => { number += 1; last ? end() : ask(); }));
  at("calls").firstChild.focus();
}
function end() {
  const marks = called.map(hit => hit ? "▮" : "▯").join("");
  at("bet").textContent = `Escape, out or stuck? ${marks} I called ${called.filter(Boolean).length} of ${row.length}.`;
  for (const id of ["bet_told", "bet_limits", "why"]) at(id).textContent = "";
  at("plan").replaceChildren();
  at("calls").replaceChildren(press("Five more", begin));
}
enter(data.rooms[0]);
begin();
