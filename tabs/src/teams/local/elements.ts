/** Small helpers to build the page's own elements. */

type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A labelled select whose options are grouped under headings. */
export function groupedChoice(
  label: string,
  groups: ReadonlyMap<string, readonly (readonly [string, string])[]>,
  value: string,
  onChange: (value: string) => void,
): HTMLLabelElement {
  const made = choice(label, [], value, onChange);
  const select = made.querySelector("select");
  for (const [heading, options] of groups) {
    const group = element("optgroup", { label: heading });
    for (const [key, text] of options) group.append(new Option(text, key, false, key === value));
    select?.append(group);
  }
  return made;
}

/** A labelled select; `onChange` hears the chosen value. */
export function choice(
  label: string,
  options: readonly (readonly [string, string])[],
  value: string,
  onChange: (value: string) => void,
): HTMLLabelElement {
  const select = element("select");
  for (const [key, text] of options) select.append(new Option(text, key, false, key === value));
  select.addEventListener("change", () => onChange(select.value));
  return element("label", { class: "choice" }, element("span", {}, label), select);
}

/** A button of the app bar or the tab bar; `isCurrent` marks where the reader is. */
export function button(text: string, onClick: () => void, isCurrent?: boolean): HTMLButtonElement {
  const made = element("button", { type: "button" }, text);
  if (isCurrent !== undefined) made.setAttribute("aria-pressed", String(isCurrent));
  made.addEventListener("click", onClick);
  return made;
}
