// Builds what src/symphony_connect/web/static commits. Each script's first line names the sources it was built from,
// so that a stale one is found without Node.
import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";

const STATIC = "../src/symphony_connect/web/static";
const sources = [
  "build.mjs",
  "package-lock.json",
  "package.json",
  "symphony-connect.d.ts",
  "tsconfig.json",
  ...readdirSync("src").map((name) => `src/${name}`),
].sort();
const hash = createHash("sha256");
for (const path of sources) hash.update(`${path}\0`).update(readFileSync(path)).update("\0");

const common = {
  bundle: true,
  target: "es2018",
  format: "iife",
  charset: "utf8",
  legalComments: "none",
  banner: { js: `/* Symphony Connect, Apache-2.0, sources ${hash.digest("hex")} */` },
};
await build({
  ...common,
  entryPoints: ["src/index.ts"],
  outfile: `${STATIC}/symphony-connect.min.js`,
  minify: true,
  sourcemap: true,
});
await build({ ...common, entryPoints: ["src/popup.ts"], outfile: `${STATIC}/popup.js` });
copyFileSync("symphony-connect.d.ts", `${STATIC}/symphony-connect.d.ts`);
