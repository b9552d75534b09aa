// The lines that this page says, as sound: when each one starts, where it is, that it stops. Its position is the clock
// of the face: the time of the AudioContext less the time that sound needs to the loudspeaker, in 16 kHz samples.
// A line starts when its motion is 50 ms ahead (from then on frames come at the pace of the sound) and, where pictures
// are shown, the first one is there; at the latest 0.4 s after LINE_STARTED. Lines wait for their turn: the bridge says
// them one after the other. What it does not do: nothing is sent, and there is no microphone here.

import { SAMPLE_RATE_HZ } from "./vocabulary.js";

const LEAD = 0.05 * SAMPLE_RATE_HZ; // samples of motion ahead of the sound
const LATEST_S = 0.4;
const SOON_S = 0.005; // so that the start is a moment that we know exactly
const WAKE_MS = 400;
const NOTHING = { line: 0, position: -1 };

export class Sound {
  context = new AudioContext({ latencyHint: "interactive" });
  needsPictures = false;
  #lines = new Map(); // number -> {buffer, motion, picture, begun_s}
  #playing = null; // {number, source, start_s, length}

  // `started(line)`: it can be heard. `ended(line)`: it is over or was stopped.
  constructor({ started, ended }) {
    Object.assign(this, { started, ended });
  }

  // Browsers play nothing before the first click; false: not even now.
  async wake() {
    if (this.context.state !== "running") {
      await Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, WAKE_MS))]);
    }
    return this.context.state === "running";
  }

  // A file of any format that the browser knows -> AudioBuffer. Throws what the browser throws.
  decode(file) {
    return this.context.decodeAudioData(file);
  }

  // A line that was said: its sound waits for its frames.
  expect(number, buffer) {
    this.#lines.set(number, { buffer, motion: -1, picture: false, begun_s: Infinity });
  }

  // What has come of a line; its sound starts when enough is there.
  hear({ line, line_sample }, { picture = false } = {}) {
    const waiting = this.#lines.get(line);
    if (!waiting) return;
    if (picture) waiting.picture = true;
    else waiting.motion = Math.max(waiting.motion, line_sample);
  }

  // LINE_STARTED, which may come twice.
  begun({ line, now_s }) {
    const waiting = this.#lines.get(line);
    if (waiting) waiting.begun_s = Math.min(waiting.begun_s, now_s);
  }

  // Stop one line, or all of them.
  stop(line = null) {
    for (const number of [...this.#lines.keys()]) {
      if (line === null || number === line) this.#lines.delete(number);
    }
    if (this.#playing && (line === null || this.#playing.number === line)) this.#end();
  }

  // {line, position}: what can be heard now, in 16 kHz samples; line 0: nothing. Called at every draw.
  now({ now_s }) {
    if (!this.#playing) this.#startWhatIsReady(now_s);
    if (!this.#playing) return NOTHING;
    const late_s = this.context.outputLatency || this.context.baseLatency || 0;
    const position = (this.context.currentTime - late_s - this.#playing.start_s) * SAMPLE_RATE_HZ;
    if (position < this.#playing.length) return { line: this.#playing.number, position };
    this.#end();
    return NOTHING;
  }

  #startWhatIsReady(now_s) {
    const [number, waiting] = this.#lines.entries().next().value ?? [];
    if (!waiting) return;
    const ready = waiting.motion >= LEAD && (waiting.picture || !this.needsPictures);
    if (!ready && !(now_s - waiting.begun_s >= LATEST_S)) return;
    this.#lines.delete(number);
    const source = this.context.createBufferSource();
    source.buffer = waiting.buffer;
    source.connect(this.context.destination);
    const start_s = this.context.currentTime + SOON_S;
    source.start(start_s);
    this.#playing = { number, source, start_s, length: waiting.buffer.duration * SAMPLE_RATE_HZ };
    this.started(number);
  }

  #end() {
    const { number, source } = this.#playing;
    this.#playing = null;
    source.stop();
    source.disconnect();
    this.ended(number);
  }
}

// AudioBuffer -> its pieces as int16 mono at the buffer's own rate: [Uint8Array], at most `bytes` each.
export function piecesOf(buffer, { bytes = 1 << 20 } = {}) {
  const mono = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    buffer.getChannelData(channel).forEach((value, i) => (mono[i] += value / buffer.numberOfChannels));
  }
  const pcm = pcmOf(mono);
  const pieces = [];
  for (let at = 0; at < pcm.length; at += bytes) pieces.push(pcm.subarray(at, at + bytes));
  return pieces;
}

// Float32Array -1..1 -> its bytes as int16, little-endian.
export function pcmOf(samples) {
  const pcm = new DataView(new ArrayBuffer(2 * samples.length));
  samples.forEach((value, i) => pcm.setInt16(2 * i, Math.max(-1, Math.min(1, value)) * 32767, true));
  return new Uint8Array(pcm.buffer);
}
