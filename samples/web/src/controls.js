// What one can press, slide and read: calls `does.NAME(...)` for each, and shows what the page tells it. Everything is a
// plain form element, so that the keyboard and a screen reader come for free. What it does not do: no connection.

import { Faces } from "./faces.js";
import { hearFiles, hearPointer, hearTalk } from "./gestures.js";
import { radios } from "./radios.js";
import { EMOTIONS } from "./vocabulary.js";

const NEUTRAL = "neutral";
const WISH_MS = 80; // at most one wish in this time: the face eases for 300 ms anyway
const RAD = Math.PI / 180;
const $ = (id) => document.getElementById(id);

// does: choose(face), forget(face), sayLine(line), take(file), talk(), hush(), interrupt(), view(name),
// wish({gaze, distance, emotion})
export class Controls {
  #does;
  #faces;
  #wishes = {};
  #timer = 0;

  constructor(does) {
    this.#does = does;
    this.#faces = new Faces($("faces").querySelector("div"), does);
    radios($("feels").querySelector("div"), "feels", [NEUTRAL, ...EMOTIONS], NEUTRAL);
    $("feels").addEventListener("input", () => this.#wish({ emotion: this.#emotion() }));
    $("distance").oninput = () => this.#wish({ distance: this.#distance() });
    for (const id of ["yaw", "pitch"]) $(id).oninput = () => this.#gazeBySlider();
    $("follow").oninput = () => $("follow").checked || this.#look(0, 0);
    for (const radio of document.getElementsByName("view")) radio.onchange = () => does.view(radio.value);
    $("stop").onclick = () => does.interrupt();
    $("dismiss").onclick = () => this.clearTrouble();
    window.addEventListener("keydown", ({ key }) => key === "Escape" && this.#escape());
    hearPointer($("stage"), (yaw, pitch) => $("follow").checked && this.#look(yaw, pitch));
    const pickers = [[$("own"), $("file")], [$("mine"), $("portrait")]];
    hearFiles(pickers, { sign: $("drop"), take: (file) => does.take(file) });
    hearTalk($("talk"), { begin: () => $("talk").disabled || does.talk(), end: () => does.hush() });
  }

  // --- what is shown --------------------------------------------------------------------------------------------------

  // state: connecting, live, away, lost.
  state(name) {
    $("state").textContent = name;
    $("state").dataset.state = name;
    $("stage").classList.toggle("gone", name !== "live");
    for (const button of document.querySelectorAll("#talk, .line")) button.disabled = name !== "live";
  }

  // The notice: what is wrong and what to do. One that lasts cannot be closed.
  trouble({ title, text, command = "", lasts = false }) {
    const [heading, sentence, code] = $("notice").children;
    const said = [title, text, command];
    [heading, sentence, code].forEach((part, i) => (part.textContent = said[i]));
    $("dismiss").hidden = lasts;
    $("notice").hidden = false;
  }

  // Whether something was told that the visitor has not closed yet.
  get told() {
    return !$("notice").hidden && !$("dismiss").hidden;
  }

  clearTrouble() {
    $("notice").hidden = true;
  }

  // Everybody who can be chosen: [{name, made}].
  faces(avatars, chosen) {
    this.#faces.show(avatars, chosen);
    $("faces").hidden = false;
  }

  // Whose face is on the stage, or will be.
  chosen(face) {
    for (const id of ["head", "picture"]) $(id).setAttribute("aria-label", `The face of ${face}`);
    this.#faces.chosen(face);
    const backdrop = $("backdrop");
    if (backdrop.dataset.face === face) return;
    backdrop.dataset.face = face;
    backdrop.classList.remove("there");
    backdrop.onload = () => backdrop.classList.add("there");
    backdrop.src = `avatars/${face}.png`;
  }

  // Lines as {name, text}; that of the chosen face first.
  lines(lines, face) {
    const sorted = [...lines].sort((a, b) => (b.name === face) - (a.name === face));
    const buttons = sorted.map((line) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "line", textContent: firstSentence(line.text), title: line.text });
      Object.assign(button, { disabled: $("own").disabled, onclick: () => this.#does.sayLine(line) });
      button.dataset.line = line.name;
      return button;
    });
    $("lines").querySelector("div").replaceChildren(...buttons);
  }

  // The line whose sound plays; null: none.
  saying(line) {
    $("caption").textContent = line?.text ?? "";
    $("stop").disabled = !line;
    for (const button of document.querySelectorAll(".line")) {
      button.classList.toggle("said", line !== null && button.dataset.line === line.name);
    }
  }

  // Loudness 0..1 of the microphone while it is heard; null: it is not.
  hearing(loudness) {
    $("talk").classList.toggle("held", loudness !== null);
    $("talk").querySelector("span").textContent = loudness === null ? "Hold to talk" : "Listening";
    $("talk").style.setProperty("--loud", loudness ?? 0);
  }

  facts({ generated, latency_ms, answer_ms }) {
    $("generated").hidden = !generated;
    const parts = [`look-ahead ${Math.round(latency_ms)} ms`];
    if (answer_ms) parts.push(`answered in ${Math.round(answer_ms)} ms`);
    $("latency").textContent = parts.join(" · ");
  }

  // What draws the face: head or picture.
  view(name) {
    for (const id of ["head", "picture"]) $(id).hidden = id !== name;
    for (const radio of document.getElementsByName("view")) radio.checked = radio.value === name;
  }

  // Whether the chosen face is still to come.
  waiting(is) {
    $("stage").classList.toggle("waiting", is);
  }

  // Everything that is wished for now: for a character that has just begun.
  get wishes() {
    return { gaze: this.#gaze(), distance: this.#distance(), emotion: this.#emotion() };
  }

  // --- what is done ---------------------------------------------------------------------------------------------------

  #wish(wishes) {
    Object.assign(this.#wishes, wishes);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#does.wish(this.#wishes);
      this.#wishes = {};
    }, WISH_MS);
  }

  #emotion() {
    const name = document.querySelector("[name=feels]:checked").value;
    return name === NEUTRAL ? {} : { [name]: Number($("strength").value) };
  }

  #distance() {
    return Number($("distance").value);
  }

  // [yaw, pitch] in radians: the page's right is the face's left, which is +.
  #gaze() {
    return [Number($("yaw").value) * RAD, Number($("pitch").value) * RAD];
  }

  #gazeBySlider() {
    $("follow").checked = false;
    this.#wish({ gaze: this.#gaze() });
  }

  #look(yaw_rad, pitch_rad) {
    $("yaw").value = yaw_rad / RAD;
    $("pitch").value = pitch_rad / RAD;
    this.#wish({ gaze: this.#gaze() });
  }

  #escape() {
    if (this.told) this.clearTrouble();
    else this.#does.interrupt();
  }
}

function firstSentence(text) {
  return text.match(/^.*?[.!?](?=\s|$)/)?.[0] ?? text;
}
