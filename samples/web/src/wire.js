// One message of the bridge as an object, and back: a header of 96 bytes and a payload (unity_bridge/WIRE.md).
// Little-endian, nothing optional. Numbers of 64 bits become JavaScript numbers: exact up to 2^53, which a clock of
// samples reaches after 17,000 years. What it does not do: no transport.

import { CODEC, HEADER_BYTES, MAGIC, NO_LINE, VERSION } from "./vocabulary.js";

const CHARACTER_AT = 64;
const CHARACTER_BYTES = 32;
const text = new TextDecoder();
const bytes = new TextEncoder();

// message: {kind, codec, flags, line, sequence, sample, line_sample, rate_hz, character, payload} -> ArrayBuffer
export function bytesOf(message) {
  const payload = message.payload ?? new Uint8Array(0);
  const out = new ArrayBuffer(HEADER_BYTES + payload.byteLength);
  const view = new DataView(out);
  const all = new Uint8Array(out);
  all.set(bytes.encode(MAGIC), 0);
  view.setUint8(4, VERSION);
  view.setUint8(5, message.kind);
  view.setUint8(6, message.codec ?? CODEC.EMPTY);
  view.setUint8(7, message.flags ?? 0);
  view.setUint32(8, payload.byteLength, true);
  view.setUint32(12, message.line ?? 0, true);
  view.setBigUint64(16, BigInt(message.sequence ?? 0), true);
  view.setBigInt64(24, BigInt(message.sample ?? 0), true);
  view.setBigInt64(32, BigInt(message.line_sample ?? NO_LINE), true);
  view.setBigInt64(40, BigInt(message.sent_ns ?? 0), true);
  view.setUint16(48, message.width_px ?? 0, true);
  view.setUint16(50, message.height_px ?? 0, true);
  view.setUint32(52, message.rate_hz ?? 0, true);
  all.set(bytes.encode(message.character ?? "").subarray(0, CHARACTER_BYTES), CHARACTER_AT);
  all.set(payload, HEADER_BYTES);
  return out;
}

// ArrayBuffer -> message, or null for bytes that are not of this version of the wire.
export function messageOf(buffer) {
  if (buffer.byteLength < HEADER_BYTES) return null;
  const view = new DataView(buffer);
  const magic = text.decode(new Uint8Array(buffer, 0, MAGIC.length));
  const size = view.getUint32(8, true);
  if (magic !== MAGIC || view.getUint8(4) !== VERSION || size !== buffer.byteLength - HEADER_BYTES) return null;
  return {
    kind: view.getUint8(5),
    codec: view.getUint8(6),
    flags: view.getUint8(7),
    line: view.getUint32(12, true),
    sequence: Number(view.getBigUint64(16, true)),
    sample: Number(view.getBigInt64(24, true)),
    line_sample: Number(view.getBigInt64(32, true)),
    sent_ns: Number(view.getBigInt64(40, true)),
    width_px: view.getUint16(48, true),
    height_px: view.getUint16(50, true),
    rate_hz: view.getUint32(52, true),
    character: text.decode(new Uint8Array(buffer, CHARACTER_AT, CHARACTER_BYTES)).replace(/\0+$/, ""),
    payload: new Uint8Array(buffer, HEADER_BYTES),
  };
}

// The 64 numbers of a MOTION message, as a copy that may be kept.
export function faceOf({ payload }) {
  return new Float32Array(payload.slice().buffer);
}

// The object of a JSON payload; an empty one is {}.
export function contentOf({ payload }) {
  return payload.byteLength ? JSON.parse(text.decode(payload)) : {};
}

// An object as a JSON payload.
export function payloadOf(content) {
  return bytes.encode(JSON.stringify(content));
}
