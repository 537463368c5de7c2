/** What setting up asks of the service. */
import { read, type Api } from "../../api/client";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Status = Schemas["SetupStatus"];
export type Step = Schemas["StepState"];
export type StepName = Step["step"];
export type Verification = Schemas["Verification"];
export type Secret = Schemas["AuthenticatorSecret"];
export type Code = Schemas["TenantCode"];
export type Calling = Schemas["CallHandlingView"];
export type Decision = Schemas["CallHandling"];
export type Acknowledgement = Schemas["Acknowledgement"];

export function setupCalls({ http }: Api) {
  type Signal = AbortSignal;
  const mail = "/api/organizations/verification/mail" as const;
  const phone = "/api/organizations/verification/phone" as const;
  const app = "/api/organizations/verification/authenticator" as const;
  const calls = "/api/organizations/call-handling" as const;
  return {
    status: (signal: Signal) => read(http.GET("/api/organizations/setup", { signal })),
    /** Keeps what is given; the rest stays as it is. */
    save: (change: { name?: string; time_zone?: string }, version: number) => {
      // The generated type wants every field that has a default; what is left out stays as it is.
      const body = { ...change, version } as Schemas["SetupChange"];
      return read(http.PUT("/api/organizations/setup", { body }));
    },
    sendLink: (address: string) => read(http.POST(mail, { body: { mail: address } })),
    confirmMail: (token: string) => read(http.POST(`${mail}/confirm`, { body: { token } })),
    sendCode: (number: string, way: Schemas["PhoneCode"]["way"]) =>
      read(http.POST(phone, { body: { phone: number, way } })),
    enrolApp: () => read(http.POST(app)),
    proveApp: (code: string) => read(http.POST(`${app}/confirm`, { body: { code } })),
    removeApp: () => read(http.DELETE(app)),
    confirmPhone: (body: Schemas["TypedCode"]) => read(http.POST(`${phone}/confirm`, { body })),
    attest: () => read(http.POST("/api/organizations/verification/attestation")),
    code: (signal: Signal) => read(http.GET("/api/organizations/tenant-code", { signal })),
    reveal: () => read(http.POST("/api/organizations/tenant-code/reveal")),
    rotate: () => read(http.POST("/api/organizations/tenant-code/rotate")),
    handling: (at: string | null, signal: Signal) =>
      read(http.GET(calls, { params: { query: at ? { at } : {} }, signal })),
    decide: (body: Schemas["CallHandlingChange"]) => read(http.PUT(calls, { body })),
    acknowledge: (body: Schemas["GiveAcknowledgement"]) =>
      read(http.POST(`${calls}/acknowledgement`, { body })),
    retract: (why: string) =>
      read(http.POST(`${calls}/acknowledgement/retract`, { body: { why } })),
  };
}

export type Calls = ReturnType<typeof setupCalls>;
