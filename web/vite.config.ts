import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The address of a running `labelwright serve`, for `npm run dev`. */
const server = process.env.LABELWRIGHT_SERVER ?? "http://127.0.0.1:8400";

export default defineConfig({
  plugins: [react()],
  build: {
    // The Python package serves this folder; it is git-ignored and goes into the wheel.
    outDir: "../src/labelwright/server/static",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/api": server } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./vitest.setup.ts"],
    restoreMocks: true,
    // A busy machine may take its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
