// A strip below the conversation's head: a button opens it; Escape, Cancel and the button put it away.

const strips = [];

export const isStripOpen = () => strips.some(({ strip }) => !strip.hidden);

/** Connects one; `first` gets the focus. Opening it puts the others away. */
export function setUpStrip({ strip, button, cancel, first }) {
  const show = (opened) => {
    strip.hidden = !opened;
    button.setAttribute("aria-expanded", String(opened));
  };
  const giveUp = () => {
    show(false);
    button.focus();
  };
  strips.push({ strip, show });
  button.setAttribute("aria-controls", strip.id);
  button.addEventListener("click", () => {
    const opened = strip.hidden;
    closeStrips();
    show(opened);
    if (opened) first.focus();
  });
  cancel.addEventListener("click", giveUp);
  strip.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    giveUp();
  });
  show(false);
}

export function closeStrips() {
  for (const { show } of strips) show(false);
}
