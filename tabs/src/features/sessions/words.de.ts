/** German words of where one is signed in. */
import type { Word } from "./words.en";

export const words: Record<Word, string> = {
  title: "Sie",
  roles: "Was Sie hier sind",
  notice: "Wie Ihre Organisation mit Ihren Daten und Anrufen umgeht",
  blind: "Sie sehen Kennzahlen ohne Identitäten; kleine Zahlen fehlen.",
  sessions: "Browser, in denen Sie angemeldet sind",
  about:
    "In Teams sind Sie von selbst angemeldet, das steht hier nicht. Ein Browser wird nach 30 Minuten ohne Nutzung abgemeldet, spätestens nach 12 Stunden.",
  none: "Kein Browser ist für Sie angemeldet.",
  current: "Dieser Browser",
  opened: "Angemeldet {at}",
  seen: "zuletzt benutzt {at}",
  ends: "endet spätestens {at}",
  sign_out: "Abmelden",
  everywhere: "Überall abmelden",
  everywhere_sure: "Wirklich überall abmelden",
};
