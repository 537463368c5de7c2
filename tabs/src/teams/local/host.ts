/**
 * The host's side of the TeamsJS protocol for one frame: requests arrive as
 * `{id, uuidAsString, func, args}` and are answered with both ids; events go out as `{func, args}`.
 */

export interface FrameContext {
  entityId: string;
  subEntityId: string;
  frameContext: "content" | "settings";
  inChannel: boolean;
  theme: string;
  locale: string;
  person: string;
}

export interface HostActions {
  /** A token; with `claims`, one that says what a policy of the tenant asks for. */
  token: (claims: string | null) => Promise<string>;
  onReady: () => void;
  onValid: (isValid: boolean) => void;
  onConfig: (config: { entityId?: string; suggestedDisplayName?: string }) => void;
  onShare: (subPageId: string, label: string) => void;
}

interface Request {
  id: number;
  uuidAsString?: string;
  func: string;
  args?: unknown[];
}

/** TeamsJS names the resources first, then the claims as a list of one. */
function claimsOf(given: unknown): string | null {
  const first: unknown = Array.isArray(given) ? given[0] : null;
  return typeof first === "string" ? first : null;
}

const RUNTIME = {
  apiVersion: 4,
  isLegacyTeams: false,
  hostVersionsInfo: { adaptiveCardSchemaVersion: { majorVersion: 1, minorVersion: 5 } },
  supports: {
    app: { lifecycle: {}, notifySuccessResponse: {} },
    pages: { config: {}, appButton: {} },
  },
};

function legacyContext(context: FrameContext): Record<string, unknown> {
  return {
    entityId: context.entityId,
    subEntityId: context.subEntityId,
    locale: context.locale,
    theme: context.theme,
    frameContext: context.frameContext,
    tid: "00000000-0000-4000-8000-000000000001",
    userObjectId: "00000000-0000-4000-8000-000000000002",
    loginHint: context.person,
    hostClientType: "web",
    hostName: "Teams",
    sessionId: "local",
    ...(context.inChannel
      ? { channelId: "19:local@thread.tacv2", channelName: "General", groupId: "local" }
      : {}),
  };
}

function isRequest(data: unknown): data is Request {
  return typeof data === "object" && data !== null && "func" in data && "id" in data;
}

/** Answers one frame of the same origin until `end`. */
export class FrameHost {
  private readonly listening = new Set<string>();

  constructor(
    private readonly frame: HTMLIFrameElement,
    private readonly context: FrameContext,
    private readonly actions: HostActions,
  ) {
    window.addEventListener("message", this.hear);
  }

  end(): void {
    window.removeEventListener("message", this.hear);
  }

  setTheme(theme: string): void {
    this.context.theme = theme;
    if (this.listening.has("themeChange")) this.say({ func: "themeChange", args: [theme] });
  }

  /** Asks the settings page to hand over its configuration. */
  save(): void {
    this.say({ func: "settings.save", args: [{}] });
  }

  private say(message: Record<string, unknown>): void {
    this.frame.contentWindow?.postMessage(message, location.origin);
  }

  /**
   * Opens the window that the tab asks for, and answers the page that comes back in it: Teams'
   * part of `authentication.authenticate`.
   */
  private authenticate(address: string, reply: (...answers: unknown[]) => void): void {
    const opened = window.open(address, "_blank", "popup,width=600,height=640");
    if (!opened) return reply(false, "CancelledByUser");
    const end = (...answers: unknown[]) => {
      window.removeEventListener("message", hear);
      reply(...answers);
    };
    const hear = (event: MessageEvent) => {
      const its = event.source === opened && event.origin === location.origin;
      if (!its || !isRequest(event.data)) return;
      const { id, uuidAsString, func, args = [] } = event.data;
      if (func === "initialize") {
        const said = ["authentication", "web", JSON.stringify(RUNTIME), "2.0.1"];
        opened.postMessage({ id, uuidAsString, args: said }, location.origin);
      } else if (func === "authentication.authenticate.success") end(true, args[0]);
      else if (func === "authentication.authenticate.failure") end(false, args[0]);
    };
    window.addEventListener("message", hear);
  }

  private readonly hear = (event: MessageEvent): void => {
    const mine = event.source === this.frame.contentWindow && event.origin === location.origin;
    if (!mine || !isRequest(event.data)) return;
    const { id, uuidAsString, func, args = [] } = event.data;
    const reply = (...answers: unknown[]) => this.say({ id, uuidAsString, args: answers });
    this.answer(func, args, reply);
  };

  private answer(func: string, args: unknown[], reply: (...answers: unknown[]) => void): void {
    const { actions, context } = this;
    switch (func) {
      case "initialize":
        return reply(context.frameContext, "web", JSON.stringify(RUNTIME), "2.0.1");
      case "getContext":
        return reply(legacyContext(context));
      case "registerHandler":
        this.listening.add(String(args[0]));
        return;
      case "authentication.getAuthToken":
        actions.token(claimsOf(args[1])).then(
          (token) => reply(true, token),
          (reason: unknown) => reply(false, String(reason)),
        );
        return;
      case "authentication.authenticate":
        return this.authenticate(String(args[0]), reply);
      case "appInitialization.success":
        actions.onReady();
        return reply(undefined);
      case "settings.setValidityState":
        return actions.onValid(args[0] === true);
      case "settings.setSettings":
        actions.onConfig(args[0] as { entityId?: string });
        return reply(true);
      case "settings.getSettings":
        return reply({ entityId: context.entityId });
      case "shareDeepLink":
        return actions.onShare(String(args[0]), String(args[1] ?? ""));
      case "executeDeepLink":
        return reply(true);
      default:
    }
  }
}
