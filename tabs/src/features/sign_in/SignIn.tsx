/** What a browser without a session sees, and what a window that has done its work shows. */
import { signInAddress } from "../../teams/browser";
import { wordsOf } from "../../app/messages";
import { words } from "./words.en";

const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));
const LOCAL = ["localhost", "127.0.0.1", "[::1]"];

/** The sentence for what came of the last try. */
export function outcome(code: string | null): "refused" | "unavailable" | "not-set-up" | null {
  if (!code) return null;
  return code === "unavailable" || code === "not-set-up" ? code : "refused";
}

/** The local Teams page, at the place that the present address shows. */
function localAddress(): string {
  const subPageId = location.search.slice(1);
  return subPageId ? `/?${new URLSearchParams({ subPageId })}` : "/";
}

export function SignIn() {
  const t = useWords();
  const said = outcome(new URLSearchParams(location.search).get("sign-in"));
  return (
    <main className="page centred">
      <div className="empty">
        <h1>{t("title")}</h1>
        <p>{t("body")}</p>
        {said && <p role="alert">{t(said)}</p>}
        <a className="link" href={signInAddress()}>
          {t("button")}
        </a>
        {LOCAL.includes(location.hostname) && (
          <a className="link" href={localAddress()}>
            {t("local")}
          </a>
        )}
      </div>
    </main>
  );
}

export function Confirmed() {
  const t = useWords();
  return (
    <main className="page centred">
      <p role="status">{t("confirmed")}</p>
    </main>
  );
}
