// The page: brings together the NPC that talks, its head or its pictures, the microphone and the controls, and says what
// to do when something is missing. `window.visavis` shows a curious reader (and the tests) what goes on inside.

import { Controls } from "./controls.js";
import { Head } from "./head.js";
import { Picture } from "./picture.js";
import { freeName, portraitOf } from "./portrait.js";
import { PushToTalk } from "./push-to-talk.js";
import { Talker } from "./talker.js";
import {
  awayOf, faceTrouble, MAKING, pictureTrouble, SOUND_ASLEEP, soundTrouble, troubleOf, warned,
} from "./trouble.js";

const AGAIN_MS = 1500;
const LONGEST_S = 600;
const HOST = "innkeeper"; // who greets a visitor, if there

class Page {
  controls = new Controls({
    choose: (face) => this.choose(face),
    forget: (face) => this.attempt(() => this.forget(face)),
    sayLine: (line) => this.sayLine(line),
    take: (file) => this.take(file),
    talk: () => this.pushToTalk.start(),
    hush: () => this.pushToTalk.stop(),
    interrupt: () => this.talker.live && this.attempt(() => this.talker.interrupt()),
    wish: (wishes) => this.talker.live && this.attempt(() => this.talker.wish(wishes)),
    view: (name) => this.show(name),
  });
  talker = new Talker({
    address: `${location.protocol.replace("http", "ws")}//${location.host}/`,
    character: `page-${Math.random().toString(36).slice(2, 10)}`,
    tells: {
      connected: () => this.meet(),
      state: (name, why) => this.state(name, why),
      facts: (facts) => this.controls.facts(facts),
      saying: (line) => this.controls.saying(line),
      picture: (message) => this.picture.hear(message),
    },
  });
  pushToTalk = new PushToTalk(this.talker, {
    hearing: (loudness) => this.controls.hearing(loudness),
    trouble: (one) => (one ? this.controls.trouble(one) : this.controls.clearTrouble()),
    failed: (error) => this.fail(error),
  });
  picture = new Picture(document.getElementById("picture"));
  head = null;
  view = "head";
  face = null; // the name of the chosen avatar
  names = []; // of everybody who is there
  making = false; // whether a picture is on its way
  was = "connecting";
  sounds = new Map(); // name of a line -> AudioBuffer
  again = 0; // timer of the next question who is there

  async start() {
    try {
      this.head = new Head(document.getElementById("head"));
    } catch {
      this.view = "picture"; // no WebGL: pictures need none
    }
    this.controls.view(this.view);
    this.controls.waiting(true);
    this.lines = await (await fetch("lines/lines.json")).json();
    this.talker.link.start();
    this.draw();
  }

  draw() {
    requestAnimationFrame(() => this.draw());
    const drawn = this.talker.draw();
    if (this.view === "head") {
      this.head.set(drawn.face);
      this.head.draw();
    } else {
      this.picture.show({ ...drawn, mine: this.talker.follower.mine });
      if (this.picture.shown) this.controls.waiting(false);
    }
    this.drawn?.(drawn);
  }

  // --- who is there ---------------------------------------------------------------------------------------------------

  // At every new connection: ask who is there until somebody is, then be the chosen one.
  async meet() {
    clearTimeout(this.again);
    try {
      const avatars = await this.talker.avatars();
      const names = (this.names = avatars.map(({ name }) => name));
      const wanted = [this.face, decodeURIComponent(location.hash.slice(1)), HOST, ...names];
      this.face = wanted.find((name) => names.includes(name)) ?? null;
      this.controls.faces(avatars, this.face);
      if (this.face) return await this.open();
      if (!this.making && !this.controls.told) this.state("away", { reason: "NO_AVATAR" });
    } catch (error) {
      if (error.reason === "BRIDGE_GONE") return; // the link comes back and calls again
      this.state("away", error);
    }
    this.again = setTimeout(() => this.meet(), AGAIN_MS);
  }

  choose(face) {
    this.face = face;
    history.replaceState(null, "", `#${face}`);
    this.attempt(() => this.open());
  }

  // A picture becomes a face, anything else is said.
  take(file) {
    if (file.type.startsWith("image/")) return this.make(file);
    return this.talker.live && this.sayFile(file);
  }

  // Some seconds at the server, in which the page goes on.
  async make(file) {
    if (this.making) return;
    this.making = true;
    try {
      const picture = await portraitOf(file).catch(() => null);
      if (!picture) return this.controls.trouble(pictureTrouble(file.name));
      this.controls.trouble(MAKING);
      const { name, warnings } = await this.talker.make(freeName(file.name, this.names), picture);
      this.controls.clearTrouble();
      if (warnings.length) this.controls.trouble(warned(warnings));
      this.view = "picture"; // whoever gives a picture wants to see it move
      this.controls.view(this.view);
      await this.become(name);
    } catch (error) {
      if (error.reason !== "BRIDGE_GONE") this.controls.trouble(faceTrouble(error));
    } finally {
      this.making = false;
    }
  }

  async forget(face) {
    if (this.face === face) {
      this.state("connecting"); // nothing that was wished meanwhile is refused aloud
      await this.talker.close();
    }
    await this.talker.forget(face);
    await this.become(this.face === face ? null : this.face);
  }

  // Look who is there now, and be this one of them.
  become(face) {
    this.face = face;
    history.replaceState(null, "", face ? `#${face}` : location.pathname);
    return this.meet();
  }

  show(view) {
    if (view === "head" && !this.head) {
      this.controls.view(this.view);
      return this.controls.trouble({ title: "No 3D here", text: "This browser has no WebGL. The live picture needs none." });
    }
    this.view = view;
    this.controls.view(view);
    this.attempt(() => this.open());
  }

  async open() {
    const { face, view } = this;
    this.controls.chosen(face);
    this.controls.lines(this.lines, face);
    this.controls.waiting(true);
    this.picture.clear();
    const wanted = { avatar: face, pictures: view === "picture", wishes: this.controls.wishes };
    const [there] = await Promise.all([view === "head" && this.head.load(`avatars/${face}.glb`), this.talker.open(wanted)]);
    if (there) this.controls.waiting(false);
  }

  state(name, why = {}) {
    this.controls.state(name);
    if (name !== "live") {
      this.pushToTalk.stop();
      if (name !== "connecting") this.controls.trouble(awayOf(why));
    } else if (this.was !== "live") {
      this.controls.clearTrouble();
    }
    this.was = name;
  }

  // --- what it says ---------------------------------------------------------------------------------------------------

  sayLine(line) {
    return this.attempt(async () => {
      if (!this.sounds.has(line.name)) {
        const answer = await fetch(`lines/${line.name}.flac`);
        this.sounds.set(line.name, await this.talker.sound.decode(await answer.arrayBuffer()));
      }
      await this.say(this.sounds.get(line.name), line);
    });
  }

  async sayFile(file) {
    let buffer = null;
    try {
      buffer = await this.talker.sound.decode(await file.arrayBuffer());
    } catch {
      return this.controls.trouble(soundTrouble(file.name));
    }
    if (buffer.duration > LONGEST_S) return this.controls.trouble(soundTrouble(file.name, { longest_s: LONGEST_S }));
    return this.attempt(() => this.say(buffer, { name: "", text: file.name }));
  }

  async say(buffer, line) {
    this.controls.clearTrouble();
    if (await this.talker.sound.wake()) await this.talker.say(buffer, line);
    else this.controls.trouble(SOUND_ASLEEP);
  }

  async attempt(work) {
    try {
      await work();
    } catch (error) {
      this.fail(error);
    }
  }

  // While the face is away, that is told already.
  fail(error) {
    this.pushToTalk.stop();
    if (this.was === "live") this.controls.trouble(troubleOf(error));
  }
}

window.visavis = new Page();
window.visavis.start();
