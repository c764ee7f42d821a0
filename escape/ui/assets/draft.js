// Keeps the draft of a room in this tab, each writer's apart, and hands it back after a reload.
export default ({data, setTriggerValue}) => {
  const KEY = `escape_draft ${data.writer}`;
  try {
    if (data.draft) sessionStorage.setItem(KEY, data.draft);
    const kept = data.begun ? "" : sessionStorage.getItem(KEY);
    if (kept) setTriggerValue("kept", kept);
  } catch { /* a frame in which the browser stores nothing */ }
};
