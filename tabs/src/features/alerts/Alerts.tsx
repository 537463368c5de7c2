/** The organisation's alerts: how each stands, and whether the reader hears of it in their chat. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import type { Alert } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { ChangeAlertButton, NewAlertButton } from "./AlertDialog";
import { dayName, keptDays, openingHours, ordered, QUIET_HOURS, quietUntil, sentence } from "./alerts";

type Act = (call: () => Promise<unknown>) => void;

function Sentence(props: { alert: Alert }) {
  const { t, locale } = useLanguage();
  const { percent, count, duration } = useFormats();
  const amount = (name: string, value: number) => {
    if (name === "offered") return count(value);
    return name === "longest_wait" ? duration(value) : percent(value);
  };
  const { key, values } = sentence(
    props.alert.trigger,
    (name) => t(`metric.${name}` as "metric.offered"),
    amount,
  );
  const hours = openingHours(props.alert.trigger);
  const days = keptDays(props.alert.trigger)?.map((day) => dayName(day, locale));
  return (
    <span>
      {t(key, values)}
      {hours && `, ${t("alerts.only_hours", { hours })}`}
      {days && `, ${t("alerts.on_days", { days: days.join(", ") })}`}
    </span>
  );
}

interface LineProps {
  alert: Alert;
  busy: boolean;
  act: Act;
  onChanged: () => void;
}

function Buttons(props: LineProps) {
  const { alert, busy, act, onChanged } = props;
  const { t, locale } = useLanguage();
  const { api, may } = useSession();
  const [sure, setSure] = useState(false);
  const subscribe = (subscribed: boolean, quiet_minutes = 0) =>
    act(() => api.subscribeAlert(alert.id, { subscribed, quiet_minutes, language: locale }));
  const quiet = quietUntil(alert, Date.now());
  return (
    <div className="alert-actions">
      {!alert.own && (
        <Button size="small" disabled={busy} onClick={() => subscribe(true)}>
          {t("alerts.subscribe")}
        </Button>
      )}
      {alert.own && quiet && (
        <Button size="small" disabled={busy} onClick={() => subscribe(true)}>
          {t("alerts.wake")}
        </Button>
      )}
      {alert.own &&
        !quiet &&
        QUIET_HOURS.map((hours) => (
          <Button
            key={hours}
            size="small"
            disabled={busy}
            onClick={() => subscribe(true, hours * 60)}
          >
            {t("alerts.quiet", { hours })}
          </Button>
        ))}
      {alert.own && (
        <Button size="small" disabled={busy} onClick={() => subscribe(false)}>
          {t("alerts.unsubscribe")}
        </Button>
      )}
      {may("alerts.manage") && <ChangeAlertButton alert={alert} onChanged={onChanged} />}
      {may("alerts.manage") && (
        <Button
          size="small"
          appearance={sure ? "primary" : "subtle"}
          disabled={busy}
          onClick={() => {
            if (sure) act(() => api.removeAlert(alert.id, alert.version));
            setSure(!sure);
          }}
        >
          {t(sure ? "alerts.remove_sure" : "alerts.remove")}
        </Button>
      )}
    </div>
  );
}

function Line(props: LineProps) {
  const { alert } = props;
  const { t } = useLanguage();
  const { dateTime } = useFormats();
  const quiet = quietUntil(alert, Date.now());
  return (
    <li className="card alert">
      <h3 className="alert-queue">{alert.queue_name ?? t("filter.all_queues")}</h3>
      <p>
        <Sentence alert={alert} />
      </p>
      <p className="quiet">
        {alert.beyond_since && (
          <span className="badge">{t("alerts.beyond", { since: dateTime(alert.beyond_since) })}</span>
        )}{" "}
        {t("alerts.places", { count: alert.places })}
        {alert.own && !quiet && `, ${t("alerts.own")}`}
        {quiet && `, ${t("alerts.quiet_until", { until: dateTime(quiet) })}`}
        {alert.fired_at && `, ${t("alerts.fired", { at: dateTime(alert.fired_at) })}`}
      </p>
      <Buttons {...props} />
    </li>
  );
}

export function Alerts() {
  const { t } = useLanguage();
  const { api, may } = useSession();
  const [round, setRound] = useState(0);
  const { busy, problem: failed, act: change } = useAct();
  const { data, problem, retry } = useCall("alerts", api.alerts, round);
  const again = () => setRound((count) => count + 1);
  const act: Act = (call) => void change(call).then(again);
  return (
    <>
      <div className="alerts-head">
        <h2>{t("view.alerts")}</h2>
        {may("alerts.manage") && <NewAlertButton onMade={again} />}
      </div>
      <p className="quiet">{t("alerts.about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && (
        <p className="field-error" role="alert">
          {failed.code === "no-chat" ? t("alerts.no_chat") : t("alerts.failed")}
        </p>
      )}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data?.alerts.length === 0 && (
        <div className="empty">
          <p>{t("alerts.none")}</p>
        </div>
      )}
      <ul className="alerts">
        {data &&
          ordered(data.alerts).map((alert) => (
            <Line key={alert.id} alert={alert} busy={busy} act={act} onChanged={again} />
          ))}
      </ul>
    </>
  );
}
