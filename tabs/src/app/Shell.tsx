/** The personal tab's frame: organisation, views, live state, and the import that may be running. */
import { Button } from "@fluentui/react-components";
import { lazy, Suspense, useEffect, useState } from "react";
import { Alerts } from "../features/alerts/Alerts";
import { ContactsProvider } from "../features/contacts/ContactsDrawer";
import { ImportButton, ImportProvider } from "../features/contacts/ImportDialog";
import { Imports } from "../features/contacts/Imports";
import { Dashboard } from "../features/dashboards/Dashboard";
import { ReconciliationView } from "../features/dashboards/Reconciliation";
import { Main } from "../components/Tip";
import type { Me } from "../api/types";
import { useAddress } from "./address";
import { LiveBadge } from "./LiveBadge";
import { useLanguage } from "./messages";
import { useSession, type Permission } from "./session";

/** Views beside the figures are loaded when they are first opened. */
const Access = lazy(() => import("../features/access/Access").then((view) => ({ default: view.Access })));
const Disclosures = lazy(() =>
  import("../features/disclosures/Disclosures").then((view) => ({ default: view.Disclosures })),
);
const Incidents = lazy(() =>
  import("../features/incidents/Incidents").then((view) => ({ default: view.Incidents })),
);
const Policies = lazy(() =>
  import("../features/policies/Policies").then((view) => ({ default: view.Policies })),
);
const Notice = lazy(() =>
  import("../features/informing/Notice").then((view) => ({ default: view.Notice })),
);
const NoticeBanner = lazy(() =>
  import("../features/informing/Notice").then((view) => ({ default: view.NoticeBanner })),
);
const PolicyBanner = lazy(() =>
  import("../features/policies/PolicyBanner").then((view) => ({ default: view.PolicyBanner })),
);
const Setup = lazy(() => import("../features/setup/Setup").then((view) => ({ default: view.Setup })));
const Standing = lazy(() =>
  import("../features/standing/Standing").then((view) => ({ default: view.Standing })),
);
const You = lazy(() => import("../features/sessions/You").then((view) => ({ default: view.You })));

const VIEWS = [
  "dashboard",
  "reconciliation",
  "alerts",
  "imports",
  "incidents",
  "access",
  "setup",
  "notice",
  "policies",
  "standing",
  "disclosures",
  "you",
] as const;
/** Standings in which the organisation is closed but to what its representatives do about them. */
const CLOSED: Me["standing"][] = ["suspended", "terminated", "erasing"];
type View = (typeof VIEWS)[number];

/** Whether a view has something for this reader. */
function isFor(view: View, me: Me, may: (permission: Permission) => boolean): boolean {
  if (view === "imports") return may("imports.view");
  if (view === "incidents") return may("incidents.report") || may("incidents.count");
  if (view === "alerts") return may("alerts.view");
  if (view === "access") return may("access.view") || me.roles.includes("managing_partner");
  if (view === "setup") return may("setup.view");
  if (view === "standing") return may("standing.view");
  if (view === "disclosures") return may("disclosures.view");
  if (view === "reconciliation") return me.boards.includes("reconciliation");
  // Who may report incidents alone has no policies and no notice to accept.
  if (view === "policies" || view === "notice")
    return (
      !CLOSED.includes(me.standing) && me.permissions.some((one) => one !== "incidents.report")
    );
  return view === "you" || may("dashboards.view");
}

function ShareButton() {
  const { t } = useLanguage();
  const { host, me } = useSession();
  const { share } = host;
  if (!share) return null;
  const label = t("share.label", {
    organization: me.organization.name,
    range: t("view.dashboard"),
  });
  const subPage = () => location.search.slice(1) || "range=today";
  return (
    <Button appearance="subtle" className="share" onClick={() => share(subPage(), label)}>
      {t("share")}
    </Button>
  );
}

/** The organisation's name; a choice for people who belong to several. */
function OrganizationName() {
  const { t } = useLanguage();
  const { me } = useSession();
  const [search, go] = useAddress();
  const { organization, organizations } = me;
  if (organizations.length < 2) return <h1>{organization.name}</h1>;
  const open = (code: string) => {
    const next = new URLSearchParams(search);
    next.set("organization", code);
    next.delete("queue");
    go(next);
  };
  return (
    <>
      <h1 className="spoken">{organization.name}</h1>
      <select
        className="control organization"
        aria-label={t("organization")}
        value={organization.code}
        onChange={(event) => open(event.target.value)}
      >
        {organizations.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}

export function Shell() {
  const { t } = useLanguage();
  const { me, may } = useSession();
  const [search, go] = useAddress();
  // While the organisation is active its standing is a section of the organisation's view.
  const aside = me.standing === "active" && search.get("view") !== "standing" ? "standing" : null;
  const views = VIEWS.filter((one) => one !== aside && isFor(one, me, may));
  const view = views.find((one) => one === search.get("view")) ?? views[0];
  const [confirmed, setConfirmed] = useState(0);
  useEffect(() => {
    document.title = [view && t(`view.${view}`), me.organization.name].filter(Boolean).join(" - ");
  }, [t, view, me]);
  const open = (next: View) => {
    const changed = new URLSearchParams(search);
    if (next === "dashboard") changed.delete("view");
    else changed.set("view", next);
    go(changed);
  };
  return (
    <ImportProvider>
      <ContactsProvider>
        <header className="top">
          <div className="top-name">
            <OrganizationName />
            <LiveBadge />
          </div>
          <nav aria-label={t("nav.label")} className="top-views">
            {views.filter((one) => one !== "notice" || one === view).map((one) => (
              <button
                key={one}
                type="button"
                className="view-link"
                aria-current={one === view ? "page" : undefined}
                onClick={() => open(one)}
              >
                {t(`view.${one}`)}
              </button>
            ))}
          </nav>
          <div className="top-actions">
            <ShareButton />
            {may("imports.create") && <ImportButton />}
          </div>
        </header>
        <Main>
          {view !== "policies" && views.includes("policies") && (
            <Suspense fallback={null}>
              <PolicyBanner onRead={() => open("policies")} />
            </Suspense>
          )}
          {view !== "notice" && views.includes("notice") && (
            <Suspense fallback={null}>
              <NoticeBanner round={confirmed} onRead={() => open("notice")} />
            </Suspense>
          )}
          <div className="view">
            {view === "dashboard" && <Dashboard />}
            {view === "reconciliation" && <ReconciliationView />}
            {view === "alerts" && <Alerts />}
            {view === "imports" && <Imports />}
            <Suspense fallback={<div className="skeleton skeleton-block" />}>
              {view === "incidents" && <Incidents />}
              {view === "access" && <Access />}
              {view === "setup" && <Setup />}
              {view === "notice" && <Notice onConfirmed={() => setConfirmed((count) => count + 1)} />}
              {view === "policies" && <Policies />}
              {view === "standing" && <Standing />}
              {view === "disclosures" && <Disclosures />}
              {view === "you" && <You />}
            </Suspense>
          </div>
        </Main>
      </ContactsProvider>
    </ImportProvider>
  );
}
