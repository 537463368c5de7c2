/** The words of informing people in the reader's language. */
import { wordsOf } from "../../app/messages";
import { words } from "./words.en";

export const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));
