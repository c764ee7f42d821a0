let done = 0, jumped = 0, pressedAt = 0;
// A download's button takes no press while its file is made, and the browser takes the focus from such a button. What a
// menu opens stands at the end of the page: who opens it by keyboard (a click without a pointer) is taken there.
document.addEventListener("click", e => {
  if (e.isTrusted) pressedAt = Date.now();
  const until = Date.now() + 5000;
  const menu = !e.detail && e.target.closest("[data-testid=stPopover] button");
  const inside = () => {
    const first = document.querySelector("[data-testid=stPopoverBody] :is(input,textarea,button,a,summary):not([disabled])");
    if (first) first.focus();
    else if (Date.now() < until) setTimeout(inside, 50);
  };
  if (menu && menu.ariaExpanded !== "true") setTimeout(inside, 50);  // as it was before: a press may also shut it
  const pressed = e.target.closest("[data-testid=stDownloadButton] button");
  const back = () => {
    if (document.activeElement === document.body && !pressed.disabled) pressed.focus();
    else if (Date.now() < until) setTimeout(back, 50);
  };
  if (pressed) back();
}, true);
export default function({data, parentElement}) {
  const {number, key: asked, looked, words, jump, tab} = JSON.parse(data);
  // Streamlit 1.67 now and then leaves a tab shut that the server has opened: when the tabs are still on their way
  const cameAt = Date.now();
  if (tab && jumped !== jump) setTimeout(() => {
    if (pressedAt > cameAt) return;  // somebody has gone on already
    const there = [...document.querySelectorAll("[role=tab]")].find(e => e.innerText.trim() === tab);
    if (there && there.ariaSelected !== "true") there.click();
  }, 300);
  jumped = jump;
  if (done === number) return;
  done = number;
  const said = parentElement.querySelector("p");
  said.textContent = "";  // the same words again are read out again
  setTimeout(() => said.textContent = words, 100);
  const until = Date.now() + 4000;
  const key = asked.replace(/^\?/, "");
  const go = () => {
    // "?" asks for the focus only where nothing has it: what had it was taken away
    if (key !== asked && document.activeElement !== document.body) return;
    const part = key && document.querySelector(`.st-key-${key}`);
    if (!part) return key && Date.now() < until ? setTimeout(go, 60) : undefined;
    const found = looked ? part : part.querySelector("h1,h2") ?? part;
    if (!looked && !part.matches(":focus-within")) {
      found.tabIndex = -1;
      found.focus({preventScroll: true});
    }
    const see = () => found.scrollIntoView({block: "nearest"});
    see();
    setTimeout(see, 350);
  };
  setTimeout(go, key === asked ? 60 : 400);
}
