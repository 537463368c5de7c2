/** What shows before there is anything to show: opening, or Teams is silent. */
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

export function Silent() {
  const { t } = useLanguage();
  return (
    <main className="page centred">
      <div className="empty">
        <h1>{t("silent.title")}</h1>
        <p>{t("silent.body")}</p>
        <button type="button" className="link" onClick={() => location.reload()}>
          {t("retry")}
        </button>
      </div>
    </main>
  );
}
