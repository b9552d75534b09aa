// What the tests look at inside the page: evaluated there after it is live, gives `window.probe`.
(() => {
  const text = new TextDecoder();
  const size = 64;

  // Motion and events as they came, and every draw: {heard: [[line, line_sample, jaw, tongue]], events, draws:
  // [[now_s, line, position, source, jaw, newest]]}. `newest`: line_sample of the frame that came last. `jaw` and `tongue`: their numbers in a face.
  function record(jaw, tongue) {
    const { talker, head } = window.visavis;
    const kept = { heard: [], events: [], draws: [] };
    const hear = talker.link.hear;
    talker.link.hear = (message) => {
      if (message.kind === 1) {
        const face = new Float32Array(message.payload.slice().buffer);
        kept.heard.push([message.line, message.line_sample, face[jaw], face[tongue]]);
      }
      if (message.kind === 4) kept.events.push(JSON.parse(text.decode(message.payload)).event);
      hear(message);
    };
    window.visavis.drawn = ({ line, position, now_s }) =>
      kept.draws.push([now_s, line, position, talker.follower.source, head.weights[jaw], kept.heard.at(-1)?.[1] ?? -1]);
    return kept;
  }

  // Every draw of the picture: {line, position, of: [line, line_sample] of what is shown, green: 64 x 64 values}.
  function pixels() {
    const canvas = document.querySelector("#picture");
    const small = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
    const kept = [];
    window.visavis.drawn = ({ line, position }) => {
      const { shown } = window.visavis.picture;
      small.drawImage(canvas, 0, 0, size, size);
      const { data } = small.getImageData(0, 0, size, size);
      const green = Array.from({ length: size * size }, (_, i) => data[4 * i + 1]);
      kept.push({ line, position, of: shown && [shown.line, shown.line_sample], green });
    };
    return kept;
  }

  const seen = (query) => [...document.querySelectorAll(query)].filter((one) => one.checkVisibility());

  // Controls without a name that a screen reader could say.
  function unnamed() {
    const name = (one) => one.ariaLabel || one.innerText?.trim() || one.labels?.[0]?.innerText.trim();
    return seen("button, input").filter((one) => !name(one)).map((one) => one.outerHTML);
  }

  // Controls that reach beyond the width of the page.
  function outside() {
    const width = document.documentElement.clientWidth;
    return seen("button, input, label").filter((one) => one.getBoundingClientRect().right > width + 0.5).map((one) => one.outerHTML);
  }

  function brightness(colour) {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((value) => value / 255);
    const linear = parts.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  function ground(one) {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!colour.includes("0)") && !colour.includes("0, 0, 0, 0")) return colour;
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  }

  // Words whose contrast is below 4.5 to 1 (WCAG AA).
  function faint() {
    const words = seen("aside span, aside legend, aside h2, aside button, aside a").filter((one) => one.innerText?.trim());
    const contrast = (one) => {
      const [low, high] = [brightness(getComputedStyle(one).color), brightness(ground(one))].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    };
    return words.filter((one) => contrast(one) < 4.5).map((one) => one.innerText);
  }

  window.probe = { record, pixels, unnamed, outside, faint };
})();
