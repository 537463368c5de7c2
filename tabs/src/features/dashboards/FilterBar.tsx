/** Range and filters; every change goes to the address, from where the dashboard reads it. */
import { Button } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { SelectField, TextField } from "../../components/fields";
import { MultiChoice } from "../../components/MultiChoice";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { useCall } from "../../api/useCall";
import { ViewsButton } from "../views/ViewsButton";
import { activeFilters, CHANNELS, DEFAULTS, DEFINITIONS, DIRECTIONS, isThreshold } from "./filters";
import { addDays, isDay, PRESETS, spanOf, type Preset, type Range } from "./ranges";
import type { Asked } from "./useFilters";

function RangeFields(props: { asked: Asked }) {
  const { filters, change, span } = props.asked;
  const { t } = useLanguage();
  const { timeZone } = useFormats();
  const { range } = filters;
  const isCustom = !("preset" in range);
  const choose = (value: Preset | "custom") => {
    if (value !== "custom") return change({ range: { preset: value }, grain: null });
    const now = spanOf(range, Date.now(), timeZone) ?? span;
    if (now) change({ range: { first: now.from, last: addDays(now.to, -1) }, grain: null });
  };
  const setDay = (part: Partial<Exclude<Range, { preset: Preset }>>, day: string) => {
    if (isCustom && isDay(day)) change({ range: { ...range, ...part }, grain: null });
  };
  const options = [...PRESETS, "custom" as const].map((value) => ({
    value,
    label: t(`range.${value}`),
  }));
  return (
    <>
      <SelectField
        label={t("filter.range")}
        value={isCustom ? "custom" : range.preset}
        options={options}
        onChange={choose}
      />
      {isCustom && (
        <>
          <TextField
            type="date"
            label={t("filter.from")}
            value={range.first}
            onChange={(day) => setDay({ first: day }, day)}
          />
          <TextField
            type="date"
            label={t("filter.to")}
            value={range.last}
            error={span ? undefined : t("filter.range_error")}
            onChange={(day) => setDay({ last: day }, day)}
          />
        </>
      )}
    </>
  );
}

function Threshold(props: { value: number; onChange: (value: number) => void }) {
  const { value, onChange } = props;
  const { t } = useLanguage();
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const settle = () => {
    const wished = Number(text);
    if (!isThreshold(wished)) setText(String(value));
    else if (wished !== value) onChange(wished);
  };
  return (
    <TextField
      type="number"
      className="field-narrow"
      label={t("filter.threshold")}
      min={1}
      max={86_400}
      value={text}
      onChange={setText}
      onSettled={settle}
    />
  );
}

function Narrowing(props: { asked: Asked }) {
  const { filters, change } = props.asked;
  const { t, named } = useLanguage();
  const { api, revision } = useSession();
  const { data } = useCall("queues", api.queueChoices, revision);
  const choices = (data?.queues ?? []).map(({ queue, name, source }) => ({
    value: queue,
    label: name,
    note: named(`source.${source}`, source),
  }));
  return (
    <>
      <MultiChoice
        label={t("filter.queue")}
        none={t("filter.all_queues")}
        choices={choices}
        chosen={filters.queue}
        onChange={(queue) => change({ queue })}
      />
      <MultiChoice
        label={t("filter.channel")}
        none={t("filter.all_channels")}
        choices={CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))}
        chosen={filters.channel}
        onChange={(chosen) => change({ channel: CHANNELS.filter((one) => chosen.includes(one)) })}
      />
      <MultiChoice
        label={t("filter.direction")}
        none={t("filter.all_directions")}
        choices={DIRECTIONS.map((value) => ({ value, label: t(`direction.${value}`) }))}
        chosen={filters.direction}
        onChange={(chosen) =>
          change({ direction: DIRECTIONS.filter((one) => chosen.includes(one)) })
        }
      />
      <SelectField
        className="field-wide"
        label={t("filter.definition")}
        value={filters.definition}
        options={DEFINITIONS.map((value) => ({ value, label: t(`definition.${value}`) }))}
        onChange={(definition) => change({ definition })}
      />
      <Threshold value={filters.threshold} onChange={(threshold) => change({ threshold })} />
    </>
  );
}

export function FilterBar(props: { asked: Asked }) {
  const { asked } = props;
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const active = activeFilters(asked.filters);
  return (
    <section className="filters" aria-label={t("filter.label")}>
      <RangeFields asked={asked} />
      <ViewsButton filters={asked.filters} />
      <Button
        className="filters-toggle"
        aria-expanded={isOpen}
        aria-controls="filters-more"
        onClick={() => setOpen(!isOpen)}
      >
        {t("filter.show")}
        {active > 0 && ` (${active})`}
      </Button>
      <div id="filters-more" className={`filters-more ${isOpen ? "is-open" : ""}`}>
        <Narrowing asked={asked} />
        {active > 0 && (
          <Button
            appearance="subtle"
            onClick={() => asked.change({ ...DEFAULTS, range: asked.filters.range })}
          >
            {t("filter.reset")}
          </Button>
        )}
      </div>
    </section>
  );
}
