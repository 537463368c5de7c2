/** Anmelden mit einem Browser, auf Deutsch. */
import type { words as en } from "./words.en";

export const words: Record<keyof typeof en, string> = {
  title: "Bei Switchroom anmelden",
  body: "Mit dem Microsoft-Konto, das Sie auch in Teams benutzen.",
  button: "Mit Microsoft anmelden",
  refused: "Diese Anmeldung wurde nicht angenommen. Versuchen Sie es mit dem Konto Ihrer Organisation noch einmal.",
  unavailable: "Die Anmeldung von Microsoft antwortet gerade nicht. Versuchen Sie es gleich noch einmal.",
  "not-set-up": "Die Anmeldung mit einem Browser ist hier nicht eingerichtet. Öffnen Sie Switchroom in Microsoft Teams.",
  local: "Zur lokalen Teams-Seite",
  confirmed: "Fertig. Sie können dieses Fenster schließen.",
};
