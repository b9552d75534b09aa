// One NPC on this page: its character at the bridge, the follower that chooses its face, its lines and their sound.
// Requests and messages in, what each draw shows out; `tells.NAME(...)` say what the page has to show beside it.
// The character belongs to this page alone and ends with its connection: two tabs do not steer each other's face.

import { contentOf, faceOf } from "./wire.js";
import { Follower } from "./follower.js";
import { Link } from "./link.js";
import { piecesOf, Sound } from "./sound.js";
import { FLAG, KIND } from "./vocabulary.js";

const OPTIONS = { motion_fps: 60, texture_fps: 30, texture_size_px: 512, jpeg_quality: 88 };
const MAKE_S = 90; // a busy server has others to make first
const seconds = () => performance.now() / 1000;

// tells: connected(), state(name, why), facts({generated, latency_ms, answer_ms}), saying(line | null), picture(message)
export class Talker {
  follower = new Follower();
  sound = new Sound({ started: (line) => this.#started(line), ended: (line) => this.#ended(line) });
  live = false;
  #tells;
  #interrupts = 0;
  #facts = {};
  #said = new Map(); // number -> {name, text, asked_s}

  // `address` of the bridge's WebSocket; `character`: its name there.
  constructor({ address, character, tells }) {
    this.character = character;
    this.#tells = tells;
    this.link = new Link(`${address}?topic=${character}/&own=1`, {
      opened: () => tells.connected(),
      lost: () => this.#lost(),
      hear: (message) => this.#hear(message),
    });
  }

  // The server's avatars: [{name, size_px, made}]. Rejects with a Refusal, as all that asks.
  async avatars() {
    return (await this.link.ask(KIND.AVATARS)).avatars;
  }

  // Have an avatar made of a picture file (Uint8Array): {name, size_px, warnings}. What is said goes on meanwhile.
  make(name, picture) {
    return this.link.ask(KIND.MAKE, { character: name }, { file: picture, within_s: MAKE_S });
  }

  // Delete an avatar that was made so.
  forget(name) {
    return this.link.ask(KIND.FORGET, { character: name });
  }

  // Be this avatar, with `wishes` from the first moment.
  async open({ avatar, pictures, wishes }) {
    this.silence();
    const content = { ...OPTIONS, avatar, textures: pictures ? "jpeg" : null };
    const state = await this.link.ask(KIND.OPEN, { character: this.character }, { content });
    this.silence();
    this.follower.mine.clear(); // numbers of lines may begin again at 1
    this.sound.needsPictures = pictures;
    this.#take(state);
    await this.wish(wishes);
  }

  // Be nobody.
  async close() {
    this.silence();
    this.live = false;
    await this.link.ask(KIND.CLOSE, { character: this.character });
  }

  // gaze, distance, emotion: the face eases into it.
  wish(wishes) {
    return this.link.ask(KIND.CONTROL, { character: this.character }, { content: wishes });
  }

  // Say an AudioBuffer instead of whatever is said now; {name, text} come back with `saying`.
  async say(buffer, { name, text }) {
    const asked_s = seconds();
    if (!(await this.interrupt())) return; // pressed twice, or stopped again
    const pieces = piecesOf(buffer);
    const flags = (i) => (i === pieces.length - 1 ? FLAG.LAST : 0);
    const about = { character: this.character, rate_hz: buffer.sampleRate };
    const { line } = await this.link.ask(KIND.SAY, { ...about, flags: flags(0) }, { pcm: pieces[0] });
    this.follower.mine.add(line);
    this.#said.set(line, { name, text, asked_s });
    this.sound.expect(line, buffer);
    const more = (pcm, i) => this.link.ask(KIND.AUDIO, { ...about, line, flags: flags(i + 1) }, { pcm });
    await Promise.all(pieces.slice(1).map(more));
  }

  // Begin a line that comes piece by piece and is not played here: {add(pcm), end()}. Its newest frame is shown.
  hold({ rate_hz }) {
    const about = { character: this.character, rate_hz };
    const begun = this.interrupt().then(() => this.link.ask(KIND.SAY, about, { pcm: new Uint8Array(0) }));
    const more = async (pcm, flags) => {
      const { line } = await begun;
      await this.link.ask(KIND.AUDIO, { ...about, line, flags }, { pcm });
    };
    return { add: (pcm) => more(pcm, 0), end: () => more(new Uint8Array(0), FLAG.LAST) };
  }

  // Stop what is said, at once. False: it was called once more meanwhile.
  async interrupt() {
    this.silence();
    const time = ++this.#interrupts;
    await this.link.ask(KIND.INTERRUPT, { character: this.character });
    return time === this.#interrupts;
  }

  // Stop our sounds and forget their frames.
  silence() {
    this.sound.stop();
    for (const line of this.follower.mine) this.follower.forget({ line });
    this.#said.clear();
    this.#tells.saying(null);
  }

  // What this draw shows: {face, now_s, line, position}.
  draw() {
    const now_s = seconds();
    const heard = this.sound.now({ now_s });
    return { face: this.follower.show({ now_s, ...heard }), now_s, ...heard };
  }

  #hear(message) {
    const { kind, line, line_sample } = message;
    if (kind === KIND.MOTION) {
      this.follower.hear(faceOf(message), { line, line_sample, now_s: seconds() });
      this.sound.hear(message);
    } else if (kind === KIND.TEXTURE) {
      this.sound.hear(message, { picture: true });
      this.#tells.picture(message);
    } else if (kind === KIND.NAMES) {
      this.#take(contentOf(message));
    } else if (kind === KIND.EVENT) {
      this.#happen(contentOf(message), line);
    }
  }

  #happen({ event, reason, message }, line) {
    if (event === "LINE_STARTED") this.sound.begun({ line, now_s: seconds() });
    if (event === "LINE_INTERRUPTED") {
      this.sound.stop(line);
      this.follower.forget({ line });
    }
    if (event === "AWAY") this.#take({ state: "away", reason, message });
    if (event === "READY") this.#take({ state: "live" });
  }

  // NAMES, the answer to OPEN, or what an event says of it.
  #take({ state, reason, message, latency_ms, ai_generated }) {
    const begins = state === "away" && !reason; // the bridge has not tried yet
    if (state === "away") this.follower.away();
    this.live = state === "live";
    this.#tells.state(begins ? "connecting" : state, { reason, message });
    if (latency_ms) this.#tell({ latency_ms, generated: ai_generated });
  }

  #lost() {
    this.live = false;
    this.silence();
    this.follower.lost({ now_s: seconds() });
    this.#tells.state("lost", { reason: "BRIDGE_GONE" });
  }

  #started(line) {
    const said = this.#said.get(line);
    this.#tells.saying(said);
    this.#tell({ answer_ms: 1000 * (seconds() - said.asked_s) });
  }

  #ended(line) {
    this.#said.delete(line);
    this.follower.forget({ line });
    this.#tells.saying(null);
  }

  #tell(facts) {
    Object.assign(this.#facts, facts);
    this.#tells.facts(this.#facts);
  }
}
