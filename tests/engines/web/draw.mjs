// node draw.mjs JOB.json: three.js in a headless Chromium draws a .glb; pictures and report.json go to job.out.
import { chromium } from "playwright-core";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const job = JSON.parse(fs.readFileSync(process.argv[2]));
const modules = process.env.VISAVIS_NODE_MODULES ?? path.join(here, "..", "node_modules");
const types = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".glb": "model/gltf-binary" };
const places = { "/favicon.ico": path.join(here, "page.html"), "/": path.join(here, "page.html"), "/head.glb": job.glb, "/job.json": process.argv[2] };
const server = http.createServer((request, response) => {
  const wanted = request.url.split("?")[0];
  const file = places[wanted] ?? (wanted.startsWith("/three/") ? path.join(modules, path.normalize(wanted)) : "");
  if (!file || !fs.existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": types[path.extname(file)] ?? types[".html"] });
  fs.createReadStream(file).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
});
const faults = [];
try {
  const page = await browser.newPage({ viewport: { width: job.size, height: job.size } });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") faults.push(message.text()); });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction("window.ready", null, { timeout: 120000 });
  const save = (name, url) => fs.writeFileSync(path.join(job.out, `${name}.png`), Buffer.from(url.split(",")[1], "base64"));
  for (const shot of job.shots ?? []) save(shot.name, await page.evaluate((s) => window.pose(s), shot));
  const moments = [];
  for (const time of job.times ?? []) {
    const { picture, ...state } = await page.evaluate((t) => window.at(t), time);
    save(`at_${moments.length}`, picture);
    moments.push({ time, ...state });
  }
  const report = await page.evaluate("window.report");
  fs.writeFileSync(path.join(job.out, "report.json"), JSON.stringify({ ...report, moments, faults }));
} finally {
  await browser.close();
  server.close();
}
