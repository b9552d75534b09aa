// What the pointer, dropped files and a held button or space bar mean: events of the browser in, plain calls out.

const SIDE_RAD = 0.5; // where the face looks when the pointer is at the edge of the stage
const UP_RAD = 0.32;
const EYES = 0.38; // their height on the stage, from its top

// `look(yaw, pitch)` in radians: at the pointer wherever it is on the page, at the viewer when it leaves.
export function hearPointer(stage, look) {
  const share = (at, span) => Math.max(-1, Math.min(1, (2 * at) / span));
  window.addEventListener("pointermove", ({ clientX, clientY }) => {
    const { left, top, width, height } = stage.getBoundingClientRect();
    look(share(clientX - left - width / 2, width) * SIDE_RAD, -share(clientY - top - EYES * height, height) * UP_RAD);
  });
  document.documentElement.addEventListener("pointerleave", () => look(0, 0));
}

// `take(file)`: chosen with a [button, input] of `pickers`, or dropped anywhere; `sign` is shown while one hovers over
// the page.
export function hearFiles(pickers, { sign, take }) {
  for (const [button, input] of pickers) {
    button.onclick = () => input.click();
    input.onchange = () => {
      if (input.files[0]) take(input.files[0]);
      input.value = ""; // the same file once more is a change too
    };
  }
  const show = (is) => (event) => {
    event.preventDefault();
    sign.hidden = !is;
  };
  window.addEventListener("dragover", show(true));
  window.addEventListener("dragleave", show(false));
  window.addEventListener("drop", (event) => {
    show(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}

// The button is held with the pointer, Enter or the space bar; the space bar works anywhere outside a control.
export function hearTalk(button, { begin, end }) {
  const holds = ({ key, target }) => {
    if (target === button) return key === " " || key === "Enter";
    return key === " " && !target.closest?.("button, input, a");
  };
  button.onpointerdown = (event) => {
    button.setPointerCapture(event.pointerId);
    begin();
  };
  button.onpointerup = button.onpointercancel = end;
  button.oncontextmenu = (event) => event.preventDefault(); // a long touch is a hold
  window.addEventListener("keydown", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  window.addEventListener("keyup", (event) => holds(event) && end());
  window.addEventListener("blur", end);
}
