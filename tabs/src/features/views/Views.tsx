/** The saved views: open, save, change, remove. Loaded when the panel is first opened. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { read } from "../../api/client";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useAddress } from "../../app/address";
import { useLanguage, wordsOf } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check, SelectField, TextField } from "../../components/fields";
import { Modal } from "../../components/Modal";
import { MultiChoice } from "../../components/MultiChoice";
import { ProblemMessage } from "../../components/Problem";
import { writeFilters, type Filters } from "../dashboards/filters";
import { PRESETS } from "../dashboards/ranges";
import { draftOf, filtersOf, METRICS, movedUp, PARAMETER, PARTS, toView, type Draft, type View } from "./view";
import { words } from "./words.en";

const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

const ROLES = [
  "agent",
  "supervisor",
  "authorized_customer_representative",
  "managing_partner",
  "privacy_officer",
];

function PartFields(props: { draft: Draft; edit: (change: Partial<Draft>) => void; wrong: boolean }) {
  const { draft, edit, wrong } = props;
  const say = useWords();
  const rest = PARTS.filter((one) => !draft.parts.includes(one));
  const toggle = (part: (typeof PARTS)[number]) =>
    edit({
      parts: draft.parts.includes(part)
        ? draft.parts.filter((one) => one !== part)
        : [...draft.parts, part],
    });
  return (
    <fieldset className="plain">
      <legend className="field-label">{say("parts")}</legend>
      {[...draft.parts, ...rest].map((part, at) => (
        <div key={part} className="view-part">
          <Check checked={draft.parts.includes(part)} onChange={() => toggle(part)}>
            {say(`part.${part}`)}
          </Check>
          {at > 0 && draft.parts.includes(part) && (
            <Button
              size="small"
              appearance="subtle"
              aria-label={say("up", { part: say(`part.${part}`) })}
              onClick={() => edit({ parts: movedUp(draft.parts, part) })}
            >
              ↑
            </Button>
          )}
        </div>
      ))}
      {wrong && (
        <p className="field-error" role="alert">
          {say("parts_wrong")}
        </p>
      )}
    </fieldset>
  );
}

function ViewDialog(props: {
  view: View | null;
  filters: Filters;
  onSaved: (view: View) => void;
  onClose: () => void;
}) {
  const { view, filters, onSaved, onClose } = props;
  const say = useWords();
  const { t, named } = useLanguage();
  const { api, me, may } = useSession();
  const { http } = api;
  const [draft, setDraft] = useState(() => draftOf(view, filters));
  const [tried, setTried] = useState(false);
  const { busy, problem, act } = useAct();
  const edit = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const isNamed = draft.title.trim() !== "";
  const roles = [...new Set([...ROLES, ...me.roles, ...(draft.role ? [draft.role] : [])])];
  const save = async () => {
    setTried(true);
    if (!isNamed || draft.parts.length === 0) return;
    const body = toView(draft, view ? filtersOf(view) : filters);
    let made: View | null = null;
    const done = await act(async () => {
      made = view
        ? await read(
            http.PUT("/api/views/{id}", {
              params: { path: { id: view.id } },
              body: { ...body, version: view.version },
            }),
          )
        : await read(http.POST("/api/views", { body }));
    });
    if (done && made) onSaved(made);
  };
  return (
    <Modal
      kind="dialog"
      isOpen
      onClose={onClose}
      title={say(view ? "dialog_change" : "dialog_new")}
      note={say("note")}
      actions={
        <Button appearance="primary" disabled={busy} onClick={() => void save()}>
          {say("save")}
        </Button>
      }
    >
      {problem && <ProblemMessage problem={problem} />}
      <div className="form">
        <TextField
          required
          label={say("title")}
          error={tried && !isNamed ? say("title_wrong") : undefined}
          value={draft.title}
          onChange={(title) => edit({ title })}
        />
        <SelectField
          label={say("range")}
          value={draft.range}
          options={PRESETS.map((value) => ({ value, label: t(`range.${value}`) }))}
          onChange={(range) => edit({ range })}
        />
        <MultiChoice
          label={say("kpis")}
          none={say("kpis_all")}
          choices={METRICS.map((value) => ({ value, label: named(`metric.${value}`, value) }))}
          chosen={draft.kpis}
          onChange={(kpis) => edit({ kpis })}
        />
        <PartFields draft={draft} edit={edit} wrong={tried && draft.parts.length === 0} />
        {may("views.share") && (
          <SelectField
            label={say("share")}
            value={draft.role}
            options={[
              { value: "", label: say("share_nobody") },
              ...roles.map((value) => ({ value, label: named(`role.${value}`, value) })),
            ]}
            onChange={(role) => edit({ role })}
          />
        )}
      </div>
    </Modal>
  );
}

function Line(props: {
  view: View;
  isOpen: boolean;
  busy: boolean;
  onOpen: () => void;
  onChange: () => void;
  onRemove: () => void;
}) {
  const { view, isOpen, busy, onOpen, onChange, onRemove } = props;
  const say = useWords();
  const { named } = useLanguage();
  const [sure, setSure] = useState(false);
  const role = view.shared_with && named(`role.${view.shared_with}`, view.shared_with_title ?? "");
  const { title } = view;
  return (
    <li className="view-line">
      <button type="button" className="link" aria-current={isOpen || undefined} onClick={onOpen}>
        {title}
      </button>
      <span className="quiet">{role ? say("shared", { role }) : say("own")}</span>
      <span className="alert-actions">
        {view.own && (
          <Button size="small" disabled={busy} aria-label={say("change", { title })} onClick={onChange}>
            ✎
          </Button>
        )}
        {view.may_remove && (
          <Button
            size="small"
            appearance={sure ? "primary" : "subtle"}
            disabled={busy}
            aria-label={say(sure ? "remove_sure" : "remove", { title })}
            onClick={() => {
              if (sure) onRemove();
              setSure(!sure);
            }}
          >
            ✕
          </Button>
        )}
      </span>
    </li>
  );
}

export function Views(props: { filters: Filters; opened: string | null }) {
  const { filters, opened } = props;
  const say = useWords();
  const { api, changed } = useSession();
  const { http } = api;
  const [search, go] = useAddress();
  const [round, setRound] = useState(0);
  const [dialog, setDialog] = useState<{ view: View | null } | null>(null);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("views panel", api.views, round);
  const show = (view: View) => {
    const next = writeFilters(filtersOf(view), search);
    next.set(PARAMETER, view.id);
    go(next);
  };
  const leave = () => {
    const next = new URLSearchParams(search);
    next.delete(PARAMETER);
    go(next);
  };
  const again = () => {
    setRound((count) => count + 1);
    changed();
  };
  const remove = async ({ id, version }: View) => {
    const query = { version };
    const done = await act(() =>
      read(http.DELETE("/api/views/{id}", { params: { path: { id }, query } })),
    );
    if (done && id === opened) leave();
    again();
  };
  return (
    <div className="stack">
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && <ProblemMessage problem={failed} />}
      {data?.views.length === 0 && <p className="quiet">{say("none")}</p>}
      <ul>
        {data?.views.map((view) => (
          <Line
            key={view.id}
            view={view}
            isOpen={view.id === opened}
            busy={busy}
            onOpen={() => show(view)}
            onChange={() => setDialog({ view })}
            onRemove={() => void remove(view)}
          />
        ))}
      </ul>
      <div className="alert-actions">
        <Button size="small" onClick={() => setDialog({ view: null })}>
          {say("save_new")}
        </Button>
        {opened && (
          <Button size="small" appearance="subtle" onClick={leave}>
            {say("leave")}
          </Button>
        )}
      </div>
      {dialog && (
        <ViewDialog
          view={dialog.view}
          filters={filters}
          onClose={() => setDialog(null)}
          onSaved={(view) => {
            setDialog(null);
            again();
            // The range stays as it is shown, even where the view keeps a moving one.
            const next = new URLSearchParams(search);
            next.set(PARAMETER, view.id);
            go(next);
          }}
        />
      )}
    </div>
  );
}
