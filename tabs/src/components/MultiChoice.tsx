/** Choosing several of a list: a button that says what is chosen, a panel of check boxes. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useLanguage } from "../app/messages";
import { Check, TextField } from "./fields";
import { Panel } from "./Panel";

export interface Choice {
  value: string;
  label: string;
  note?: string;
}

/** Lists longer than this can be searched. */
const LONG = 8;

export function MultiChoice(props: {
  label: string;
  none: string;
  choices: Choice[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const { label, none, choices, chosen, onChange } = props;
  const { t } = useLanguage();
  const [sought, setSought] = useState("");
  const wanted = sought.trim().toLowerCase();
  const found = choices.filter((choice) => choice.label.toLowerCase().includes(wanted));
  const first = choices.find(({ value }) => value === chosen[0])?.label ?? chosen[0] ?? none;
  const several = t("filter.chosen", { count: chosen.length });
  const text = chosen.length > 1 ? several : first;
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <div className="field">
      <span className="field-label" aria-hidden="true">
        {label}
      </span>
      <Panel
        className="choice"
        label={label}
        buttonLabel={`${label}: ${text}`}
        onOpen={() => setSought("")}
        text={
          <>
            <span className="choice-text">{text}</span>
            <span className="chevron" aria-hidden="true" />
          </>
        }
      >
        {choices.length > LONG && (
          <TextField type="search" label={t("filter.search")} value={sought} onChange={setSought} />
        )}
        <div className="choices">
          {found.map(({ value, label: name, note }) => (
            <Check key={value} checked={chosen.includes(value)} onChange={() => toggle(value)}>
              {name} {note && <span className="quiet">{note}</span>}
            </Check>
          ))}
          {found.length === 0 && <p className="quiet">{t("filter.none_found")}</p>}
        </div>
        <Button size="small" disabled={chosen.length === 0} onClick={() => onChange([])}>
          {t("filter.clear")}
        </Button>
      </Panel>
    </div>
  );
}
