// A reader knows one language: where one piece is opened, its like are opened on every page.
(() => {
  const language = (piece) => piece.querySelector("summary")?.textContent.split(":")[0].trim();
  const pieces = [...document.querySelectorAll("main details")].filter(language);
  let known;
  try {
    known = localStorage.getItem("language");
  } catch {
    // No storage, no memory.
  }
  for (const piece of pieces) {
    piece.open = language(piece) === known;
    piece.querySelector("summary").addEventListener("click", () => {
      if (piece.open) {
        return; // It is being closed.
      }
      const chosen = language(piece);
      for (const other of pieces) {
        other.open = other !== piece && language(other) === chosen;
      }
      try {
        localStorage.setItem("language", chosen);
      } catch {
        // As above.
      }
    });
  }
})();
