/** Server-sent events out of a `fetch` body (EventSource cannot send a bearer token). */

export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * An incremental parser of `text/event-stream` (WHATWG HTML, section 9.2.6). Feed it text as it
 * arrives; it answers the events completed so far. Comments (heartbeats) complete nothing.
 */
export function eventParser(): (text: string) => ServerEvent[] {
  let rest = "";
  let event = "";
  let data: string[] = [];
  const line = (text: string): ServerEvent | null => {
    if (text === "") {
      const complete = data.length > 0 ? { event: event || "message", data: data.join("\n") } : null;
      event = "";
      data = [];
      return complete;
    }
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
    return null;
  };
  return (text) => {
    rest += text;
    // A trailing CR may be half of a CRLF: leave it for the next piece.
    const held = rest.endsWith("\r") ? "\r" : "";
    const lines = rest.slice(0, rest.length - held.length).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + held;
    return lines.map(line).filter((found) => found !== null);
  };
}
