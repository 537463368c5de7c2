/**
 * Validates parts of an app package against the published schemas, without a network.
 *
 * Reads `{manifest, languages: {file: texts}, bill}` from standard input and writes
 * `{manifest: [], languages: {file: []}, bill: []}` with every error; a part that is not given is
 * not judged.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

globalThis.fetch = () => {
  throw new Error("validation must not need a network");
};

const { AppManifestUtils } = require("@microsoft/app-manifest");
const Ajv = require("ajv").default;
const AjvDraft04 = require("ajv-draft-04").default;
const addFormats = require("ajv-formats").default;

/** The package exports no schema: they lie beside its entry. */
function beside(entry, path) {
  const at = require.resolve(entry);
  const root = at.slice(0, at.indexOf(entry) + entry.length);
  return `${root}/${path}`;
}

async function json(path) {
  return JSON.parse(await readFile(path, "utf8"));
}

function errors(validate, value) {
  return validate(value)
    ? []
    : validate.errors.map((error) => `${error.instancePath} ${error.message}`);
}

async function languages(given) {
  const found = {};
  for (const [file, texts] of Object.entries(given)) {
    const version = /\/teams\/(v[\d.]+)\//.exec(texts.$schema ?? "")?.[1] ?? "none";
    const schema = await json(
      beside(
        "@microsoft/app-manifest",
        `build/json-schemas/teams/${version}/MicrosoftTeams.Localization.schema.json`,
      ),
    );
    // The schema's patterns are not written for Unicode mode.
    const ajv = new AjvDraft04({ allErrors: true, strict: false, unicodeRegExp: false });
    addFormats(ajv);
    found[file] = errors(ajv.compile(schema), texts);
  }
  return found;
}

async function bill(value) {
  const schema = (name) => json(beside("@cyclonedx/cyclonedx-library", `res/schema/${name}.SNAPSHOT.schema.json`));
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats(ajv);
  ajv.addFormat("iri-reference", true);
  ajv.addFormat("idn-email", true);
  ajv.addSchema(await schema("spdx"), "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json");
  ajv.addSchema(await schema("jsf-0.82"), "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json");
  return errors(ajv.compile(await schema(`bom-${value.specVersion}`)), value);
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const given = JSON.parse(Buffer.concat(chunks).toString("utf8"));
const answer = {};
if (given.manifest) answer.manifest = await AppManifestUtils.validateAgainstSchema(given.manifest);
if (given.languages) answer.languages = await languages(given.languages);
if (given.bill) answer.bill = await bill(given.bill);
process.stdout.write(JSON.stringify(answer));
