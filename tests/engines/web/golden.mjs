// node golden.mjs SRC GOLDEN: the page's own modules read and write every golden message, and follow every golden face.
// Prints {"messages": names, "cases": names, "draws", "worst"}; a difference ends it with an error.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [src, golden] = process.argv.slice(2);
const module = (name) => import(pathToFileURL(path.join(src, name)));
const [{ bytesOf, contentOf, faceOf, messageOf }, { Follower }, { CODEC, NAMES }] = await Promise.all(
  ["wire.js", "follower.js", "vocabulary.js"].map(module),
);

const messages = fs.readdirSync(golden).filter((name) => name.endsWith(".bin")).map((name) => path.basename(name, ".bin"));
for (const name of messages) {
  const bytes = fs.readFileSync(path.join(golden, `${name}.bin`));
  const { payload, payload_base64, ...header } = JSON.parse(fs.readFileSync(path.join(golden, `${name}.json`)));
  const buffer = new Uint8Array(bytes).buffer;
  const message = messageOf(buffer);
  for (const [key, value] of Object.entries(header)) assert.equal(message[key], value, `${name}: ${key}`);
  if (message.codec === CODEC.JSON) assert.deepEqual(contentOf(message), payload, name);
  else if (message.codec === CODEC.FLOAT32) assert.deepEqual([...faceOf(message)], payload, name);
  else assert.equal(Buffer.from(message.payload).toString("base64"), payload_base64 ?? "", name);
  assert.deepEqual(new Uint8Array(bytesOf(message)), new Uint8Array(buffer), `${name}: written again`);
  assert.equal(messageOf(buffer.slice(0, -1)), null, `${name}: cut short`);
  const newer = buffer.slice();
  new Uint8Array(newer)[4] = 2;
  assert.equal(messageOf(newer), null, `${name}: of another version`);
}

let [draws, worst] = [0, 0];
const cases = JSON.parse(fs.readFileSync(path.join(golden, "follow.json")));
for (const { name, mine, parts, steps } of cases) {
  const at = parts.map((part) => NAMES.indexOf(part));
  const follower = new Follower();
  for (const line of mine) follower.mine.add(line);
  for (const { do: what, face, shown, ...about } of steps) {
    if (what === "hear") {
      const whole = new Float32Array(NAMES.length);
      face.forEach((value, i) => (whole[at[i]] = value));
      follower.hear(whole, about);
    } else if (what === "show") {
      const given = follower.show(about);
      const errors = at.map((number, i) => Math.abs(given[number] - shown[i]));
      worst = Math.max(worst, ...errors);
      draws += 1;
      assert.ok(Math.max(...errors) <= 1e-4, `${name} at ${about.now_s} s: ${at.map((i) => given[i])}, not ${shown}`);
      const [left, right] = ["Left", "Right"].map((side) => given[NAMES.indexOf(`eyeBlink${side}`)]);
      const still = given.filter((value, i) => !at.includes(i) && NAMES[i] !== "eyeBlinkRight");
      assert.ok(still.every((value) => value === 0) && left === right, `${name}: something else moves`);
    } else {
      follower[what](about);
    }
  }
}
process.stdout.write(JSON.stringify({ messages, cases: cases.map(({ name }) => name), draws, worst }));
