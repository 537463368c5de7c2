/** Form fields: the browser's own controls in Fluent's colours. */
import { useId, type ReactNode } from "react";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  className?: string | undefined;
}

function Field(props: FieldProps & { id: string; children: ReactNode }) {
  const { label, hint, error, className = "", id, children } = props;
  return (
    <div className={`field ${className}`}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
      {hint && (
        <p className="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** The ids of what describes a field, for aria-describedby. */
function described(id: string, { hint, error }: FieldProps): string | undefined {
  const ids = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean);
  return ids.length > 0 ? ids.join(" ") : undefined;
}

export interface Option<T extends string> {
  value: T;
  label: string;
}

export function SelectField<T extends string>(
  props: FieldProps & { value: T; options: Option<T>[]; onChange: (value: T) => void },
) {
  const { value, options, onChange } = props;
  const id = useId();
  return (
    <Field {...props} id={id}>
      <select
        id={id}
        className="control"
        value={value}
        aria-describedby={described(id, props)}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function TextField(
  props: FieldProps & {
    value: string;
    onChange: (value: string) => void;
    /** When the reader has finished: Enter, or focus elsewhere. */
    onSettled?: () => void;
    type?: "text" | "number" | "date" | "datetime-local" | "search" | "email" | "tel";
    min?: number | string;
    max?: number | string;
    maxLength?: number;
    inputMode?: "numeric";
    autoComplete?: string;
    required?: boolean;
  },
) {
  const { value, onChange, onSettled, type = "text", min, max, required } = props;
  const { maxLength, inputMode, autoComplete } = props;
  const id = useId();
  return (
    <Field {...props} id={id}>
      <input
        id={id}
        className="control"
        type={type}
        value={value}
        min={min}
        max={max}
        maxLength={maxLength}
        inputMode={inputMode}
        autoComplete={autoComplete}
        required={required}
        aria-describedby={described(id, props)}
        aria-invalid={props.error ? true : undefined}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onSettled}
        onKeyDown={(event) => event.key === "Enter" && onSettled?.()}
      />
    </Field>
  );
}

export function AreaField(
  props: FieldProps & {
    value: string;
    onChange: (value: string) => void;
    rows: number;
    maxLength: number;
  },
) {
  const { value, onChange, rows, maxLength } = props;
  const id = useId();
  return (
    <Field {...props} id={id}>
      <textarea
        id={id}
        className="control"
        rows={rows}
        maxLength={maxLength}
        value={value}
        aria-describedby={described(id, props)}
        aria-invalid={props.error ? true : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

export function Check(props: {
  type?: "checkbox" | "radio";
  name?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  const { type = "checkbox", name, checked, disabled, onChange, children } = props;
  return (
    <label className="check">
      <input
        type={type}
        name={name}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
