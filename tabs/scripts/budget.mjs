/** Fails when the tab's script and style, all chunks together, exceed 200 KB of gzip. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 200 * 1000;
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");

/** Every asset a file refers to by name, directly or through what it refers to. */
function reached(file, found = new Set()) {
  const text = readFileSync(join(dist, file), "utf8");
  for (const [, name] of text.matchAll(/([\w-]+\.(?:js|css))\b/g)) {
    const asset = join("assets", name);
    if (found.has(asset) || !exists(asset)) continue;
    found.add(asset);
    if (name.endsWith(".js")) reached(asset, found);
  }
  return found;
}

function exists(asset) {
  try {
    readFileSync(join(dist, asset));
    return true;
  } catch {
    return false;
  }
}

let total = 0;
for (const asset of reached("index.html")) {
  const size = gzipSync(readFileSync(join(dist, asset)), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(8)} KB  ${asset}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} KB  of at most ${LIMIT / 1000} KB gzip`);
if (total > LIMIT) process.exit(1);
