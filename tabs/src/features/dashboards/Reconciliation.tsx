/** Our service level beside each vendor's own, and the contacts that make the difference. */
import { useCall } from "../../api/useCall";
import type { VendorFigure } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { readMetric } from "../../components/metric";
import { ProblemMessage } from "../../components/Problem";
import { ContactTable } from "../contacts/ContactTable";
import { FilterBar } from "./FilterBar";
import { useFilters } from "./useFilters";

function Side(props: { title: string; metric: VendorFigure["ours"] }) {
  const { title, metric } = props;
  const { t } = useLanguage();
  const formats = useFormats();
  const reading = readMetric(metric, formats, t);
  return (
    <div className="side">
      <dt>{title}</dt>
      <dd>
        <span className="side-value">{reading.text}</span>
        {metric.numerator != null && metric.denominator != null && (
          <span className="quiet">
            {formats.count(metric.numerator)} / {formats.count(metric.denominator)}
          </span>
        )}
        {reading.note && <span className="quiet">{reading.note}</span>}
      </dd>
    </div>
  );
}

function Vendor(props: { figure: VendorFigure }) {
  const { figure } = props;
  const { t } = useLanguage();
  const formats = useFormats();
  const { title, formula, ours, vendor, difference, explained_by: rows } = figure;
  const id = `vendor-${figure.source}`;
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        <span className="quiet">
          {t("complete.contacts", { count: formats.count(figure.contacts) })}
        </span>
      </div>
      <dl className="sides">
        <Side title={t("reconciliation.ours")} metric={ours} />
        <Side title={t("reconciliation.vendor", { vendor: title })} metric={vendor} />
        <div className="side">
          <dt>{t("reconciliation.difference")}</dt>
          <dd>
            <span className="side-value">
              {difference == null ? "–" : `${formats.points(difference)} ${t("figure.points")}`}
            </span>
          </dd>
        </div>
      </dl>
      <p className="definition-formula">
        <span className="quiet">{t("figure.formula")}</span> {formula}
      </p>
      {figure.explained_total === 0 ? (
        <p>{t("reconciliation.equal")}</p>
      ) : (
        <>
          <h3>
            {t("reconciliation.explained", {
              shown: formats.count(rows.length),
              total: formats.count(figure.explained_total),
            })}
          </h3>
          {rows.length > 0 && <ContactTable rows={rows} label={title} limit={10} />}
        </>
      )}
    </section>
  );
}

export function ReconciliationView() {
  const asked = useFilters();
  const { key, query } = asked;
  const { t } = useLanguage();
  const { api, revision } = useSession();
  const { data, problem, loading, retry } = useCall(
    key,
    (signal) => api.reconciliation(query ?? {}, signal),
    revision,
  );
  return (
    <>
      <FilterBar asked={asked} />
      <div>
        <h2>{t("reconciliation.title")}</h2>
        <p className="lead">{t("reconciliation.body")}</p>
      </div>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <div className={loading ? "figures is-stale" : "figures"} aria-busy={loading}>
          {data.vendors.length === 0 && <p className="empty">{t("reconciliation.none")}</p>}
          {data.vendors.map((figure) => (
            <Vendor key={figure.source} figure={figure} />
          ))}
        </div>
      )}
    </>
  );
}
