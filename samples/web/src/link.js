// The connection to the bridge: requests in, their answers as promises, everything else to `hear`. It comes back by
// itself after 0.25 s, 0.5 s, then each second, for as long as it takes; requests under way fail with BRIDGE_GONE.
// What it does not do: no memory of what was asked; who listens opens the character again.

import { bytesOf, contentOf, messageOf, payloadOf } from "./wire.js";
import { CODEC, KIND } from "./vocabulary.js";

const AGAIN_S = [0.25, 0.5, 1];
const ANSWER_S = 15;

// What the bridge refused, or that it is gone: `reason` for programs, `message` for people.
export class Refusal extends Error {
  constructor({ reason, message, retryable = false }) {
    super(message);
    this.reason = reason;
    this.retryable = retryable;
  }
}

// `address` of the WebSocket with its topics; `opened()` at every new connection, `lost()` when it ends or none can be had
// at first, `hear(message)` for what comes unasked.
export class Link {
  #socket = null;
  #asked = new Map(); // sequence -> {resolve, reject, timer}
  #count = 0;
  #tries = 0; // since the last connection

  constructor(address, { opened, lost, hear }) {
    this.address = address;
    Object.assign(this, { opened, lost, hear });
  }

  // Connect, and stay connected as long as the page lives.
  start() {
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#tries = 0;
      this.opened();
    };
    socket.onmessage = ({ data }) => {
      const message = messageOf(data);
      if (message) this.#take(message);
    };
    socket.onclose = () => this.#lose();
    this.#socket = socket;
  }

  // Send a request; gives the answer's line and content. fields: {character, line, rate_hz, flags}.
  // Rejects with a Refusal, also when no answer comes for `within_s`.
  ask(kind, fields = {}, { content, pcm, file, within_s = ANSWER_S } = {}) {
    const sequence = ++this.#count;
    const body = content ? { codec: CODEC.JSON, payload: payloadOf(content) } : {};
    if (pcm) Object.assign(body, { codec: CODEC.PCM_S16, payload: pcm });
    if (file) Object.assign(body, { codec: CODEC.FILE, payload: file });
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return reject(gone());
      const timer = setTimeout(() => this.#settle(sequence)?.reject(silent(within_s)), within_s * 1000);
      this.#asked.set(sequence, { resolve, reject, timer });
      this.#socket.send(bytesOf({ kind, sequence, ...fields, ...body }));
    });
  }

  #take(message) {
    if (message.kind !== KIND.OK && message.kind !== KIND.ERROR) return this.hear(message);
    const asked = this.#settle(message.sequence);
    if (message.kind === KIND.OK) asked?.resolve({ ...contentOf(message), line: message.line });
    else asked?.reject(new Refusal(contentOf(message)));
  }

  #settle(sequence) {
    const asked = this.#asked.get(sequence);
    this.#asked.delete(sequence);
    clearTimeout(asked?.timer);
    return asked;
  }

  #lose() {
    for (const sequence of [...this.#asked.keys()]) this.#settle(sequence).reject(gone());
    if (!this.#tries) this.lost();
    const wait_s = AGAIN_S[Math.min(this.#tries++, AGAIN_S.length - 1)];
    setTimeout(() => this.start(), wait_s * 1000);
  }
}

function gone() {
  return new Refusal({ reason: "BRIDGE_GONE", message: "The bridge cannot be reached.", retryable: true });
}

function silent(within_s) {
  return new Refusal({ reason: "BRIDGE_SILENT", message: `No answer came within ${within_s} s.`, retryable: true });
}
