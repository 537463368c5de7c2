/** What a call shows of its person, and what happens when the service wants to see more. */
import { ApiProblem } from "./problem";

/** What the service asks for beyond a sign-in. `claims` is what to ask Microsoft for, as JSON. */
export interface Challenge {
  code: "step-up-required" | "interaction-required" | "consent-required";
  claims: string | null;
}

export interface Credentials {
  /** A bearer token, or null where the browser's own session counts; `fresh` wants a new one. */
  token: (fresh: boolean) => Promise<string | null>;
  /**
   * Asks the person for what the service asks for: a proof to send along, or null when the token
   * or the session says it from now on. Rejects when the person does not want to.
   */
  answer?: (challenge: Challenge) => Promise<string | null>;
}

const CODES: readonly string[] = ["step-up-required", "interaction-required", "consent-required"];

/** What a 401 asks for; null for a plain one. */
export async function challengeOf(answer: Response): Promise<Challenge | null> {
  const body = (await answer.json().catch(() => null)) as { code?: string } | null;
  if (!body?.code || !CODES.includes(body.code)) return null;
  const said = /claims="([A-Za-z0-9+/=]+)"/.exec(answer.headers.get("www-authenticate") ?? "");
  return { code: body.code as Challenge["code"], claims: said?.[1] ? atob(said[1]) : null };
}

const UNATTENDED_MS = 60_000;
let touched = Date.now();
if (typeof window !== "undefined") {
  const touch = () => {
    touched = Date.now();
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) {
    window.addEventListener(kind, touch, { capture: true, passive: true });
  }
}

/** The headers that say who calls, and that a page nobody touches refreshes itself. */
function sign(headers: Headers, token: string | null, proof: string | null): void {
  if (token === null) {
    headers.set("X-Switchroom-Request", "1");
    if (Date.now() - touched > UNATTENDED_MS) headers.set("X-Switchroom-Unattended", "1");
  } else headers.set("Authorization", `Bearer ${token}`);
  if (proof) headers.set("X-Switchroom-Proof", proof);
}

/** Signs calls as one person, and keeps the proof they gave. */
export class Signer {
  private proof: string | null = null;
  private asking: Promise<void> | null = null;

  constructor(private readonly credentials: Credentials) {}

  /** Puts in who calls; when the host gives no token, that is a sign-in problem. */
  async sign(headers: Headers, fresh: boolean): Promise<void> {
    const token = await this.credentials.token(fresh).catch((reason: unknown) => {
      throw new ApiProblem(401, "no_token", String(reason), null);
    });
    sign(headers, token, this.proof);
  }

  /** Asks for what is wanted, once for all calls that want it now; false where nobody can. */
  async ask(challenge: Challenge): Promise<boolean> {
    const { answer } = this.credentials;
    if (!answer) return false;
    this.asking ??= answer(challenge)
      .then(
        (proof) => {
          this.proof = proof ?? this.proof;
        },
        () => {
          throw new ApiProblem(401, challenge.code, null, null);
        },
      )
      .finally(() => {
        this.asking = null;
      });
    await this.asking;
    return true;
  }

  /** A `fetch` of this person. A 401 is answered once: with what it asks for, or a new token. */
  fetch(inner: typeof fetch): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      const again = request.clone();
      await this.sign(request.headers, false);
      const answer = await inner(request);
      if (answer.status !== 401) return answer;
      const challenge = await challengeOf(answer.clone());
      if (challenge && !(await this.ask(challenge))) return answer;
      await this.sign(again.headers, true);
      return inner(again);
    };
  }
}
