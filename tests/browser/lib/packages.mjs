// The tests live beside the web client and use its packages.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export const ROOT = new URL("../../../", import.meta.url).pathname;
export const require_web = createRequire(pathToFileURL(`${ROOT}web/package.json`));
export const { chromium, errors } = require_web("playwright-core");
export const WebSocket = require_web("ws");
