/** What is said over every page about how the organisation stands, in German. */
import type { Word } from "./words.banner.en";

export const words: Record<Word, string> = {
  restricted:
    "Ihre Organisation ist eingeschränkt: Sie können ansehen, exportieren und in Ordnung bringen, was nicht stimmt, sonst nichts.",
  suspended: "Ihre Organisation ist gesperrt.",
  terminated: "Der Dienst für Ihre Organisation ist beendet.",
  erasing: "Die Daten Ihrer Organisation werden gelöscht.",
  representative:
    "Sie können lesen, warum, Einspruch einlegen, Ihre Daten mitnehmen und Vorfälle melden.",
  others:
    "Ihre bevollmächtigten Kundenvertreter sehen, warum, und können Einspruch einlegen; fragen Sie sie.",
  open: "Lesen, warum",
};
