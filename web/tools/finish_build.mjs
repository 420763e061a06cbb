// After vite: compresses what compresses, and fails when the first page has grown beyond its budget.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest|txt|wasm)$/;
const BUDGETS = { js: 150 * 1024, css: 20 * 1024 };

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

const sizes = new Map();
for (const path of files(dist).filter((path) => COMPRESSIBLE.test(path))) {
  const bytes = readFileSync(path);
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  sizes.set("/" + relative(dist, path), gzip.length);
  // A tiny file gains nothing and costs the daemon a second copy.
  if (gzip.length < bytes.length) writeFileSync(`${path}.gz`, gzip);
  if (brotli.length < bytes.length) writeFileSync(`${path}.br`, brotli);
}

const page = readFileSync(join(dist, "index.html"), "utf8");
const initial = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
let over = false;
for (const [kind, budget] of Object.entries(BUDGETS)) {
  const total = initial
    .filter((path) => path.endsWith(`.${kind}`))
    .reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
  console.log(`first page ${kind}: ${(total / 1024).toFixed(1)} KB gzipped of ${budget / 1024} KB`);
  over ||= total > budget || total === 0;
}
if (over) {
  console.error("The first page is over its budget (or could not be measured): load something later.");
  process.exit(1);
}
