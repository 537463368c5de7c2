/**
 * The local Teams page (development only): frames the tab as Teams would, with a switcher for
 * person, organisation, theme, language, and personal or channel view.
 */
import { button, choice, element, groupedChoice } from "./elements";
import { FrameHost } from "./host";
import { messages, people, signIn } from "./service";
import "./style.css";
import { boardOf, keepBoard, LOCALES, readState, tokenOf, writeState } from "./state";
import type { LocalState, LocalTheme, LocalView, Person } from "./state";

const THEME_NAMES: [LocalTheme, string][] = [
  ["default", "Light"],
  ["dark", "Dark"],
  ["contrast", "High contrast"],
];
const LOCALE_NAMES = { "en-GB": "English (UK)", "en-US": "English (US)", "de-DE": "Deutsch" };

function roleName(role: string): string {
  return role.replace(/_/g, " ");
}

/** A link of a message at the address where this page is. */
function local(link: string): string {
  const { pathname, search, hash } = new URL(link);
  return pathname + search + hash;
}

class LocalTeams {
  private host: FrameHost | null = null;
  private settings: FrameHost | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly everybody: Person[],
    private state: LocalState,
  ) {}

  /** Changes part of the state; a new theme reaches the tab as an event, the rest reloads it. */
  private change(part: Partial<LocalState>): void {
    this.state = { ...this.state, ...part };
    history.replaceState(null, "", `?${writeState(this.state)}`);
    if (Object.keys(part).every((key) => key === "theme")) {
      document.documentElement.dataset["theme"] = this.state.theme;
      this.host?.setTheme(this.state.theme);
      this.settings?.setTheme(this.state.theme);
    } else this.show();
  }

  show(): void {
    const { state } = this;
    document.documentElement.dataset["theme"] = state.theme;
    this.host?.end();
    this.settings?.end();
    this.host = this.settings = null;
    const board = state.view === "channel" ? boardOf(state.organization) : null;
    const stage = element("main", { class: "stage", "aria-label": "The tab in Teams" });
    this.root.replaceChildren(this.bar(), this.tabs(), stage);
    if (state.view === "channel" && board === null) this.setUp(stage);
    else this.host = this.frame(stage, board ?? "dashboards", "content");
  }

  private bar(): HTMLElement {
    const { state, everybody } = this;
    const person = everybody.find((one) => one.person === state.person);
    const persons = new Map<string, [string, string][]>();
    for (const { person: key, name, role, organizations } of everybody) {
      const heading = organizations.join(" and ");
      persons.set(heading, [
        ...(persons.get(heading) ?? []),
        [key, `${name}, ${roleName(role)}`],
      ]);
    }
    const switches = [
      groupedChoice("Person", persons, state.person, (value) => {
        const next = everybody.find((one) => one.person === value);
        this.change({ person: value, organization: next?.organization ?? "", subPage: "" });
      }),
    ];
    if ((person?.organizations.length ?? 0) > 1) {
      const codes = person?.organizations.map((code) => [code, code] as const) ?? [];
      switches.push(
        choice("Organisation", codes, state.organization, (organization) =>
          this.change({ organization, subPage: "" }),
        ),
      );
    }
    switches.push(
      choice("Theme", THEME_NAMES, state.theme, (theme) =>
        this.change({ theme: theme as LocalTheme }),
      ),
      choice(
        "Language",
        LOCALES.map((locale) => [locale, LOCALE_NAMES[locale]] as const),
        state.locale,
        (locale) => this.change({ locale }),
      ),
    );
    return element(
      "header",
      { class: "bar", "aria-label": "Local Teams" },
      element("strong", { class: "bar-name" }, "Local Teams"),
      element("div", { class: "bar-switches" }, ...switches),
    );
  }

  private tabs(): HTMLElement {
    const { state } = this;
    const open = (view: LocalView) => () => this.change({ view, subPage: "" });
    const nav = element(
      "nav",
      { class: "tabs", "aria-label": "Where the tab stands" },
      element("span", { class: "tabs-app", "aria-hidden": "true" }, "S"),
      button("Personal app", open("personal"), state.view === "personal"),
      button("Channel tab", open("channel"), state.view === "channel"),
      button("Mail and SMS", () => void this.mailbox()),
    );
    if (state.view === "channel" && boardOf(state.organization) !== null) {
      nav.append(
        button("Tab settings", () => {
          const stage = this.root.querySelector<HTMLElement>(".stage");
          if (stage) this.setUp(stage);
        }),
      );
    }
    return nav;
  }

  private frame(
    stage: HTMLElement,
    entityId: string,
    frameContext: "content" | "settings",
    onConfig: (entity: string) => void = () => undefined,
    onValid: (isValid: boolean) => void = () => undefined,
  ): FrameHost {
    const { state } = this;
    const title = frameContext === "settings" ? "Tab settings" : "Switchroom";
    const frame = element("iframe", { title, class: "frame" });
    const wait = element("p", { class: "wait", role: "status" }, "Opening Switchroom");
    const host = new FrameHost(
      frame,
      {
        entityId,
        subEntityId: state.subPage,
        frameContext,
        inChannel: state.view === "channel",
        theme: state.theme,
        locale: state.locale,
        person: state.person,
      },
      {
        token: async (claims) =>
          tokenOf(state, claims) ?? (await signIn(state.person, state.organization)),
        onReady: () => wait.remove(),
        onValid,
        onConfig: (config) => onConfig(config.entityId ?? "board"),
        onShare: (subPage) => void this.share(subPage),
      },
    );
    frame.src = "/tab/";
    stage.replaceChildren(frame, wait);
    return host;
  }

  /** Teams' set-up of a channel tab: the tab's settings page, with the host's own Save. */
  private setUp(stage: HTMLElement): void {
    const { organization } = this.state;
    const holder = element("div", { class: "set-up-frame" });
    const save = button("Save", () => this.settings?.save());
    save.disabled = true;
    const box = element(
      "section",
      { class: "set-up", "aria-label": "Add Switchroom to this channel" },
      element("h1", {}, "Add Switchroom to this channel"),
      holder,
      element("div", { class: "set-up-foot" }, save),
    );
    this.host?.end();
    this.host = null;
    stage.replaceChildren(box);
    this.settings = this.frame(
      holder,
      boardOf(organization) ?? "",
      "settings",
      (entity) => {
        keepBoard(organization, entity);
        this.show();
      },
      (isValid) => {
        save.disabled = !isValid;
      },
    );
  }

  /** What would have been mailed or sent by SMS; a link in it opens in this window. */
  private async mailbox(): Promise<void> {
    const found = await messages().catch(() => []);
    const items = found.map(({ way, to, subject, text, link }) =>
      element(
        "li",
        {},
        element("strong", {}, `${way}, ${to}: ${subject}`),
        element("p", {}, link ? text.replace(link, "").trim() : text),
        ...(link ? [element("a", { href: local(link) }, "Open the link")] : []),
      ),
    );
    const box = element(
      "dialog",
      { class: "mailbox", "aria-label": "Mail and SMS" },
      element("h1", {}, "Mail and SMS"),
      element("p", {}, "Development shows here what would be sent; newest first."),
      items.length > 0 ? element("ul", {}, ...items) : element("p", {}, "Nothing was sent yet."),
      button("Look again", () => {
        box.close();
        void this.mailbox();
      }),
      button("Close", () => box.close()),
    );
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }

  private async share(subPage: string): Promise<void> {
    const search = writeState({ ...this.state, subPage });
    const link = `${location.origin}/?${search}`;
    await navigator.clipboard?.writeText(link).catch(() => undefined);
    const note = element(
      "p",
      { class: "note", role: "status" },
      "Link copied: ",
      element("a", { href: link }, link),
    );
    this.root.querySelector(".note")?.remove();
    this.root.append(note);
    note.addEventListener("click", () => note.remove());
    setTimeout(() => note.remove(), 8_000);
  }
}

async function open(root: HTMLElement): Promise<void> {
  try {
    const everybody = await people();
    new LocalTeams(root, everybody, readState(location.search, everybody)).show();
  } catch (reason) {
    root.replaceChildren(
      element(
        "main",
        { class: "stage" },
        element("p", { class: "wait", role: "alert" }, `The local people could not be read: ${reason}`),
        button("Try again", () => void open(root)),
      ),
    );
  }
}

const root = document.getElementById("teams");
if (root) void open(root);
