/**
 * Prints, as JSON, the path of the Chromium that browser tests drive, and its arguments. The
 * package's own arguments switch off web security, which tests need on.
 */
import chromium from "@sparticuz/chromium";

const quiet = [
  "--no-sandbox",
  "--no-zygote",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--metrics-recording-only",
  "--no-first-run",
  "--no-pings",
];
chromium.setGraphicsMode = false;
const path = await chromium.executablePath();
console.log(JSON.stringify({ path, arguments: quiet }));
