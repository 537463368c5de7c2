/** How recent and how complete the figures are. */
import type { Completeness, Summary } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { Panel } from "../../components/Panel";

function CompletenessText(props: { completeness: Completeness }) {
  const { complete, sources, waiting, quarantined } = props.completeness;
  const { t, named } = useLanguage();
  const { count } = useFormats();
  return (
    <div className="completeness">
      <h2>{t("complete.title")}</h2>
      {complete && <p>{t("complete.all")}</p>}
      {sources.map(({ source, title, contacts, gaps }) => (
        <section key={source}>
          <h3>
            {title} <span className="quiet">{t("complete.contacts", { count: count(contacts) })}</span>
          </h3>
          <ul>
            {gaps.map(({ field, reason, metrics }) => (
              <li key={field + reason}>
                {reason}{" "}
                <span className="quiet">
                  {metrics.map((metric) => named(`metric.${metric}`, metric)).join(", ")}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {waiting > 0 && <p>{t("complete.waiting", { count: count(waiting) })}</p>}
      {quarantined > 0 && <p>{t("complete.quarantined", { count: count(quarantined) })}</p>}
    </div>
  );
}

export function Badges(props: { summary: Summary }) {
  const { freshness, completeness } = props.summary;
  const { t } = useLanguage();
  const { dateTime } = useFormats();
  return (
    <div className="badges">
      <span className="badge badge-plain">
        {freshness.as_of
          ? t("fresh.as_of", { time: dateTime(freshness.as_of) })
          : t("fresh.never")}
      </span>
      {freshness.imported_at && (
        <span className="badge badge-plain">
          {t("fresh.imported", { time: dateTime(freshness.imported_at) })}
        </span>
      )}
      <Panel
        size="small"
        className={completeness.complete ? "badge-whole" : "badge-part"}
        label={t("complete.title")}
        text={t(completeness.complete ? "complete.yes" : "complete.no")}
      >
        <CompletenessText completeness={completeness} />
      </Panel>
    </div>
  );
}
