// Which face is shown: motion as it arrives and the play position of the sound in, the 64 numbers of a draw out.
// The sound is the clock: a frame of a line that this page says is shown when the sound is there, never because it has
// come. A source that ends, stalls or is lost is left over 120 ms, so that no mouth stays open and nothing jumps. The
// same logic as unity_bridge/golden/follower.py, whose golden cases this file is tested with.
// A line without a sound of ours (the microphone, another engine) is not in `mine`: its newest frame is shown.

import { NAMES, SAMPLE_RATE_HZ } from "./vocabulary.js";

const EASE_S = 0.12;
const STALL_S = 0.1; // a sound that stands still for so long has stalled; frames further behind it are missing
const SILENT_S = 0.5; // no motion for so long: nobody drives this face
const BLINK_EVERY_S = 4.0;
const BLINK_S = 0.15;
const REST = 0; // sources beside the numbers of lines
const IDLE = -1;
const LIDS = [NAMES.indexOf("eyeBlinkLeft"), NAMES.indexOf("eyeBlinkRight")];
const NOBODY = new Float32Array(NAMES.length);

// `hear` what comes, ask `show` at every draw. Times are seconds of one clock of the page's own.
export class Follower {
  mine = new Set(); // lines whose sound this page plays
  source = REST;
  #lines = new Map(); // line -> [[line_sample, face], ...]
  #idle = null;
  #heard_s = -Infinity;
  #lost_s = null;
  #away = false;
  #since_s = -Infinity;
  #held = NOBODY;
  #shown = NOBODY;
  #position = -1;
  #moved_s = -Infinity;

  // A motion message; line 0 and line_sample -1 between lines.
  hear(face, { line, line_sample, now_s }) {
    this.#heard_s = now_s;
    this.#away = false;
    this.#lost_s = null;
    if (!this.mine.has(line)) {
      this.#idle = face;
      return;
    }
    if (!this.#lines.has(line)) this.#lines.set(line, []);
    this.#lines.get(line).push([line_sample, face]);
  }

  // The event AWAY: the bridge has no face for us. The next motion ends it.
  away() {
    this.#away = true;
  }

  // The connection to the bridge is gone. The next motion ends it.
  lost({ now_s }) {
    this.#lost_s = now_s;
  }

  // The sound of a line has ended or was stopped; so had those before, whatever of them came after.
  forget({ line }) {
    for (const number of [...this.#lines.keys()]) if (number <= line) this.#lines.delete(number);
  }

  // The face of this draw: `position` is that of the sound of `line`, 16 kHz samples; line 0: no sound plays.
  show({ now_s, line = 0, position = -1 }) {
    const [source, target] = this.#target(now_s, line, position);
    if (source !== this.source) {
      this.source = source;
      this.#since_s = now_s;
      this.#held = this.#shown;
    }
    const share = Math.min((now_s - this.#since_s) / EASE_S, 1);
    this.#shown = mixed(this.#held, target, share);
    return this.#withBlink(now_s);
  }

  // Whom this draw follows, and to where.
  #target(now_s, line, position) {
    if (line && position !== this.#position) {
      this.#position = position;
      this.#moved_s = now_s;
    }
    if (!line) this.#position = -1;
    if (this.#lost_s !== null || this.#away || now_s - this.#heard_s > SILENT_S) return [REST, NOBODY];
    if (line) {
      const frames = this.#lines.get(line);
      const stalled = now_s - this.#moved_s > STALL_S;
      if (stalled || !frames || position - frames.at(-1)[0] > STALL_S * SAMPLE_RATE_HZ) return [REST, NOBODY];
      return [line, between(frames, position)];
    }
    return this.#idle === null ? [REST, NOBODY] : [IDLE, this.#idle];
  }

  // A life of its own while the connection is lost: one blink every four seconds, both eyes.
  #withBlink(now_s) {
    const lost_s = this.#lost_s === null ? 0 : now_s - this.#lost_s;
    const phase_s = lost_s % BLINK_EVERY_S;
    if (lost_s < BLINK_EVERY_S || phase_s >= BLINK_S) return this.#shown;
    const face = this.#shown.slice();
    for (const lid of LIDS) face[lid] += 1 - Math.abs((2 * phase_s) / BLINK_S - 1);
    return face;
  }
}

// The face at `position`, on the straight line between its two neighbours. What the sound has passed is let go; what is
// to come is kept for as long as the sound takes, which a pause may make long.
function between(frames, position) {
  while (frames.length > 1 && frames[1][0] <= position) frames.shift();
  const [sample, face] = frames[0];
  if (frames.length === 1 || position <= sample) return face;
  const [later, next] = frames[1];
  return mixed(face, next, (position - sample) / (later - sample));
}

function mixed(from, to, share) {
  return from.map((value, i) => value + (to[i] - value) * share);
}
