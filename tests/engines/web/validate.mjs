// node validate.mjs FILE.glb: the Khronos validator's report as JSON.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = process.env.VISAVIS_NODE_MODULES ?? path.join(here, "..", "node_modules");
const validator = createRequire(import.meta.url)(path.join(modules, "gltf-validator"));
const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[2])), { maxIssues: 100 });
process.stdout.write(JSON.stringify(report));
