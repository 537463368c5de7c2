/**
 * Fails when what opening the tab loads (script, style, the other language) exceeds 200 KB of
 * gzip, or what a view loads when it is first opened exceeds 30 KB. Views are the chunks named
 * after a component, and their words.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const OPENING = 200 * 1000;
const VIEW = 30 * 1000;
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");

/** Every asset a file refers to by name, directly or through what it refers to. */
function reached(file, found = new Set()) {
  for (const [, name] of readFileSync(join(dist, file), "utf8").matchAll(/([\w.-]+\.(?:js|css))\b/g)) {
    const asset = join("assets", basename(name));
    if (found.has(asset) || !existsSync(join(dist, asset))) continue;
    found.add(asset);
    if (asset.endsWith(".js")) reached(asset, found);
  }
  return found;
}

const isOfView = (asset) => /^([A-Z]|words\.)/.test(basename(asset));
const row = (bytes, what) => console.log(`${(bytes / 1000).toFixed(1).padStart(8)} KB  ${what}`);

let total = 0;
let isOver = false;
for (const asset of reached("index.html")) {
  const size = gzipSync(readFileSync(join(dist, asset)), { level: 9 }).length;
  row(size, isOfView(asset) ? `${asset}, when its view is opened` : asset);
  if (isOfView(asset)) isOver ||= size > VIEW;
  else total += size;
}
row(total, `to open the tab, of at most ${OPENING / 1000} KB gzip`);
if (isOver || total > OPENING) process.exit(1);
