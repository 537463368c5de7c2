/** The words of role management in the reader's language. */
import { useLanguage, wordsOf } from "../../app/messages";
import { words } from "./words.en";

export type { Word } from "./words.en";

/** The hook of this feature's words. */
export const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

export type Say = ReturnType<typeof useWords>;

/** The name of a role: in the reader's language where it is built in, as its makers call it else. */
export function useRoleTitle(): (id: string, title: string) => string {
  const { named } = useLanguage();
  return (id, title) => named(`role.${id}`, title);
}

/** The word of a computed key, or the service's own. */
export function wordOr(say: Say, key: string, otherwise: string): string {
  return key in words ? say(key as keyof typeof words) : otherwise;
}
