/** What informing people asks of the service. */
import { read, type Api } from "../../api/client";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Own = Schemas["OwnNotice"];
export type Notice = Schemas["Notice"];
export type NoticeText = Schemas["NoticeText"];
export type Notices = Schemas["Notices"];
export type Coverage = Schemas["NoticeCoverage"];
export type Person = Schemas["InformedPerson"];
export type Language = NoticeText["language"];

export function informingCalls({ http }: Api) {
  type Signal = AbortSignal;
  const all = "/api/organizations/notices" as const;
  return {
    own: (signal: Signal) => read(http.GET("/api/notice", { signal })),
    confirm: (body: Schemas["NoticeConfirmation"]) =>
      read(http.POST("/api/notice/confirmation", { body })),
    notices: (signal: Signal) => read(http.GET(all, { signal })),
    publish: (body: Schemas["NewNotice"]) => read(http.POST(all, { body })),
    setTerms: (body: Schemas["NoticeTerms"]) => read(http.PUT(`${all}/terms`, { body })),
    coverage: (signal: Signal) => read(http.GET(`${all}/coverage`, { signal })),
  };
}

export type Calls = ReturnType<typeof informingCalls>;

/** The text for a reader of that locale: in their language, else in the one there is. */
export function textFor(notice: Notice, locale: string): NoticeText | undefined {
  const language = locale.toLowerCase().split("-")[0];
  return notice.texts.find((one) => one.language === language) ?? notice.texts[0];
}

/** What is written for each language that has a title or text; the rest is left out. */
export function written(texts: NoticeText[]): NoticeText[] {
  return texts
    .map(({ language, title, text }) => ({ language, title: title.trim(), text: text.trim() }))
    .filter(({ title, text }) => title || text);
}
