/** The words of systems that hear of incidents in the reader's language. */
import { wordsOf } from "../../app/messages";
import { words, type Word } from "./words.en";

export const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

/** The key when there is a word for it. */
export function known(key: string): Word | null {
  return key in words ? (key as Word) : null;
}
