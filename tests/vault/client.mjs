// The official client of another language, made and released apart from the one of the product,
// against a vault on this machine. Names are resolved here instead of by DNS; the checks of the
// challenge and of the certificate are the client's own and stay on.
//
//   node client.mjs < {"url", "port", "authority", "token", "steps": [[operation, ...arguments]]}
//
// prints {"answers": [...], "scopes": [...]}: for each step what it gave or how it was refused, and
// what tokens were asked for. Bytes are base64.
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { connect } from "node:tls";
import { text } from "node:stream/consumers";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { SecretClient } from "@azure/keyvault-secrets";

const asked = JSON.parse(await text(process.stdin));
const ca = readFileSync(asked.authority);
const agent = new Agent();
agent.createConnection = ({ servername, host }) =>
  connect({ host: "127.0.0.1", port: asked.port, servername: servername ?? host, ca });

const here = {
  name: "here",
  sendRequest(request, next) {
    request.agent = agent;
    return next(request);
  },
};
const options = {
  additionalPolicies: [{ policy: here, position: "perRetry" }],
  retryOptions: { maxRetries: 0 },
};
const scopes = [];
const credential = {
  async getToken(scope) {
    scopes.push(scope);
    return { token: asked.token, expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};
const keys = new KeyClient(asked.url, credential, options);
const secrets = new SecretClient(asked.url, credential, options);

const bytes = (value) => Buffer.from(value, "base64");
const told = (value) => Buffer.from(value).toString("base64");
const seconds = (instant) => (instant ? instant.getTime() / 1000 : null);
const cryptography = async (name, version) =>
  new CryptographyClient(await keys.getKey(name, version ? { version } : {}), credential, options);

function secret({ value, name, properties }) {
  const { version, enabled, createdOn, expiresOn } = properties;
  return { value, name, version, enabled, created: seconds(createdOn), expires: seconds(expiresOn) };
}

function key({ id, name, keyType, keyOperations, key: jwk, properties }) {
  const { version, enabled, createdOn } = properties;
  const bits = jwk.n.length * 8;
  return { id, name, keyType, keyOperations, version, enabled, created: seconds(createdOn), bits };
}

const operations = {
  createKey: async (name, keySize) =>
    key(await keys.createRsaKey(name, { keySize, keyOps: ["wrapKey", "unwrapKey"] })),
  getKey: async (name) => key(await keys.getKey(name)),
  wrap: async (name, plain) => {
    const { result, keyID } = await (await cryptography(name)).wrapKey("RSA-OAEP-256", bytes(plain));
    return { wrapped: told(result), kid: keyID };
  },
  unwrap: async (name, version, wrapped) => {
    const client = await cryptography(name, version);
    return told((await client.unwrapKey("RSA-OAEP-256", bytes(wrapped))).result);
  },
  dropKey: async (name) => {
    const poller = await keys.beginDeleteKey(name, { intervalInMs: 1 });
    const dropped = await poller.pollUntilDone();
    const { recoveryId, deletedOn, scheduledPurgeDate } = dropped.properties;
    return { recoveryId, days: Math.round((scheduledPurgeDate - deletedOn) / 86_400_000) };
  },
  getSecret: async (name, version) => secret(await secrets.getSecret(name, { version })),
  versions: async (name) => {
    const found = [];
    for await (const properties of secrets.listPropertiesOfSecretVersions(name)) {
      found.push(secret({ name: properties.name, properties }));
    }
    return found;
  },
};

const answers = [];
for (const [operation, ...given] of asked.steps) {
  try {
    answers.push({ gave: await operations[operation](...given) });
  } catch (error) {
    const { code = null, statusCode: status = null, message } = error;
    answers.push({ refused: { code, status, message } });
  }
}
console.log(JSON.stringify({ answers, scopes }));
agent.destroy();
