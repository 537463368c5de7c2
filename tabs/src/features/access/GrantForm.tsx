/** The fields of a grant. */
import { useLanguage } from "../../app/messages";
import { Check, SelectField, TextField } from "../../components/fields";
import { MultiChoice } from "../../components/MultiChoice";
import { useQueueNames } from "./Access";
import { BOARDS, CHANNELS, DETAILS, DIMENSIONS, type Dimension, type Draft, type Wrong, type WrongField } from "./access";
import type { Person, Role } from "./calls";
import { useRoleTitle, useWords } from "./words";

interface Fields {
  draft: Draft;
  edit: (change: Partial<Draft>) => void;
  error: (field: WrongField) => string | undefined;
}

function HolderFields(props: Fields & { people: Person[] }) {
  const { draft, edit, error, people } = props;
  const say = useWords();
  const known = people.map(({ person, name }) => ({ value: person, label: name }));
  return (
    <>
      <fieldset className="access-choice">
        <legend className="field-label">{say("form.holder")}</legend>
        {(["known", "account", "group"] as const).map((kind) => (
          <Check
            key={kind}
            type="radio"
            name="holder"
            checked={draft.holder === kind}
            onChange={() => edit({ holder: kind })}
          >
            {say(`form.holder_${kind}`)}
          </Check>
        ))}
      </fieldset>
      {draft.holder === "known" && (
        <SelectField
          label={say("form.person")}
          error={error("person")}
          value={draft.person}
          options={[{ value: "", label: say("form.choose") }, ...known]}
          onChange={(person) => edit({ person })}
        />
      )}
      {draft.holder === "account" && (
        <TextField
          required
          label={say("form.tenant")}
          hint={say("form.tenant_hint")}
          error={error("tenant")}
          value={draft.tenant}
          onChange={(tenant) => edit({ tenant })}
        />
      )}
      {draft.holder !== "known" && (
        <>
          <TextField
            required
            label={say("form.object")}
            hint={say("form.object_hint")}
            error={error("object")}
            value={draft.object}
            onChange={(object) => edit({ object })}
          />
          <TextField
            label={say("form.name")}
            hint={say("form.name_hint")}
            value={draft.name}
            onChange={(name) => edit({ name })}
          />
        </>
      )}
    </>
  );
}

function ScopeFields(props: Fields) {
  const { draft, edit } = props;
  const say = useWords();
  const { named } = useLanguage();
  const queues = useQueueNames();
  const choices: Record<Dimension, { value: string; label: string }[]> = {
    boards: BOARDS.map((value) => ({ value, label: say(`board.${value}`) })),
    queues: queues.choices,
    channels: CHANNELS.map((value) => ({ value, label: named(`channel.${value}`, value) })),
    details: DETAILS.map((value) => ({ value, label: say(`detail.${value}`) })),
  };
  return (
    <fieldset className="access-choice access-scope">
      <legend className="field-label">{say("form.scope")}</legend>
      <p className="quiet">{say("form.scope_hint")}</p>
      {DIMENSIONS.map((one) => (
        <MultiChoice
          key={one}
          label={say(`scope.${one}`)}
          none={say("scope.all")}
          choices={choices[one]}
          chosen={draft.scope[one]}
          onChange={(chosen) => edit({ scope: { ...draft.scope, [one]: chosen } })}
        />
      ))}
    </fieldset>
  );
}

export function GrantForm(props: {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  people: Person[];
  roles: Role[];
  isNew: boolean;
  wrong: Wrong;
}) {
  const { draft, onDraft, people, roles, isNew, wrong } = props;
  const say = useWords();
  const roleTitle = useRoleTitle();
  const edit = (change: Partial<Draft>) => onDraft({ ...draft, ...change });
  const error = (field: WrongField) => (wrong[field] ? say(`form.wrong.${field}`) : undefined);
  const fields: Fields = { draft, edit, error };
  const titles = roles.map(({ id, title }) => ({ value: id, label: roleTitle(id, title) }));
  return (
    <div className="form">
      {isNew && <HolderFields {...fields} people={people} />}
      <SelectField
        label={say("form.role")}
        error={error("role")}
        value={draft.role}
        options={[{ value: "", label: say("form.choose") }, ...titles]}
        onChange={(role) => edit({ role })}
      />
      <ScopeFields {...fields} />
      <TextField
        type="date"
        label={say("form.expires")}
        hint={say("form.expires_hint")}
        value={draft.lastDay}
        onChange={(lastDay) => edit({ lastDay })}
      />
      <TextField
        required
        label={say("form.reason")}
        hint={say("form.reason_hint")}
        error={error("reason")}
        value={draft.reason}
        onChange={(reason) => edit({ reason })}
      />
    </div>
  );
}
