import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/**
 * Three pages: the tab (served under /tab/), the local Teams page that frames it, and the page that
 * the links in mails open.
 */
export default defineConfig({
  base: "/tab/",
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    rollupOptions: { input: { tab: "index.html", teams: "teams.html", verify: "verify.html" } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
