/** Handing files to the reader's browser, to be saved and not to be opened. */
import { toProblem } from "../../api/problem";

export async function save(answer: Response, name: string): Promise<void> {
  if (!answer.ok) throw toProblem(answer.status, await answer.json().catch(() => null), null);
  const address = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
