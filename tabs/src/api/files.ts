/** Files that the service hands out. */
import { toProblem } from "./problem";

/** Hands an answer to the reader's browser as a file. */
export async function save(answer: Response, name: string): Promise<void> {
  if (!answer.ok) throw toProblem(answer.status, await answer.json().catch(() => null), null);
  const address = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
