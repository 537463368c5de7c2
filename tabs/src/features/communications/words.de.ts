/** Deutsche Wörter dafür, was Leserinnen und Leser geschrieben bekommen. */
import type { Word } from "./words.en";

export const words: Record<Word, string> = {
  title: "Nachrichten an Sie",
  about:
    "Auf welchen Wegen Ihnen geschrieben wird. Ihre Wahl gilt im Augenblick des Sendens. Keine Nachricht fragt nach einem Code; geben Sie Codes niemandem weiter.",
  essential: "Notwendig",
  "essential.about":
    "Codes und Links, die Sie verlangt haben, Sicherheitshinweise, geänderte Richtlinien. Sie kommen immer.",
  optional: "Freiwillig",
  "optional.about": "Erinnerungen, etwa an die jährliche Durchsicht der Angaben zur Organisation.",
  "way.teams": "Teams",
  "way.mail": "Mail",
  "way.sms": "SMS",
  saved: "Gespeichert.",
  conflict: "Sie haben das inzwischen anderswo geändert. Sie sehen es, wie es jetzt ist.",
};
