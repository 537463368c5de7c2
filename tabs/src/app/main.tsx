/** The tab's entry: meets Teams, then shows the app or says why it cannot. */
import { StrictMode, Suspense, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Confirmed, SignIn } from "../features/sign_in/SignIn";
import { browserHost, endWindow, hasSession, windowEnd } from "../teams/browser";
import { connect, NoHost, toLocale, type Host } from "../teams/host";
import { goTo } from "./address";
import { App } from "./App";
import { loadLanguage, LanguageProvider, type Language } from "./messages";
import { Opening, Silent } from "./Outside";
import { Themed } from "./Themed";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/figures.css";
import "./styles/tables.css";
import "./styles/overlays.css";

type Start =
  | { state: "opening" }
  | { state: "outside"; language: Language }
  | { state: "signed-out" | "confirmed"; language: Language }
  | { state: "ready"; host: Host; language: Language };

async function startOutside(): Promise<Start> {
  const language = await loadLanguage(toLocale(navigator.language));
  const end = windowEnd(location.hash, location.search, window.opener !== null);
  if (end) {
    await endWindow(end);
    return { state: "confirmed", language };
  }
  if (await hasSession()) return { state: "ready", host: browserHost(), language };
  return { state: "signed-out", language };
}

async function start(): Promise<Start> {
  try {
    const host = await connect();
    if (host.subPage && !location.search) goTo(new URLSearchParams(host.subPage), false);
    return { state: "ready", host, language: await loadLanguage(host.locale) };
  } catch (thrown) {
    if (thrown instanceof NoHost && thrown.reason === "outside") return startOutside();
    return { state: "outside", language: await loadLanguage(toLocale(navigator.language)) };
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
          <Suspense fallback={<Opening />}>
            {begun.state === "ready" && <App host={begun.host} />}
            {begun.state === "signed-out" && <SignIn />}
            {begun.state === "confirmed" && <Confirmed />}
            {begun.state === "outside" && <Silent />}
          </Suspense>
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
