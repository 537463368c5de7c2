/** The button of saved views; what its panel holds is loaded when it is first opened. */
import { lazy, Suspense } from "react";
import { useLanguage } from "../../app/messages";
import { Panel } from "../../components/Panel";
import type { Filters } from "../dashboards/filters";
import { useView } from "./useView";

const Views = lazy(() => import("./Views").then((views) => ({ default: views.Views })));

export function ViewsButton(props: { filters: Filters }) {
  const { t } = useLanguage();
  const view = useView();
  const text = view?.title ?? t("views");
  return (
    <Panel className="views-button" label={t("views")} buttonLabel={`${t("views")}: ${text}`} text={text}>
      <Suspense fallback={<div className="skeleton skeleton-bar" />}>
        <Views filters={props.filters} opened={view?.id ?? null} />
      </Suspense>
    </Panel>
  );
}
