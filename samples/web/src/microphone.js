// The microphone while somebody talks: pieces of 20 ms as int16, and how loud they are. The browser asks for leave at
// the first time. What it does not do: the own voice is not played back, and nothing is kept.

import { pcmOf } from "./sound.js";

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

export class Microphone {
  #context;
  #node = null;
  #take = null;

  // `context`: the AudioContext of the page.
  constructor(context) {
    this.#context = context;
  }

  get rate_hz() {
    return this.#context.sampleRate;
  }

  // Whether the browser has given leave, so that it can start at once.
  get ready() {
    return this.#node !== null;
  }

  // Ask for it. Throws a DOMException as getUserMedia does.
  async prepare() {
    if (this.#node) return;
    if (!navigator.mediaDevices) throw new DOMException("not a secure page", "SecurityError");
    const stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED });
    await this.#context.audioWorklet.addModule("pieces.js");
    const node = new AudioWorkletNode(this.#context, "pieces", { numberOfOutputs: 0, channelCount: 1 });
    node.port.onmessage = ({ data }) => this.#take?.(pcmOf(data), loudness(data));
    this.#context.createMediaStreamSource(stream).connect(node);
    stream.getTracks()[0].onended = () => (this.#node = null); // unplugged, or leave was taken back: ask again
    this.#node = node;
  }

  // `take(pcm, loudness 0..1)` gets every piece until `stop`.
  start(take) {
    this.#take = take;
  }

  stop() {
    this.#take = null;
  }
}

function loudness(samples) {
  const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
  return Math.min(1, 4 * Math.sqrt(power));
}
