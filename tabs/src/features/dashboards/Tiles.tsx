/** The figures of the range, grouped; service level leads. */
import { memo, type ReactNode } from "react";
import type { Metric, MetricDefinition, Metrics, Point } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { change, readMetric, type Reading } from "../../components/metric";
import { Ring } from "../../components/Ring";
import { Sparkline } from "../../components/Sparkline";
import { Tip } from "../../components/Tip";
import { shows, type View } from "../views/view";
import { GROUPS, HERO } from "./groups";

export interface TilesProps {
  metrics: Metrics;
  before: Metrics | null;
  /** What `before` is, in words. */
  period: string;
  points: Point[];
  definitions: Map<string, MetricDefinition>;
  threshold: number;
  /** The saved view in use: which figures it shows. */
  view: View | null;
  /** Null where the reader may not see contacts. */
  onOpen: ((metric: string) => void) | null;
}

function Definition(props: { metric: string; definition?: MetricDefinition | undefined; reading: Reading }) {
  const { metric, definition, reading } = props;
  const { t, about } = useLanguage();
  return (
    <div className="definition">
      {reading.note && <p className="definition-note">{reading.note}</p>}
      {definition && (
        <>
          <p>{about(metric, definition.description)}</p>
          <p className="definition-formula">
            <span className="quiet">{t("figure.formula")}</span> {definition.formula}
          </p>
          {/\b(O|A|B|Bs)\b/.test(definition.formula) && (
            <p className="quiet">{t("figure.symbols")}</p>
          )}
          <p className="quiet">{t(`figure.basis.${definition.basis}`)}</p>
        </>
      )}
    </div>
  );
}

/** A tile is a button where there are contacts to show, else a group that focus can reach. */
function TileFrame(props: {
  className: string;
  label: string;
  tooltip: ReactNode;
  onOpen?: (() => void) | undefined;
  children: ReactNode;
}) {
  const { className, label, tooltip, onOpen, children } = props;
  return (
    <Tip content={tooltip}>
      {onOpen ? (
        <button type="button" className={`tile ${className}`} onClick={onOpen}>
          <span className="spoken">{label}</span>
          {children}
        </button>
      ) : (
        <div className={`tile ${className}`} role="group" tabIndex={0} aria-label={label}>
          {children}
        </div>
      )}
    </Tip>
  );
}

interface TileProps {
  metric: string;
  value: Metric | undefined;
  before: Metric | undefined;
  period: string;
  course: (number | null)[];
  definition: MetricDefinition | undefined;
  onOpen: ((metric: string) => void) | null;
}

interface Said {
  reading: Reading;
  title: string;
  changed: string | null;
  against: string | null;
  counted: string | null;
  open: (() => void) | undefined;
  label: string;
  tooltip: ReactNode;
}

/** Everything a tile says, for eyes and for screen readers. */
function useTile(props: TileProps, threshold?: number): Said {
  const { metric, value, before, period, definition, onOpen } = props;
  const { t, named } = useLanguage();
  const formats = useFormats();
  const reading = readMetric(value, formats, t);
  const title = named(`metric.${metric}`, definition?.title ?? metric);
  const changed = change(value, before, formats, t("figure.points"));
  const against = changed ? t("figure.against", { change: changed, period }) : null;
  const counted =
    threshold !== undefined && value?.numerator != null && value.denominator
      ? t("figure.in_time", {
          numerator: formats.count(value.numerator),
          denominator: formats.count(value.denominator),
          threshold: formats.duration(threshold),
        })
      : null;
  const open = onOpen && value?.value ? () => onOpen(metric) : undefined;
  const show = open ? t("figure.show_contacts") : null;
  const label = [`${title}: ${reading.spoken}`, counted, against, show].filter(Boolean).join(". ");
  const tooltip = <Definition metric={metric} definition={definition} reading={reading} />;
  return { reading, title, changed, against, counted, open, label, tooltip };
}

const Tile = memo(function Tile(props: TileProps) {
  const { t } = useLanguage();
  const { reading, title, changed, against, open, label, tooltip } = useTile(props);
  const has = reading.state === "value" || reading.state === "partial";
  return (
    <TileFrame className={has ? "" : "tile-empty"} label={label} tooltip={tooltip} onOpen={open}>
      <span className="tile-title" aria-hidden="true">{title}</span>
      <span className="tile-value" aria-hidden="true">{reading.text}</span>
      <span className="tile-foot" aria-hidden="true">
        {has ? (
          <span className="tile-change" title={against ?? undefined}>
            {changed}
          </span>
        ) : (
          <span className="quiet">{reading.spoken}</span>
        )}
        {reading.state === "partial" && <span className="badge">{t("figure.partial")}</span>}
        <Sparkline values={props.course} />
      </span>
    </TileFrame>
  );
});

function Hero(props: TileProps & { threshold: number }) {
  const { t } = useLanguage();
  const { reading, title, against, counted, open, label, tooltip } = useTile(props, props.threshold);
  return (
    <TileFrame className="hero" label={label} tooltip={tooltip} onOpen={open}>
      <span className="tile-title" aria-hidden="true">{title}</span>
      <Ring percent={props.value?.value ?? null}>
        <span className="hero-value">{reading.text}</span>
        {reading.text === "–" && <span className="quiet">{reading.spoken}</span>}
      </Ring>
      <span className="hero-foot" aria-hidden="true">
        {counted && <span>{counted}</span>}
        {against && <span className="quiet">{against}</span>}
        {reading.state === "partial" && <span className="badge">{t("figure.partial")}</span>}
      </span>
    </TileFrame>
  );
}

export function Tiles(props: TilesProps) {
  const { metrics, before, period, points, definitions, threshold, view, onOpen } = props;
  const { t } = useLanguage();
  const tile = (metric: string): TileProps => ({
    metric,
    value: metrics[metric],
    before: before?.[metric],
    period,
    course: points.map((point) => point.metrics[metric]?.value ?? null),
    definition: definitions.get(metric),
    onOpen,
  });
  const groups = GROUPS.map(({ key, metrics: all }) => ({
    key,
    members: all.filter((metric) => shows(view, metric)),
  })).filter(({ members }) => members.length > 0);
  return (
    <div className="tiles">
      {shows(view, HERO) && <Hero {...tile(HERO)} threshold={threshold} />}
      <div className="groups">
        {groups.map(({ key, members }) => (
          <section key={key} className="group" aria-labelledby={`group-${key}`}>
            <h2 id={`group-${key}`}>{t(`group.${key}`)}</h2>
            <div className="group-tiles">
              {members.map((metric) => (
                <Tile key={metric} {...tile(metric)} />
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  );
}
