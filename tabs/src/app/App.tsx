/** Signs in, then shows the view the address and the place in Teams ask for. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { createApi } from "../api/client";
import { useCall } from "../api/useCall";
import type { Me } from "../api/types";
import { ProblemMessage } from "../components/Problem";
import { Board } from "../features/dashboards/Board";
import { BoardSettings } from "../features/dashboards/BoardSettings";
import { notifyReady, type Host } from "../teams/host";
import { useAddress } from "./address";
import { FormatsProvider, useLanguage } from "./messages";
import { Opening } from "./Outside";
import { SessionContext, type Session } from "./session";
import { Shell } from "./Shell";
import { useLive } from "./useLive";

const StandingBanner = lazy(() =>
  import("../features/standing/StandingBanner").then((part) => ({ default: part.StandingBanner })),
);

const Claim = lazy(() => import("../features/claim/Claim").then((part) => ({ default: part.Claim })));

function SignedIn(props: { host: Host; me: Me; api: Session["api"]; onAccess: () => void }) {
  const { host, me, api, onAccess } = props;
  const { t } = useLanguage();
  const sees = me.permissions.includes("dashboards.view");
  const { state: live, revision, changed } = useLive(
    api,
    sees && host.place.kind !== "board-settings",
    onAccess,
  );
  const session = useMemo<Session>(
    () => ({
      api,
      host,
      me,
      live,
      revision,
      changed,
      may: (permission) => me.permissions.includes(permission),
    }),
    [api, host, me, live, revision, changed],
  );
  const others = ["access.view", "setup.view", "incidents.report", "incidents.count", "standing.view"];
  const hasOther = others.some((one) => me.permissions.includes(one));
  const banner = me.standing !== "active" && (
    <SessionContext value={session}>
      <Suspense fallback={null}>
        <StandingBanner />
      </Suspense>
    </SessionContext>
  );
  if (!sees && !(hasOther && host.place.kind === "personal")) {
    if (banner)
      return (
        <main className="page">
          <h1>{me.organization.name}</h1>
          {banner}
        </main>
      );
    return (
      <main className="page centred">
        <div className="empty">
          <h1>{t("no_access.title")}</h1>
          <p>
            {t("no_access.body", {
              name: me.display_name,
              organization: me.organization.name,
            })}
          </p>
        </div>
      </main>
    );
  }
  const { place } = host;
  return (
    <SessionContext value={session}>
      {banner}
      {place.kind === "personal" && <Shell />}
      {place.kind === "board" && <Board queue={place.queue} view={place.view} />}
      {place.kind === "board-settings" && <BoardSettings queue={place.queue} view={place.view} />}
    </SessionContext>
  );
}

export function App(props: { host: Host }) {
  const { host } = props;
  const [search] = useAddress();
  const organization = search.get("organization");
  const api = useMemo(
    () => createApi(host, location.origin, organization),
    [host, organization],
  );
  const [round, setRound] = useState(0);
  const onAccess = useCallback(() => setRound((count) => count + 1), []);
  const { data: me, problem, loading, retry } = useCall(`me ${organization}`, api.me, round);
  const settled = me !== null || problem !== null;
  useEffect(() => {
    if (settled) void notifyReady();
  }, [settled]);
  if (problem) {
    const shown = <ProblemMessage problem={problem} retry={retry} />;
    return (
      <main className="page centred">
        {problem.code === "not-authenticated" ? (
          <Claim api={api} otherwise={shown} onClaimed={retry} />
        ) : (
          shown
        )}
      </main>
    );
  }
  if (!me || loading) return <Opening />;
  return (
    <FormatsProvider timeZone={me.organization.time_zone}>
      <SignedIn key={me.organization.code} host={host} me={me} api={api} onAccess={onAccess} />
    </FormatsProvider>
  );
}
