/** Keeps figures current: server-sent events first, polling where they do not pass. */
import { eventParser } from "./sse";

export type LiveState = "connecting" | "live" | "polling" | "paused" | "off";

export interface LiveOptions {
  /** Opens the event stream; must reject or answer not-ok when it cannot. */
  open: (signal: AbortSignal) => Promise<Response>;
  /** Asks for the stored revision the plain way. */
  poll: (signal: AbortSignal) => Promise<number | null>;
  onRevision: (revision: number) => void;
  /** What the reader may see has changed. */
  onAccess?: () => void;
  onState: (state: LiveState) => void;
  /** Milliseconds: silence after which a stream counts as dead (heartbeats come every 15 s). */
  silence?: number;
  /** Milliseconds between polls. */
  interval?: number;
  /** A number in [0, 1) that spreads reconnects. */
  random?: () => number;
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** Failures in a row after which polling bridges the gap. */
const PATIENCE = 2;

function parseRevision(data: string): number | null {
  try {
    const { revision } = JSON.parse(data) as { revision?: unknown };
    return typeof revision === "number" ? revision : null;
  } catch {
    return null;
  }
}

/** A connection that can be paused (hidden page) and resumed; `close` ends it for good. */
export class Live {
  private abort: AbortController | null = null;
  private timers = new Set<ReturnType<typeof setTimeout>>();
  private failures = 0;
  private isPolling = false;

  constructor(private readonly options: LiveOptions) {}

  resume(): void {
    if (this.abort) return;
    this.abort = new AbortController();
    this.failures = 0;
    this.options.onState("connecting");
    void this.listen(this.abort.signal);
  }

  pause(): void {
    this.stop();
    this.options.onState("paused");
  }

  close(): void {
    this.stop();
    this.options.onState("off");
  }

  private stop(): void {
    this.abort?.abort();
    this.abort = null;
    this.timers.forEach(clearTimeout);
    this.timers.clear();
    this.isPolling = false;
  }

  private after(ms: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    this.timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.timers.delete(timer);
    };
  }

  private async listen(signal: AbortSignal): Promise<void> {
    const attempt = new AbortController();
    const forward = () => attempt.abort();
    signal.addEventListener("abort", forward);
    try {
      await this.read(attempt);
    } catch {
      // A stream that breaks, is refused or falls silent is tried again below.
    }
    attempt.abort();
    signal.removeEventListener("abort", forward);
    if (signal.aborted) return;
    this.failures += 1;
    if (this.failures >= PATIENCE && !this.isPolling) void this.pollOn(signal);
    else if (this.failures < PATIENCE) this.options.onState("connecting");
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    const spread = 0.5 + (this.options.random ?? Math.random)() / 2;
    this.after(wait * spread, () => void this.listen(signal));
  }

  private async read(attempt: AbortController): Promise<void> {
    const answer = await this.options.open(attempt.signal);
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    if (!answer.ok || !isStream || !answer.body) throw new Error("no event stream");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const parse = eventParser();
    for (;;) {
      const cancel = this.after(this.options.silence ?? 45_000, () => attempt.abort());
      const { done, value } = await reader.read().finally(cancel);
      if (done) return;
      if (this.failures > 0 || value) this.heard();
      for (const { event, data } of parse(value)) {
        const revision = event === "revision" ? parseRevision(data) : null;
        if (revision !== null) this.options.onRevision(revision);
        if (event === "access") this.options.onAccess?.();
      }
    }
  }

  private heard(): void {
    this.failures = 0;
    this.options.onState("live");
  }

  private async pollOn(signal: AbortSignal): Promise<void> {
    this.isPolling = this.failures >= PATIENCE;
    if (!this.isPolling) return;
    this.options.onState("polling");
    try {
      const revision = await this.options.poll(signal);
      if (revision !== null && !signal.aborted) this.options.onRevision(revision);
    } catch {
      // The next poll tells; the views show their own errors.
    }
    if (signal.aborted) return;
    this.after(this.options.interval ?? 10_000, () => void this.pollOn(signal));
  }
}
