/** A range without contacts: what to do about it. */
import { Button } from "@fluentui/react-components";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { ImportButton } from "../contacts/ImportDialog";
import { DEFAULTS, isNarrowed } from "./filters";
import type { Asked } from "./useFilters";

export function Empty(props: { asked: Asked }) {
  const { filters, change } = props.asked;
  const { t } = useLanguage();
  const { may } = useSession();
  const narrowed = isNarrowed(filters);
  const isLongest = "preset" in filters.range && filters.range.preset === "last30";
  const advice = may("imports.create") ? "empty.import" : "empty.ask";
  return (
    <div className="empty" role="status">
      <h2>{t("empty.title")}</h2>
      <p>{t(narrowed ? "empty.filtered" : advice)}</p>
      <div className="empty-actions">
        {!isLongest && (
          <Button onClick={() => change({ range: { preset: "last30" }, grain: null })}>
            {t("empty.longer")}
          </Button>
        )}
        {narrowed && (
          <Button onClick={() => change({ ...DEFAULTS, range: filters.range })}>
            {t("filter.reset")}
          </Button>
        )}
        {!narrowed && may("imports.create") && <ImportButton />}
      </div>
    </div>
  );
}
