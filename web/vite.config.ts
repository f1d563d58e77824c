import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// The gateway to connect to during development: npm run dev.
const gateway = loadEnv("development", ".", "KISFEED_")["KISFEED_GATEWAY"] ?? "http://127.0.0.1:21000";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../artifacts/web/dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // The page's Content-Security-Policy permits nothing inline.
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
    testTimeout: 60_000, // For tests that hang; a busy machine is ten times slower.
    // Tests share no state, and a process for each file takes three times as long.
    pool: "threads",
    isolate: false,
  },
});
