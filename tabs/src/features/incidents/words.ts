/** The words of incidents in the reader's language. */
import { wordsOf } from "../../app/messages";
import { words } from "./words.en";

/** The hook of this feature's words. */
export const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

export type Say = ReturnType<typeof useWords>;

/** The word of a computed key, or the code itself. */
export function wordOr(say: Say, key: string, otherwise: string): string {
  return key in words ? say(key as keyof typeof words) : otherwise;
}
