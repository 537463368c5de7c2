/** The fields of an alert, new or changed. */
import type { QueueChoice } from "../../api/types";
import { useLanguage } from "../../app/messages";
import { Check, SelectField, TextField } from "../../components/fields";
import { COMPARISONS, dayName, METRICS, WEEK, type Draft, type Wrong } from "./alerts";

function Days(props: {
  chosen: readonly number[];
  error: string | undefined;
  onChange: (days: number[]) => void;
}) {
  const { chosen, error, onChange } = props;
  const { t, locale } = useLanguage();
  const toggle = (day: number) =>
    onChange(WEEK.filter((one) => (one === day) !== chosen.includes(one)));
  return (
    <fieldset className="days">
      <legend className="field-label">{t("alerts.days")}</legend>
      {WEEK.map((day) => (
        <Check key={day} checked={chosen.includes(day)} onChange={() => toggle(day)}>
          {dayName(day, locale)}
        </Check>
      ))}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

export function AlertForm(props: {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  queues: QueueChoice[];
  wrong: Wrong;
}) {
  const { draft, onDraft, queues, wrong } = props;
  const { t } = useLanguage();
  const error = (field: keyof Wrong) => (wrong[field] ? t(`alerts.wrong.${field}`) : undefined);
  const edit = (change: Partial<Draft>) => onDraft({ ...draft, ...change });
  const all = { value: "", label: t("filter.all_queues") };
  return (
    <div className="form">
      <SelectField
        label={t("alerts.kind")}
        value={draft.kind}
        options={[
          { value: "threshold", label: t("alerts.kind_threshold") },
          { value: "daily", label: t("alerts.kind_daily") },
        ]}
        onChange={(kind) => edit({ kind })}
      />
      <SelectField
        label={t("filter.queue")}
        value={draft.queue}
        options={[all, ...queues.map(({ queue, name }) => ({ value: queue, label: name }))]}
        onChange={(queue) => edit({ queue })}
      />
      {draft.kind === "daily" ? (
        <>
          <TextField
            required
            label={t("alerts.at")}
            hint={t("alerts.at_hint")}
            error={error("at")}
            value={draft.at}
            onChange={(at) => edit({ at })}
          />
          <Check checked={draft.yesterday} onChange={(yesterday) => edit({ yesterday })}>
            {t("alerts.yesterday")}
          </Check>
          <Days chosen={draft.days} error={error("days")} onChange={(days) => edit({ days })} />
        </>
      ) : (
        <>
          <SelectField
            label={t("alerts.metric")}
            value={draft.metric}
            options={METRICS.map((value) => ({ value, label: t(`metric.${value}`) }))}
            onChange={(metric) => edit({ metric })}
          />
          <SelectField
            label={t("alerts.comparison")}
            value={draft.comparison}
            options={COMPARISONS.map((value) => ({ value, label: t(`alerts.${value}`) }))}
            onChange={(comparison) => edit({ comparison })}
          />
          <TextField
            required
            type="number"
            min={0}
            label={t(`alerts.limit_${draft.metric}`)}
            error={error("limit")}
            value={draft.limit}
            onChange={(limit) => edit({ limit })}
          />
          <TextField
            required
            type="number"
            min={5}
            max={1440}
            label={t("alerts.window")}
            error={error("window")}
            value={draft.window}
            onChange={(window) => edit({ window })}
          />
          <TextField
            required
            type="number"
            min={0}
            label={t("alerts.cool_down")}
            error={error("coolDown")}
            value={draft.coolDown}
            onChange={(coolDown) => edit({ coolDown })}
          />
          <Check checked={draft.hours} onChange={(hours) => edit({ hours })}>
            {t("alerts.hours")}
          </Check>
          {draft.hours && (
            <>
              <TextField
                required
                label={t("alerts.opens")}
                value={draft.opens}
                onChange={(opens) => edit({ opens })}
              />
              <TextField
                required
                label={t("alerts.closes")}
                error={error("closes")}
                value={draft.closes}
                onChange={(closes) => edit({ closes })}
              />
              <Days
                chosen={draft.openDays}
                error={error("days")}
                onChange={(openDays) => edit({ openDays })}
              />
            </>
          )}
        </>
      )}
    </div>
  );
}
