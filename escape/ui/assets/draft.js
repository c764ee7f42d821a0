// Keeps the draft of a room in this tab, and hands it back after a reload.
const KEY = "escape_draft";
export default ({data, setTriggerValue}) => {
  try {
    if (data.draft) sessionStorage.setItem(KEY, data.draft);
    const kept = data.begun ? "" : sessionStorage.getItem(KEY);
    if (kept) setTriggerValue("kept", kept);
  } catch { /* a frame in which the browser stores nothing */ }
};
