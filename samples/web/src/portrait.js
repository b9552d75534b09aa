// A picture file of the visitor, made ready to be sent: upright, at most 2048 pixels a side, and without what the camera
// wrote into it (place, time). What the browser can read is enough, so it need not be one of the server's formats.

import { HEADER_BYTES, MESSAGE_BYTES } from "./vocabulary.js";

const SIDE_PX = 2048;
const NAME_LETTERS = 24;

// -> Uint8Array of a PNG, or of a JPEG where that would be too large for a message. Rejects for what is no picture.
export async function portraitOf(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const packed = (type) => new Promise((done) => canvas.toBlob(done, type, 0.95));
  const png = await packed("image/png");
  const blob = png.size <= MESSAGE_BYTES - HEADER_BYTES ? png : await packed("image/jpeg");
  return new Uint8Array(await blob.arrayBuffer());
}

// A name for its avatar that nobody of `taken` has: "Anna Mai.jpeg" -> "anna-mai", "anna-mai-2".
export function freeName(file, taken) {
  const plain = file.replace(/\.[^.]*$/, "").normalize("NFKD").toLowerCase();
  const name = plain.replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const first = name.slice(0, NAME_LETTERS).replace(/-+$/, "") || "me";
  let free = first;
  for (let number = 2; taken.includes(free); number++) free = `${first}-${number}`;
  return free;
}
