// The head of an NPC in three.js: a .glb and 64 numbers in, a picture on a canvas out. What the numbers mean, and how
// joints, limits and couplings work, is in docs/native-head.md. Drawn from five head widths away, where the portrait's
// own viewer stands. What it does not do: no time, no choice of faces.

import { AmbientLight, PerspectiveCamera, Scene, WebGLRenderer } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { NAMES } from "./vocabulary.js";

const VIEWER_HEAD_WIDTHS = 5;
const SEEN_HEAD_WIDTHS = 2.75; // height of what is seen
const NARROW = 0.72; // a canvas narrower than this share of its height shows the head smaller
const RAISED_HEAD_WIDTHS = -0.12; // of the camera: the eyes stand above the middle of the canvas
const KNEE = 0.85; // beyond this share of a limit a turn bends, so that it never stops with a jerk
const TONGUE_JAW = 0.22;
const SHAPES = 52;
const AT = Object.fromEntries(NAMES.map((name, i) => [name, i]));
const SIDES = ["Left", "Right"];
const ASLEEP = ["eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown"]; // a shut lid is shut, whatever else pulls at it
const PIXELS_MOST = 2; // of the canvas for each pixel of the page

export class Head {
  weights = new Float32Array(SHAPES); // as set last, after the couplings
  #renderer;
  #scene = new Scene();
  #camera = new PerspectiveCamera();
  #parts = null; // {scene, morphed, head, chest, eyes, rest, facts}
  #loading = 0;

  // Throws where the browser has no WebGL.
  constructor(canvas) {
    this.#renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.#scene.add(new AmbientLight(0xffffff, 3)); // for heads that were exported --lit
  }

  // Take another head; the one before stays until it is there. False: yet another was asked for meanwhile.
  async load(url) {
    const mine = ++this.#loading;
    const { scene } = await new GLTFLoader().loadAsync(url);
    if (mine !== this.#loading) return false;
    if (this.#parts) this.#remove(this.#parts.scene);
    const morphed = [];
    scene.traverse((one) => {
      one.frustumCulled = false; // shapes and joints move what the loader has measured at rest
      if (one.morphTargetDictionary) morphed.push([one.morphTargetInfluences, numbersOf(one.morphTargetDictionary)]);
    });
    const [head, chest] = ["Head", "Chest"].map((name) => scene.getObjectByName(name));
    const eyes = SIDES.map((side) => scene.getObjectByName(`Eye${side}`));
    const rest = { head: head.position.clone(), chest: chest.position.clone() };
    this.#parts = { scene, morphed, head, chest, eyes, rest, facts: head.userData };
    this.#scene.add(scene);
    this.#aim();
    return true;
  }

  // The head as 64 numbers say it.
  set(face) {
    if (!this.#parts) return;
    const { morphed, head, chest, eyes, rest, facts } = this.#parts;
    this.weights = weightsOf(face);
    for (const [influences, numbers] of morphed) numbers.forEach((number, i) => (influences[i] = this.weights[number]));
    const { yaw, pitch, roll, eye_yaw, eye_pitch } = facts.limitsRadians;
    turn(head, [within(face[AT.headYaw], yaw), within(face[AT.headPitch], pitch), within(face[AT.headRoll], roll)]);
    ["left", "right"].forEach((side, i) => {
      const [turned, raised, rolled] = ["Yaw", "Pitch", "Roll"].map((axis) => face[AT[`${side}Eye${axis}`]]);
      turn(eyes[i], [within(turned, eye_yaw), within(raised, eye_pitch), rolled]);
    });
    const shift = ["X", "Y", "Z"].map((axis) => within(face[AT[`head${axis}`]], facts.limitsHeadWidths.shift));
    const [x_m, y_m, z_m] = shift.map((widths) => widths * facts.headWidthMetres);
    chest.position.set(rest.chest.x + x_m, rest.chest.y + y_m, rest.chest.z);
    head.position.set(rest.head.x, rest.head.y, rest.head.z + z_m);
  }

  draw() {
    const canvas = this.#renderer.domElement;
    const ratio = Math.min(window.devicePixelRatio, PIXELS_MOST);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (Math.floor(width * ratio) !== canvas.width || Math.floor(height * ratio) !== canvas.height) {
      this.#renderer.setPixelRatio(ratio);
      this.#renderer.setSize(width, height, false);
      this.#aim();
    }
    this.#renderer.render(this.#scene, this.#camera);
  }

  // Where head and eyes are, in radians and metres.
  get pose() {
    const { head, eyes, rest } = this.#parts;
    const turned = ({ rotation }) => ({ yaw: rotation.y, pitch: -rotation.x, roll: rotation.z });
    return { head: turned(head), eyes: eyes.map(turned), nearer_m: head.position.z - rest.head.z };
  }

  // Head and shoulders fill the height; on a narrow canvas the width.
  #aim() {
    const { width, height } = this.#renderer.domElement;
    const unit_m = this.#parts?.facts.headWidthMetres ?? 0.15;
    const aspect = width / Math.max(height, 1);
    const seen = SEEN_HEAD_WIDTHS * Math.max(1, NARROW / aspect);
    const fov = (2 * Math.atan(seen / 2 / VIEWER_HEAD_WIDTHS) * 180) / Math.PI;
    Object.assign(this.#camera, { aspect, fov, near: unit_m, far: 20 * unit_m });
    this.#camera.position.set(0, RAISED_HEAD_WIDTHS * unit_m, VIEWER_HEAD_WIDTHS * unit_m);
    this.#camera.updateProjectionMatrix();
  }

  #remove(scene) {
    this.#scene.remove(scene);
    scene.traverse(({ geometry, material }) => {
      geometry?.dispose();
      material?.map?.dispose();
      material?.dispose();
    });
  }
}

// What the renderer does beside the plain numbers.
function weightsOf(face) {
  const weights = face.slice(0, SHAPES).map((value) => Math.min(Math.max(value, 0), 1));
  const tongue = weights[AT.tongueOut];
  weights[AT.jawOpen] += TONGUE_JAW * tongue * (1 - weights[AT.jawOpen]);
  weights[AT.mouthClose] = Math.min(weights[AT.mouthClose] * (1 - tongue), weights[AT.jawOpen]);
  for (const side of SIDES) {
    const open = 1 - weights[AT[`eyeBlink${side}`]];
    for (const name of ASLEEP) weights[AT[name + side]] *= open;
  }
  return weights;
}

// R = Ry(yaw) · Rx(-pitch) · Rz(roll)
function turn(node, [yaw, pitch, roll]) {
  node.rotation.set(-pitch, yaw, roll, "YXZ");
}

// A value up to the knee of its limits, then bent so that it never passes them.
function within(value, [low, high]) {
  const limit = Math.max(value >= 0 ? high : -low, 1e-9);
  const share = Math.abs(value) / limit;
  const bent = Math.min(share, KNEE) + (1 - KNEE) * Math.tanh(Math.max(share - KNEE, 0) / (1 - KNEE));
  return Math.sign(value) * bent * limit;
}

// Which of the 64 numbers each influence of a mesh is.
function numbersOf(dictionary) {
  return Object.entries(dictionary).sort((a, b) => a[1] - b[1]).map(([name]) => AT[name]);
}
