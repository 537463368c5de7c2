/** Signing in with a browser, in English. */
export const words = {
  title: "Sign in to Switchroom",
  body: "Use the Microsoft account that you use in Teams.",
  button: "Sign in with Microsoft",
  refused: "This sign-in was not accepted. Try again with the account of your organisation.",
  unavailable: "Microsoft's sign-in does not answer just now. Try again in a moment.",
  "not-set-up": "Signing in with a browser is not set up here. Open Switchroom in Microsoft Teams.",
  local: "Go to the local Teams page",
  confirmed: "Done. You can close this window.",
};
