"use strict";
(() => {
  const field = document.getElementById("find");
  const cards = [...document.querySelectorAll(".one")].map((card) => ({
    card, codes: card.dataset.code.split(" "), text: card.textContent.toLowerCase(),
  }));
  const choices = [...document.querySelectorAll(".choice")];
  const show = () => {
    const words = field.value.trim().toLowerCase().split(/\s+/);
    const chosen = choices.find((choice) => choice.ariaPressed === "true")?.dataset ?? {};
    let n = 0;
    for (const { card, codes, text } of cards) {
      const isShown = (!chosen.status || card.dataset.status === chosen.status)
        && (!chosen.code || codes.includes(chosen.code))
        && words.every((word) => text.includes(word));
      card.hidden = !isShown;
      n += isShown;
    }
    document.getElementById("shown").textContent =
      n === cards.length ? `All ${n} shown` : `${n} of ${cards.length} shown`;
    document.getElementById("none").hidden = n > 0;
  };
  field.addEventListener("input", show);
  for (const choice of choices) {
    choice.addEventListener("click", () => {
      const isChosen = choice.ariaPressed === "true";
      for (const other of choices) other.ariaPressed = "false";
      choice.ariaPressed = String(!isChosen);
      show();
    });
  }
})();
