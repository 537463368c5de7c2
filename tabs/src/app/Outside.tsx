/** What shows before there is anything to show: opening, or not inside Teams. */
import { useLanguage } from "./messages";

export function Opening() {
  return (
    <main className="page" aria-busy="true">
      <div className="skeleton skeleton-title" />
      <div className="skeleton skeleton-bar" />
      <div className="skeleton skeleton-block" />
    </main>
  );
}

export function Outside(props: { reason: "outside" | "silent" }) {
  const { t } = useLanguage();
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  return (
    <main className="page centred">
      <div className="empty">
        <h1>{t(`${props.reason}.title`)}</h1>
        <p>{t(props.reason === "outside" ? "outside.body" : "silent.body")}</p>
        {props.reason === "outside" && isLocal && (
          <a className="link" href="/">
            {t("outside.local")}
          </a>
        )}
        {props.reason === "silent" && (
          <button type="button" className="link" onClick={() => location.reload()}>
            {t("retry")}
          </button>
        )}
      </div>
    </main>
  );
}
