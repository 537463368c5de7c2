/** Claiming an organisation, in English. */
export const words = {
  title: "Bring your organisation in",
  who: "You are signed in as {name}. This account belongs to no organisation in Switchroom yet.",
  "who.unnamed": "Your account belongs to no organisation in Switchroom yet.",
  "consent.title": "1. Let Switchroom into your Microsoft tenant",
  "consent.body": "An administrator of your tenant consents once, on Microsoft's page, to sign-in with Switchroom and to reading the groups of whoever signs in. Consent gives nobody any rights in Switchroom. If you are not an administrator, send them the address of the page; if it is done, go on.",
  "consent.link": "Consent on Microsoft's page (opens in a new tab)",
  "code.title": "2. Claim your organisation",
  "code.body": "Who operates Switchroom for you has given you a claim code. It works once. You become the first Authorized Customer Representative, and your Microsoft tenant becomes your organisation's. If your organisation is here already, ask its representative instead.",
  organization: "Organisation",
  "organization.hint": "Its short name in Switchroom, as you were given it",
  code: "Claim code",
  "code.hint": "24 letters and digits in groups of six; not the tenant code",
  claim: "Claim the organisation",
  wrong: "This code does not open an organisation. Check both fields, or ask who gave it to you for a new one.",
  taken: "Your Microsoft tenant has an organisation already. Ask its representative to let you in.",
  other: "Sign in with another account",
};
