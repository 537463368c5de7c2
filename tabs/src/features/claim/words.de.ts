/** Eine Organisation übernehmen, auf Deutsch. */
import type { words as en } from "./words.en";

export const words: Record<keyof typeof en, string> = {
  title: "Ihre Organisation hereinbringen",
  who: "Sie sind angemeldet als {name}. Dieses Konto gehört in Switchroom noch zu keiner Organisation.",
  "who.unnamed": "Ihr Konto gehört in Switchroom noch zu keiner Organisation.",
  "consent.title": "1. Switchroom in Ihrem Microsoft-Mandanten zulassen",
  "consent.body": "Eine Administratorin oder ein Administrator Ihres Mandanten stimmt einmal auf der Seite von Microsoft zu: der Anmeldung bei Switchroom und dem Lesen der Gruppen derer, die sich anmelden. Die Zustimmung gibt niemandem Rechte in Switchroom. Wenn Sie das nicht selbst dürfen, geben Sie die Adresse der Seite weiter; ist es schon geschehen, fahren Sie fort.",
  "consent.link": "Auf der Seite von Microsoft zustimmen (öffnet einen neuen Tab)",
  "code.title": "2. Ihre Organisation übernehmen",
  "code.body": "Wer Switchroom für Sie betreibt, hat Ihnen einen Übernahmecode gegeben. Er gilt einmal. Sie werden damit die erste autorisierte Vertretung des Kunden, und Ihr Microsoft-Mandant wird der Ihrer Organisation. Ist Ihre Organisation schon hier, wenden Sie sich an deren Vertretung.",
  organization: "Organisation",
  "organization.hint": "Ihr Kurzname in Switchroom, wie er Ihnen genannt wurde",
  code: "Übernahmecode",
  "code.hint": "24 Buchstaben und Ziffern in Sechsergruppen; nicht der Mandantencode",
  claim: "Organisation übernehmen",
  wrong: "Dieser Code öffnet keine Organisation. Prüfen Sie beide Felder, oder bitten Sie um einen neuen, wo Sie ihn bekommen haben.",
  taken: "Ihr Microsoft-Mandant hat schon eine Organisation. Bitten Sie deren Vertretung, Sie hereinzulassen.",
  other: "Mit einem anderen Konto anmelden",
};
