/** The development endpoints the local page needs; they exist in development only. */
import type { Person } from "./state";

async function json<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return (await answer.json()) as T;
}

export async function people(): Promise<Person[]> {
  return json(await fetch("/dev/people"));
}

/** Mail and SMS that development shows instead of sending. */
export interface Message {
  way: string;
  to: string;
  subject: string;
  text: string;
  link: string | null;
}

export async function messages(): Promise<Message[]> {
  return (await json<{ messages: Message[] }>(await fetch("/dev/messages"))).messages;
}

/** A token for a local person in one of their organisations. */
export async function signIn(person: string, organization: string): Promise<string> {
  const answer = await fetch("/dev/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ person, organization }),
  });
  return (await json<{ token: string }>(answer)).token;
}
