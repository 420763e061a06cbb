import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  define: { __VERSION__: JSON.stringify(process.env["npm_package_version"] ?? "0.1.0") },
  // The tests drive the same reactive classes that the browser runs, without a document.
  resolve: { conditions: ["browser"] },
  build: {
    target: "es2022",
    // Fonts and pictures stay files of their own: the policy knows no data: for scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});
