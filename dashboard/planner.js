// Two things the text field of the planner's page cannot do by itself: commit what was typed after a pause, so that it is
// checked, and show the line that a problem names. Nothing anybody wrote comes in here.
(() => {
  if (window.helptPlanner) return;
  window.helptPlanner = true;
  const PAUSE = 1000;
  const field = () => document.querySelector(".st-key-planner-text textarea");
  let waiting;
  document.addEventListener("input", (event) => {
    if (event.target !== field()) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const commit = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
      field()?.dispatchEvent(new KeyboardEvent("keydown", commit));
    }, PAUSE);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-line]");
    const area = field();
    if (!link || !area) return;
    event.preventDefault();
    const line = Number(link.dataset.line) - 1;
    const lines = area.value.split("\n");
    const start = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
    const column = Math.min(Number(link.dataset.column) - 1, (lines[line] ?? "").length);
    area.focus();
    area.setSelectionRange(start + column, start + (lines[line] ?? "").length);
    area.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(area).lineHeight);
  });
})();
