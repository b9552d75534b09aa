// node build.mjs [NODE_MODULES [OUT]]: the page as the few files that the bridge serves, written where the bridge has
// them unless another folder is given. Users need neither node nor npm. Nothing is deleted.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const samples = path.dirname(here);
const modules = path.resolve(process.argv[2] || path.join(here, "node_modules"));
const out = path.resolve(process.argv[3] || path.join(samples, "..", "unity_bridge", "visavis_bridge", "page"));
const esbuild = createRequire(import.meta.url)(path.join(modules, "esbuild"));
const NOTE = "Built from samples/web by `npm run build`; change that, not this. Licences: CREDITS.txt";
const source = (name) => path.join(here, "src", name);

await esbuild.build({
  entryPoints: [
    { in: source("main.js"), out: "page" },
    { in: source("pieces.js"), out: "pieces" },
    { in: source("page.css"), out: "page" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  nodePaths: [modules],
  banner: Object.fromEntries(["js", "css"].map((kind) => [kind, `/* ${NOTE} */`])),
  legalComments: "none", // the licence is in CREDITS.txt, whole
  logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) fs.copyFileSync(source(name), path.join(out, name));

fs.mkdirSync(path.join(out, "lines"), { recursive: true });
const files = fs.readdirSync(path.join(samples, "lines")).filter((name) => name.endsWith(".flac")).sort();
const lines = files.map((file) => {
  const name = path.basename(file, ".flac");
  fs.copyFileSync(path.join(samples, "lines", file), path.join(out, "lines", file));
  return { name, text: fs.readFileSync(path.join(samples, "lines", `${name}.txt`), "utf-8").trim() };
});
fs.writeFileSync(path.join(out, "lines", "lines.json"), JSON.stringify(lines, null, 1) + "\n");

const credits = fs.readFileSync(path.join(samples, "CREDITS.md"), "utf-8");
const voices = credits.slice(credits.indexOf("## Lines")).trim();
const three = fs.readFileSync(path.join(modules, "three", "LICENSE"), "utf-8").trim();
const text = `This page is part of Visavis (Apache-2.0).\n\n${voices}\n\n## three.js, in page.js\n\n${three}\n`;
fs.writeFileSync(path.join(out, "CREDITS.txt"), text);
