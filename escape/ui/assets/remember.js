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
  await fetch(at, {method: "POST", body});
  if (framed && (await fetch(`${at}&kept`, {method: "POST"})).status === 410) nothing_is_kept();
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
      if (d.word) await fetched(d.word, secret);
      else keep(d.take, d.before + secret, "max-age=60;");
      history.replaceState(null, "", location.pathname + location.search);
      location.reload();
    }
  }
};
take();
window.addEventListener("hashchange", take);
})()
