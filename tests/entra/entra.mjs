/**
 * Stands in for Microsoft Entra ID and the part of Microsoft Graph that signing in needs, on this
 * machine alone: an OpenID provider for each tenant behind Entra's paths, with Entra's claims.
 *
 * Reads one JSON object from standard input (see entra.py), writes its port as one line, and ends
 * when standard input does. Accounts sign in with a password; a second step is asked for when the
 * request demands the authentication context "c1", as Conditional Access would.
 */
import https from "node:https";
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from "jose";
import { errors, interactionPolicy, Provider } from "oidc-provider";

const GRAPH = "00000003-0000-0000-c000-000000000000";
const ON_BEHALF = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const STRONG = "c1";
const HOUR = 3600;

const text = await new Promise((resolve) => {
  let read = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk) => {
    read += chunk;
    if (read.endsWith("\n")) resolve(read);
  });
  process.stdin.on("end", () => process.exit(0));
});
const given = JSON.parse(text);
const publicKeys = { keys: given.jwks.keys.map(({ kty, n, e, kid, alg, use }) => ({ kty, n, e, kid, alg, use })) };
const known = createLocalJWKSet(publicKeys);
const signing = await importJWK(given.jwks.keys[0], "RS256");
let origin = "";

class OAuthRefusal extends errors.CustomOIDCProviderError {
  constructor(error, description, more) {
    super(error, description);
    this.more = more;
  }
}

/** Whether the request asks for the strong context and the session did not have a second step. */
function needsSecondStep(ctx) {
  const asked = ctx.oidc.claims?.id_token?.acrs;
  return asked?.essential === true && asked.value === STRONG && !ctx.oidc.session.amr?.includes("mfa");
}

function policy() {
  const { base, Check, Prompt } = interactionPolicy;
  const prompts = base();
  prompts.add(new Prompt({ name: "select_account", requestable: true }), 0);
  prompts.get("login").checks.add(
    new Check("second_step", "A second step is required", "interaction_required", needsSecondStep),
  );
  return prompts;
}

function claimsOf(tenant, account, amr) {
  return {
    sub: `sub-${account.oid}`,
    oid: account.oid,
    tid: account.tenant ?? tenant.id,
    ver: "2.0",
    name: account.name,
    preferred_username: account.username,
    amr,
    ...(amr?.includes("mfa") ? { acrs: [STRONG] } : {}),
    ...(account.overage
      ? { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "" } } }
      : { groups: account.groups }),
  };
}

function graphToken(tid, oid, scp) {
  return new SignJWT({ oid, tid, scp, appid: given.app.id })
    .setProtectedHeader({ alg: "RS256", kid: given.jwks.keys[0].kid })
    .setIssuer(`${origin}/${tid}/v2.0`)
    .setAudience(GRAPH)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(signing);
}

async function onBehalfOf(ctx, tenant) {
  const { assertion, scope, requested_token_use: use } = ctx.oidc.params;
  if (use !== "on_behalf_of") throw new errors.InvalidRequest("requested_token_use");
  const verified = await jwtVerify(assertion, known, {
    audience: given.app.id,
    issuer: `${origin}/${tenant.id}/v2.0`,
  }).catch(() => {
    throw new errors.InvalidGrant("AADSTS50013: assertion failed signature validation");
  });
  const account = tenant.accounts.find(({ oid }) => oid === verified.payload.oid);
  if (!account) throw new errors.InvalidGrant("AADSTS50020");
  if (account.noConsent) {
    throw new OAuthRefusal("invalid_grant", "AADSTS65001: consent required", { suberror: "consent_required" });
  }
  if (account.conditional && !verified.payload.acrs?.includes(STRONG)) {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: STRONG } } });
    throw new OAuthRefusal("interaction_required", "AADSTS50076", { suberror: "basic_action", claims });
  }
  const token = await graphToken(tenant.id, account.oid, scope);
  counted.onBehalf += 1;
  ctx.body = { token_type: "Bearer", scope, expires_in: HOUR, access_token: token };
}

const counted = { onBehalf: 0, graph: 0, keys: 0 };

function providerOf(tenant) {
  const base = `/${tenant.id}`;
  const provider = new Provider(`${origin}${base}/v2.0`, {
    clients: [
      {
        client_id: given.app.id,
        client_secret: given.app.secret,
        redirect_uris: ["http://localhost:3978/sign-in/callback"],
        grant_types: ["authorization_code", ON_BEHALF],
        token_endpoint_auth_method: "client_secret_post",
        require_auth_time: true,
      },
    ],
    jwks: given.jwks,
    cookies: {
      keys: ["stand-in"],
      names: { session: `s-${tenant.id}`, interaction: `i-${tenant.id}`, resume: `r-${tenant.id}` },
    },
    routes: {
      authorization: `${base}/oauth2/v2.0/authorize`,
      token: `${base}/oauth2/v2.0/token`,
      jwks: `${base}/discovery/v2.0/keys`,
      end_session: `${base}/oauth2/v2.0/logout`,
      userinfo: `${base}/oidc/userinfo`,
    },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = `<!doctype html>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`;
        },
      },
    },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: {
      openid: ["sub", "oid", "tid", "ver", "amr", "acrs", "groups", "_claim_names", "_claim_sources"],
      profile: ["name", "preferred_username"],
      auth_time: null,
    },
    interactions: { policy: policy(), url: (_, interaction) => `${base}/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => {
      const account = tenant.accounts.find(({ oid }) => oid === id);
      if (!account) return undefined;
      const amr = ctx.oidc.entities.AuthorizationCode?.amr ?? ctx.oidc.session?.amr;
      return { accountId: id, claims: () => claimsOf(tenant, account, amr) };
    },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope("openid profile offline_access");
      grant.addOIDCClaims(["acrs", "auth_time"]);
      await grant.save();
      return grant;
    },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = `<!doctype html><title>Refused</title><p id="refused">${out.error}</p>`;
    },
  });
  // The product under test listens on a port of its own each time.
  provider.Client.prototype.redirectUriAllowed = (uri) => /^https?:\/\/localhost:\d+\/sign-in\/callback$/.test(uri);
  provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => /^http:\/\/localhost:\d+\/tab\/$/.test(uri);
  provider.registerGrantType(ON_BEHALF, (ctx) => onBehalfOf(ctx, tenant), [
    "assertion", "scope", "requested_token_use", "claims",
  ]);
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.body?.grant_type === ON_BEHALF && ctx.status >= 400) {
      const refused = refusals.get(ctx.oidc);
      if (refused) ctx.body = { ...ctx.body, ...refused.more };
    }
  });
  provider.use(issueByTenant);
  provider.on("grant.error", (ctx, error) => {
    if (error instanceof OAuthRefusal) refusals.set(ctx.oidc, error);
  });
  return provider;
}

const refusals = new WeakMap();

const CONSENT = `<h1>Permissions requested</h1><button type="submit">Accept</button>`;

function consentPage(action) {
  return `<!doctype html><html lang="en"><title>Consent</title>
<form method="post" action="${action}">${CONSENT}</form></html>`;
}

function page(action, secondStep) {
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in to your account</h1>
<form method="post" action="${action}">
<label>User name <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
${secondStep ? '<label>Code <input name="code" inputmode="numeric"></label>' : ""}
<button type="submit">Sign in</button></form></html>`;
}

async function bodyOf(request) {
  let read = "";
  for await (const chunk of request) read += chunk;
  return read;
}

async function interact(tenant, provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === "consent") {
    if (request.method === "POST") {
      const accepted = { consent: {} };
      const by = given.tenants.flatMap(({ accounts }) => accounts);
      const who = by.find(({ oid }) => oid === details.session?.accountId);
      if (who) who.noConsent = false;
      await provider.interactionFinished(request, response, accepted, { mergeWithLastSubmission: true });
      return;
    }
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(consentPage(request.url));
    return;
  }
  const asked = details.params.claims ? JSON.parse(details.params.claims) : {};
  const secondStep = asked.id_token?.acrs?.value === STRONG;
  if (request.method === "POST") {
    const form = new URLSearchParams(await bodyOf(request));
    const account = tenant.accounts.find(({ username }) => username === form.get("username"));
    const right = account && form.get("password") === account.password;
    if (right && (!secondStep || form.get("code") === account.code)) {
      const amr = secondStep ? ["pwd", "mfa"] : ["pwd"];
      const login = { accountId: account.oid, amr, remember: true };
      const done = { login, select_account: {} };
      await provider.interactionFinished(request, response, done, { mergeWithLastSubmission: false });
      return;
    }
  }
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
  response.end(page(request.url, secondStep));
}

/** What Graph answers about the caller's groups. */
async function graph(url, request, response) {
  counted.graph += 1;
  const answer = (status, body) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  const verified = await jwtVerify(token, known, { audience: GRAPH }).catch(() => null);
  const tenant = given.tenants.find(({ id }) => id === verified?.payload.tid);
  const account = tenant?.accounts.find(({ oid }) => oid === verified.payload.oid);
  if (!account) return answer(401, { error: { code: "InvalidAuthenticationToken" } });
  if (url.pathname === "/v1.0/me/getMemberGroups") return answer(200, { value: account.groups });
  return answer(404, { error: { code: "Request_ResourceNotFound" } });
}

/** Entra's multi-tenant issuer names the tenant of whoever signed in; the provider's is fixed. */
async function issueByTenant(ctx, next) {
  await next();
  if (!ctx.path.endsWith("/oauth2/v2.0/token") || !ctx.body?.id_token) return;
  const { payload } = await jwtVerify(ctx.body.id_token, known);
  const id_token = await new SignJWT({ ...payload, nbf: payload.iat, iss: `${origin}/${payload.tid}/v2.0` })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: given.jwks.keys[0].kid })
    .sign(signing);
  ctx.body = { ...ctx.body, id_token, access_token: await graphToken(payload.tid, payload.oid, "User.Read") };
}

const providers = new Map();

async function answer(request, response) {
  const url = new URL(request.url, origin);
  if (url.pathname.startsWith("/v1.0/")) return graph(url, request, response);
  if (url.pathname === "/counted") return response.end(JSON.stringify(counted));
  const [, tid, ...rest] = url.pathname.split("/");
  if (`${tid}/${rest.join("/")}` === "common/discovery/v2.0/keys") {
    counted.keys += 1;
    response.setHeader("Content-Type", "application/json");
    const issuer = `${origin}/{tenantid}/v2.0`;
    return response.end(JSON.stringify({ keys: publicKeys.keys.map((key) => ({ ...key, issuer })) }));
  }
  const found = providers.get(tid);
  if (!found) return response.writeHead(404).end();
  const { tenant, provider } = found;
  if (rest[0] === "interaction") return interact(tenant, provider, request, response);
  if (rest.join("/") === "v2.0/.well-known/openid-configuration") {
    request.url = "/.well-known/openid-configuration";
  }
  return provider.callback()(request, response);
}

const server = https.createServer({ key: given.tls.key, cert: given.tls.certificate }, (request, response) => {
  answer(request, response).catch((error) => {
    process.stderr.write(`${error?.stack}\n`);
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
});
server.listen(given.port ?? 0, "127.0.0.1", () => {
  const { port } = server.address();
  origin = `https://localhost:${port}`;
  const everybody = given.tenants.flatMap(({ id, accounts }) => accounts.map((one) => ({ ...one, tenant: id })));
  const organizations = { id: "organizations", accounts: everybody };
  for (const tenant of [...given.tenants, organizations]) providers.set(tenant.id, { tenant, provider: providerOf(tenant) });
  process.stdout.write(`${port}\n`);
});
