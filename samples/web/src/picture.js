// The stream of pictures on a canvas: JPEG messages in, at each draw the one that belongs to the sound. The last twelve
// are kept; shown is the newest of the line that is not beyond the sound, between lines the newest. Without any, the one
// before stays. What it does not do: no blending, a picture is shown as it came.

const KEPT = 12;

export class Picture {
  shown = null; // the record {line, line_sample, bitmap} on the canvas
  #canvas;
  #drawing;
  #kept = []; // bitmap is null until it is decoded

  constructor(canvas) {
    this.#canvas = canvas;
    this.#drawing = canvas.getContext("2d", { alpha: false });
  }

  // A TEXTURE message with a JPEG.
  async hear({ line, line_sample, payload }) {
    const picture = { line, line_sample, bitmap: null };
    this.#kept.push(picture);
    while (this.#kept.length > KEPT) this.#kept.shift().bitmap?.close();
    try {
      const bitmap = await createImageBitmap(new Blob([payload], { type: "image/jpeg" }));
      if (this.#kept.includes(picture)) picture.bitmap = bitmap;
      else bitmap.close();
    } catch {
      this.#kept = this.#kept.filter((other) => other !== picture); // one that does not decode is left out
    }
  }

  // Forget all; what is on the canvas stays.
  clear() {
    for (const { bitmap } of this.#kept.splice(0)) bitmap?.close();
    this.shown = null;
  }

  // Draw what belongs to `position` of `line` (16 kHz samples); without a sound of ours the newest of no line of `mine`.
  show({ line, position, mine }) {
    const fits = (one) => (line ? one.line === line && one.line_sample <= position : !mine.has(one.line));
    const picture = this.#kept.findLast((one) => one.bitmap && fits(one));
    if (!picture || picture === this.shown) return;
    const { width, height } = picture.bitmap;
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.#drawing.drawImage(picture.bitmap, 0, 0);
    this.shown = picture;
  }
}
