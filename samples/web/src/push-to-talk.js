// Push to talk: from `start` to `stop` the visitor's own voice is a line of the face. The browser asks for leave at the
// first time, and the visitor may have let go before it is given. What it does not do: no buttons and no keys.

import { Microphone } from "./microphone.js";
import { MICROPHONE_READY, microphoneTrouble } from "./trouble.js";

export class PushToTalk {
  #talker;
  #tells;
  #microphone;
  #line = null; // the line of the microphone while it is heard
  #wanted = false; // whether the button is down

  // `tells`: `hearing(loudness 0..1, null: not any more)`, `trouble(one of trouble.js, null: none)`, `failed(error)`.
  constructor(talker, tells) {
    this.#talker = talker;
    this.#tells = tells;
    this.#microphone = new Microphone(talker.sound.context);
  }

  async start() {
    if (this.#wanted) return; // held with the pointer and the space bar
    this.#wanted = true;
    try {
      await this.#talker.sound.wake();
      await this.#microphone.prepare();
    } catch (error) {
      return this.#tells.trouble(microphoneTrouble(error));
    }
    if (!this.#wanted) return this.#tells.trouble(MICROPHONE_READY); // let go while the browser asked
    this.#tells.trouble(null);
    const line = this.#talker.hold({ rate_hz: this.#microphone.rate_hz });
    this.#line = line;
    this.#tells.hearing(0);
    this.#microphone.start((pcm, loudness) => {
      this.#tells.hearing(loudness);
      line.add(pcm).catch((error) => this.#line === line && this.#tells.failed(error));
    });
  }

  stop() {
    this.#wanted = false;
    this.#microphone.stop();
    this.#line?.end().catch(() => {}); // it is over anyway
    this.#line = null;
    this.#tells.hearing(null);
  }
}
