/** Deutsche Wörter für Kontaktdaten und ihre Zwecke. */
import type { Word } from "./words.en";

export const words: Record<Word, string> = {
  title: "Kontaktdaten und wozu sie da sind",
  about:
    "Alles wird nur für die hier genannten Zwecke gelesen. Lesen für anderes wird abgewiesen und steht im Prüfprotokoll.",
  "whose.organization": "Von Ihrer Organisation",
  "whose.you": "Von Ihnen",
  "data.mail": "E-Mail-Adresse",
  "data.phone": "Telefon",
  "data.name": "Name",
  "data.own_mail": "Ihre E-Mail-Adresse",
  "data.conversation": "Ihr Chat mit dem Bot",
  "data.message_address": "Adresse einer Nachricht, die auf das Senden wartet",
  held: "gespeichert",
  none: "keine Angabe",
  for: "Für: {purposes}",
  "purpose.verification": "Bestätigung",
  "purpose.security": "Sicherheitshinweise",
  "purpose.service": "Nachrichten zum Dienst",
  "purpose.access": "Anmelden und nennen, wer was tat",
  "purpose.news": "Neuigkeiten und Werbung",
  "purpose.billing": "Rechnungen",
  never: "Nie verwendet für: {purposes}.",
};
