// Makes the component: `npm run build [-- FILE]`.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { componentize } from "@bytecodealliance/componentize-js";

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const file = process.argv[2] ?? here("dist/contoso.wasm");

const { component } = await componentize({
  sourcePath: here("src/connector.js"),
  witPath: here("wit"),
  worldName: "contoso",
  // What is switched off is not imported, and what is not imported cannot be used: no clock and no dice, so that the same
  // callback always gives the same events. `http` stays: it is `fetch`.
  disableFeatures: ["clocks", "fetch-event", "random", "stdio"],
});

await mkdir(dirname(file), { recursive: true });
await writeFile(file, component);
console.log(`${file}: ${(component.length / 1e6).toFixed(1)} MB`);
