/** English words of contact data and its purposes. */
export const words = {
  title: "Contact data and what it is for",
  about:
    "Each is read for the purposes named here alone. A read for anything else is refused and stands in the audit trail.",
  "whose.organization": "Of your organisation",
  "whose.you": "Of you",
  "data.mail": "Mail address",
  "data.phone": "Phone",
  "data.name": "Name",
  "data.own_mail": "Your mail address",
  "data.conversation": "Your chat with the bot",
  "data.message_address": "Address of a message that waits to be sent",
  held: "held",
  none: "none",
  for: "For: {purposes}",
  "purpose.verification": "verification",
  "purpose.security": "security notices",
  "purpose.service": "messages about the service",
  "purpose.access": "signing in and naming who did what",
  "purpose.news": "news and advertising",
  "purpose.billing": "bills",
  never: "Never used for: {purposes}.",
} as const;

export type Word = keyof typeof words;
