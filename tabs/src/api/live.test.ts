import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live, type LiveState } from "./live";
import { eventParser } from "./sse";

describe("the event stream", () => {
  it("is read whatever the pieces", () => {
    const parse = eventParser();
    const text = ': beat\r\n\r\nevent: revision\r\ndata: {"revision": 7}\r\n\r\ndata: a\ndata: b\n\n';
    const events = [...text].flatMap((character) => parse(character));
    expect(events).toEqual([
      { event: "revision", data: '{"revision": 7}' },
      { event: "message", data: "a\nb" },
    ]);
  });
});

/** A stream the test writes to; it breaks when the reader goes away. */
function stream(signal: AbortSignal) {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(made) {
      controller = made;
    },
  });
  signal.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
  const say = (text: string) => controller.enqueue(new TextEncoder().encode(text));
  const answer = new Response(body, { headers: { "content-type": "text/event-stream" } });
  return { answer, say, end: () => controller.close() };
}

const flush = () => vi.advanceTimersByTimeAsync(0);

describe("live figures", () => {
  let states: LiveState[];
  let revisions: number[];
  let streams: ReturnType<typeof stream>[];
  let refuse: boolean;
  let polled: number;
  let live: Live;

  beforeEach(() => {
    vi.useFakeTimers();
    [states, revisions, streams, refuse, polled] = [[], [], [], false, 100];
    live = new Live({
      open: async (signal) => {
        if (refuse) return new Response("<html>", { headers: { "content-type": "text/html" } });
        const opened = stream(signal);
        streams.push(opened);
        return opened.answer;
      },
      poll: async () => ++polled,
      onRevision: (revision) => revisions.push(revision),
      onState: (state) => {
        if (states.at(-1) !== state) states.push(state);
      },
      random: () => 0,
    });
  });
  afterEach(() => {
    live.close();
    vi.useRealTimers();
  });

  it("hear every revision", async () => {
    live.resume();
    await flush();
    streams[0]?.say('event: revision\ndata: {"revision": 3}\n\n');
    await flush();
    expect(revisions).toEqual([3]);
    expect(states).toEqual(["connecting", "live"]);
  });

  it("connect again when the stream ends", async () => {
    live.resume();
    await flush();
    streams[0]?.say(": beat\n\n");
    await flush();
    streams[0]?.end();
    await vi.advanceTimersByTimeAsync(1_000);
    streams[1]?.say('event: revision\ndata: {"revision": 4}\n\n');
    await flush();
    expect(revisions).toEqual([4]);
    expect(states).toEqual(["connecting", "live", "connecting", "live"]);
  });

  it("give up a silent stream", async () => {
    live.resume();
    await flush();
    await vi.advanceTimersByTimeAsync(46_000);
    expect(streams.length).toBe(2);
  });

  it("poll where streams do not pass, and stop when they do", async () => {
    refuse = true;
    live.resume();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states).toEqual(["connecting", "polling"]);
    expect(revisions).toEqual([101]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(revisions).toContain(102);
    refuse = false;
    await vi.advanceTimersByTimeAsync(30_000);
    streams[0]?.say(": beat\n\n");
    await flush();
    expect(states.at(-1)).toBe("live");
    const before = revisions.length;
    streams[0]?.say(": beat\n\n");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(revisions.length).toBe(before);
  });

  it("rest while hidden", async () => {
    live.resume();
    await flush();
    live.pause();
    expect(states.at(-1)).toBe("paused");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(streams.length).toBe(1);
    live.resume();
    await flush();
    expect(streams.length).toBe(2);
  });
});
