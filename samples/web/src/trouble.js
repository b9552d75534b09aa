// What went wrong, as what a person reads: a title, a sentence that says what to do, a command where one helps.

const ABOUT = {
  BRIDGE_GONE: {
    title: "The bridge is gone",
    text: "Start it again in a terminal, as before. This page comes back by itself.",
    command: "make web, or: visavis serve --web --avatars FOLDER",
  },
  SERVER_MISSING: {
    title: "The server is away",
    text: "The bridge runs, but no Visavis server answers it. Start the server in a terminal, as before. This page goes on by itself.",
    command: "visavis serve --avatars FOLDER",
  },
  WARMING_UP: { title: "The server is warming up", text: "That takes a few seconds. This page goes on by itself." },
  NO_AVATAR: {
    title: "Nobody is here yet",
    text: "Drop a picture of a face on this page, or make an avatar into the folder that the server named when it started.",
    command: "visavis avatar build portrait.png -o FOLDER/npc.visavis",
  },
};
const SAME = { SERVER_SILENT: "SERVER_MISSING", BROKEN: "SERVER_MISSING", GOODBYE: "SERVER_MISSING", "": "SERVER_MISSING" };

// What keeps the face away, {reason, message}: it goes by itself when it is over.
export function awayOf({ reason = "", message = "" }) {
  return { title: "The face is away", text: message, ...ABOUT[SAME[reason] ?? reason], lasts: true };
}

export const MAKING = {
  title: "This face is being made",
  text: "That takes some seconds. It stays with this page's server until you forget it.",
  lasts: true,
};

// A picture that this browser cannot read.
export function pictureTrouble(file) {
  return { title: "This is no picture", text: `This browser cannot read ${file}. Take a PNG, JPEG or WebP file.` };
}

// A picture that the server refused: a Refusal.
export function faceTrouble({ reason, message }) {
  const several = reason === "FACE_AMBIGUOUS";
  const text = several ? "There are several faces in this picture: cut out the one that you want." : message;
  return { title: "This picture cannot talk", text };
}

// A face that was made, though something of it will not look well.
export function warned(sentences) {
  return { title: "It talks, but", text: sentences.join(" ") };
}

// What was refused, a Refusal or an Error.
export function troubleOf({ message }) {
  return { title: "That did not work", text: message };
}

// What getUserMedia throws, by its name.
export function microphoneTrouble({ name }) {
  const title = "No microphone";
  const text = {
    NotAllowedError: "It was refused. Allow the microphone for this page (the sign beside the address), then hold the button again.",
    SecurityError: "Browsers lend it only to pages of their own machine: open this page on the machine of the bridge.",
    NotFoundError: "None was found. Plug one in or switch it on, then hold the button again.",
  }[name];
  return { title, text: text ?? "Another program may have it. Close that one, then hold the button again." };
}

export const MICROPHONE_READY = { title: "The microphone is ready", text: "Hold the button or the space bar, and talk." };

export const SOUND_ASLEEP = {
  title: "The sound is still off",
  text: "Browsers play nothing before the first click. Click the page once, then try again.",
};

// A file that cannot be said; `longest_s` where it is too long for that.
export function soundTrouble(file, { longest_s = 0 } = {}) {
  const title = "This sound cannot be said";
  if (longest_s) return { title, text: `${file} is longer than ${longest_s / 60} minutes. Take a part of it.` };
  return { title, text: `This browser cannot read ${file}. Take a WAV, MP3, FLAC or Ogg file.` };
}
