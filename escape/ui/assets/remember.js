(() => {
const framed = window.top !== window.self;
const nothing_is_kept = () => {
  for (const note of document.querySelectorAll("[data-alone]")) {
    note.hidden = false;
    for (const link of note.querySelectorAll("a")) Object.assign(link, {href: location.href, target: "_blank"});
  }
};
// where the server has routes: it sets the cookie, which no script can read
const fetched = async (word, body) => {
  const at = `remember/${word}${framed ? "?framed" : ""}`;
  let kept = false;
  for (const wait_s of [0, 1, 3, 10, 30]) {  // where the network fails for a moment
    await new Promise(go => setTimeout(go, 1000 * wait_s));
    const answer = await fetch(at, {method: "POST", body}).catch(() => null);
    kept = answer?.ok;
    if (answer && answer.status < 500) break;
  }
  if (framed && (await fetch(`${at}&kept`, {method: "POST"})).status === 410) nothing_is_kept();
  return kept;
};
const keep = (name, value, age) => {
  const safe = location.protocol === "https:";
  const rule = !safe ? "SameSite=Strict" : framed ? "SameSite=None;Secure;Partitioned" : "SameSite=Strict;Secure";
  document.cookie = `escape_${name}=${value};path=/;${age}${rule}`;
  if (value && framed && !document.cookie.includes(`escape_${name}=`)) nothing_is_kept();
};
for (const {dataset: d} of document.querySelectorAll("[data-fetch]")) fetched(d.fetch);
for (const {dataset: d} of document.querySelectorAll("[data-keep]")) keep(d.keep, d.value, d.age);
const take = async () => {
  for (const {dataset: d} of document.querySelectorAll("[data-take]")) {
    const secret = location.hash.slice(1);
    if (/^(?!esc-)[A-Za-z0-9_-]{10,60}$/.test(secret)) {
      if (d.word && !await fetched(d.word, secret)) continue;  // the address keeps its secret
      if (!d.word) keep(d.take, d.before + secret, "max-age=60;");
      history.replaceState(null, "", location.pathname + location.search);
      location.reload();
    }
  }
};
take();
window.addEventListener("hashchange", take);
})()
