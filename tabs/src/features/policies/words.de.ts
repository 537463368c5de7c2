/** Deutsche Wörter der Richtlinien. `{name}` steht für einen Wert. */
import type { Word } from "./words.en";

export const words: Record<Word, string> = {
  title: "Richtlinien",
  about:
    "Die Bedingungen des Dienstes, Fassung für Fassung. Bevor eine Fassung wirkt, erfahren Sie es und können sie annehmen; danach kann, wer nicht angenommen hat, ansehen und exportieren.",
  "banner.read_only":
    "Eine Richtlinie wartet auf Sie. Bis Sie sie annehmen, können Sie ansehen und exportieren, aber nichts ändern.",
  "banner.coming":
    "Eine Richtlinie ändert sich am {at}. Lesen und nehmen Sie sie bis dahin an, damit Sie weiter ändern können.",
  "banner.read": "Lesen",
  accepted: "Angenommen",
  accept_by: "Anzunehmen bis {at}",
  read_only: "Anzunehmen: Sie können nur ansehen und exportieren",
  in_force: "Fassung {number}, in Kraft seit {at}",
  coming: "Fassung {number} gilt ab {at}",
  changes: "Was sich ändert: {summary}",
  binding: "Verbindlich ist der englische Text; die Zusammenfassung auf Deutsch soll nur helfen.",
  "own.accepted": "Fassung {number} haben Sie am {at} angenommen.",
  "own.declined": "Fassung {number} haben Sie am {at} abgelehnt. Der Support weiß davon: {request}.",
  review: "Wird bis {at} wieder durchgesehen.",
  overdue: "Die jährliche Durchsicht ist seit {at} überfällig.",
  read: "Lesen",
  version: "Fassung",
  version_at: "{number}, ab {at}",
  compare: "Vergleichen mit",
  compare_none: "nichts",
  added: "Neu: ",
  removed: "Entfallen: ",
  hash: "SHA-256 {hash}",
  accept: "Ich nehme Fassung {number} an",
  decline: "Ablehnen",
  "decline.why": "Warum Sie ablehnen",
  "decline.about":
    "Sie können weiter ansehen und exportieren, nichts ändern, und der Support bekommt Ihren Grund und findet einen Weg mit Ihnen.",
  "decline.missing": "Sagen Sie warum, in mindestens 3 Zeichen.",
  support: "Fragen: {support}",
  "refused.conflict": "Inzwischen gibt es eine neuere Fassung. Lesen Sie sie, dann entscheiden Sie.",
};
