// node browse.mjs CHROMIUM [FLAG...]: one page of a headless Chromium, led from outside. Reads lines {"call", "arguments"}
// with the name of a method of playwright's page ("goto", "keyboard.down", "evaluate" ...), answers with lines
// {"value"} or {"error"}. The call "faults" gives what the page complained of so far.
import { chromium } from "playwright-core";
import readline from "node:readline";

const [executablePath, ...flags] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", ...flags],
});
const faults = [];
const page = await browser.newPage({ viewport: { width: 640, height: 480 } });
page.setDefaultTimeout(60000);
page.on("pageerror", (error) => faults.push(error.message));
page.on("console", (message) => { if (message.type() === "error") faults.push(`${message.text()} ${message.location().url}`); });

const lines = readline.createInterface({ input: process.stdin });
for await (const line of lines) {
  const { call, arguments: given } = JSON.parse(line);
  let answer;
  try {
    if (call === "faults") answer = { value: faults };
    else {
      const path = call.split(".");
      const name = path.pop();
      const owner = path.reduce((one, part) => one[part], page);
      const value = await owner[name](...given);
      answer = { value: ["evaluate", "textContent", "isVisible", "isDisabled", "getAttribute"].includes(name) ? value : null };
    }
  } catch (error) {
    answer = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
