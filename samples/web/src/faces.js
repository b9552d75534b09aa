// Who can be on the stage: a tile each with the portrait, a cross on those that were made from this page, and a last tile
// for a picture of the visitor's own. Calls `does.choose(name)` and `does.forget(name)`. What it does not do: no connection.

import { radios } from "./radios.js";

export class Faces {
  #box;
  #does;
  #own;

  constructor(box, does) {
    this.#box = box;
    this.#does = does;
    this.#own = box.querySelector("button");
  }

  // avatars: [{name, made}]
  show(avatars, chosen) {
    const shown = JSON.stringify(avatars);
    if (this.#box.dataset.shown !== shown) {
      this.#box.dataset.shown = shown;
      radios(this.#box, "face", avatars.map(({ name }) => name), chosen, portrait);
      for (const radio of this.#radios) radio.onchange = () => this.#does.choose(radio.value);
      avatars.forEach(({ name, made }, i) => made && this.#box.children[i].append(this.#cross(name)));
      this.#box.append(this.#own);
    }
    this.chosen(chosen);
  }

  chosen(face) {
    for (const radio of this.#radios) radio.checked = radio.value === face;
  }

  get #radios() {
    return this.#box.querySelectorAll("[name=face]");
  }

  #cross(name) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "forget", textContent: "×" });
    Object.assign(button, { title: `Forget ${name}`, ariaLabel: `Forget ${name}`, onclick: () => this.#does.forget(name) });
    return button;
  }
}

function portrait(name) {
  return Object.assign(document.createElement("img"), { src: `avatars/${name}.png`, alt: "", draggable: false });
}
