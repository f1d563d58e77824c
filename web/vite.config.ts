import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// Where a gateway listens while the page is being worked on: npm run dev.
const gateway = loadEnv("development", ".", "KISFEED_")["KISFEED_GATEWAY"] ?? "http://127.0.0.1:21000";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../artifacts/web/dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // The page's Content-Security-Policy lets nothing inline in.
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/v1": { target: gateway, changeOrigin: true, ws: true },
      "/oauth2": { target: gateway, changeOrigin: true },
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000, // Against tests that hang; a busy machine is ten times slower.
    // No test changes anything that others share, and a process for each file takes three times as long.
    pool: "threads",
    isolate: false,
  },
});
