import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Two pages: the tab (served under /tab/) and the local Teams page that frames it. */
export default defineConfig({
  base: "/tab/",
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    rollupOptions: { input: { tab: "index.html", teams: "teams.html" } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
