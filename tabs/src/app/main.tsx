/** The tab's entry: meets Teams, then shows the app or says why it cannot. */
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { connect, NoHost, toLocale, type Host } from "../teams/host";
import { goTo } from "./address";
import { App } from "./App";
import { loadLanguage, LanguageProvider, type Language } from "./messages";
import { Opening, Outside } from "./Outside";
import { Themed } from "./Themed";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/figures.css";
import "./styles/tables.css";
import "./styles/overlays.css";

type Start =
  | { state: "opening" }
  | { state: "outside"; reason: "outside" | "silent"; language: Language }
  | { state: "ready"; host: Host; language: Language };

async function start(): Promise<Start> {
  try {
    const host = await connect();
    if (host.subPage && !location.search) goTo(new URLSearchParams(host.subPage), false);
    return { state: "ready", host, language: await loadLanguage(host.locale) };
  } catch (thrown) {
    const reason = thrown instanceof NoHost ? thrown.reason : "silent";
    return { state: "outside", reason, language: await loadLanguage(toLocale(navigator.language)) };
  }
}

function Root() {
  const [begun, setBegun] = useState<Start>({ state: "opening" });
  useEffect(() => {
    void starting.then((next) => {
      if (next.state !== "opening") document.documentElement.lang = next.language.locale;
      setBegun(next);
    });
  }, []);
  const host = begun.state === "ready" ? begun.host : null;
  return (
    <Themed host={host}>
      {begun.state === "opening" ? (
        <Opening />
      ) : (
        <LanguageProvider language={begun.language}>
          {begun.state === "ready" ? (
            <App host={begun.host} />
          ) : (
            <Outside reason={begun.reason} />
          )}
        </LanguageProvider>
      )}
    </Themed>
  );
}

const starting = start();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
}
