// The Cosmos DB stand-in, made strict. Stock @vercel/cosmosdb-server answers queries across
// partitions, 500 for what is missing, and applies half of a batch that fails; a store that leaned
// on any of that would pass here and lose or leak data in Azure. The wrapped functions are looked
// up by its routes when those load, so they are replaced first.
//
//   node server.cjs CERTIFICATE KEY [PORT]     prints its port when it listens
"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const { readFileSync } = require("node:fs");

const LIB = "@vercel/cosmosdb-server/lib/";
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_OPERATIONS = 100;
const PARTITION = "x-ms-documentdb-partitionkey";
const partition = new AsyncLocalStorage();

const json = require(LIB + "json");
const operations = require(LIB + "handler/_document-operations");
const Documents = require(LIB + "account/documents").default;

class Refused extends Error {
  constructor(status, code, message, substatus = 0) {
    super(message);
    Object.assign(this, { status, code, substatus });
  }
}
const refuse = (...reason) => { throw new Refused(...reason); };

const parsed = json.default;
json.default = async (request) => {
  const body = await parsed(request);
  const { length } = JSON.stringify(body);
  if (length > MOST_BYTES) refuse(413, "RequestEntityTooLarge", "Request size is too large");
  return body;
};

// The one partition of a request; undefined for a query over all of them.
function wanted(headers) {
  const keys = headers[PARTITION] ? JSON.parse(headers[PARTITION]) : [];
  return typeof keys[0] === "string" ? keys[0] : undefined;
}

// What is in each partition, so that a query does not walk through all of them.
const shelves = new WeakMap();

function shelf(documents, key) {
  if (!shelves.has(documents)) shelves.set(documents, new Map());
  const all = shelves.get(documents);
  if (!all.has(key)) all.set(key, new Map());
  return all.get(key);
}

const { _set: keep, delete: drop } = Documents.prototype;
Documents.prototype._set = function (data) {
  const kept = keep.call(this, data);
  shelf(this, this._getPartition(data)).set(data._rid, this._data.get(data._rid));
  return kept;
};
Documents.prototype.delete = function (id, key) {
  const data = this._item("/id", id, key).read();
  drop.call(this, id, key);
  shelf(this, this._getPartition(data)).delete(data._rid);
};

// Whether an item may be an answer. Of a query whose conditions all have to hold, one that asks for
// one of some values is looked at first, by a set: the query itself compares every item with every
// value, which takes minutes for batches on a store of some size.
const ONE_OF = /\bc\.(\w+) IN \((@\w+(?:, @\w+)*)\)/;

function narrowing({ query, parameters = [] }) {
  const [, field, names] = ONE_OF.exec(query) ?? [];
  if (!field || /\b(?:OR|NOT)\b|\?/.test(query)) return () => true;
  const given = new Map(parameters.map(({ name, value }) => [name, value]));
  const values = new Set(names.split(", ").map((name) => given.get(name)));
  return (item) => values.has(item[field]);
}

// Queries see the partition of the request alone, in the order of their addresses.
for (const name of ["query", "read"]) {
  const stock = Documents.prototype[name];
  Documents.prototype[name] = function (...given) {
    const key = partition.getStore();
    const fits = name === "query" ? narrowing(given[0]) : () => true;
    const seen = [...(key === undefined ? this._data : shelf(this, key))]
      .filter(([, item]) => fits(item.read()))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return stock.apply(Object.create(this, { _data: { value: new Map(seen) } }), given);
  };
}

// A write belongs to the partition of its header, and lives for whole seconds of 31 bits.
for (const name of ["create", "replace", "upsert"]) {
  const stock = Documents.prototype[name];
  Documents.prototype[name] = function (item, ...rest) {
    const key = partition.getStore();
    if (key === undefined || this._getPartition(item) !== key) {
      refuse(400, "BadRequest", "PartitionKey extracted from document doesn't match", 1001);
    }
    const { ttl = -1 } = item;
    if (!Number.isInteger(ttl) || ttl < -1 || ttl === 0 || ttl > 2147483647) {
      refuse(400, "BadRequest", "The ttl is none");
    }
    return stock.call(this, item, ...rest);
  };
}

function strict(stock) {
  return async (account, request, response, parameters) => {
    try {
      const collection = account.database(parameters.dbId).collection(parameters.collId);
      if (!collection.read()) refuse(404, "NotFound", "Owner resource does not exist", 1003);
      const key = wanted(request.headers);
      const run = () => stock(account, request, response, parameters, collection, key);
      return await partition.run(key, run);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      response.statusCode = error.status;
      if (error.substatus) response.setHeader("x-ms-substatus", String(error.substatus));
      return { code: error.code, message: error.message };
    }
  };
}

function wrap(name, around) {
  const module_ = require(`${LIB}handler/${name}`);
  module_.default = strict(around(module_.default));
}

for (const name of ["create", "upsert"]) wrap(`${name}-document`, (stock) => stock);

for (const name of ["read", "replace", "delete", "patch"]) {
  wrap(`${name}-document`, (stock) => (account, request, response, parameters, collection, key) => {
    if (key === undefined) refuse(400, "BadRequest", "The partition key is missing", 1001);
    if (!collection.document(parameters.docId, key).read()) {
      refuse(404, "NotFound", "Entity with the specified id does not exist in the system.");
    }
    return stock(account, request, response, parameters);
  });
}

for (const name of ["read-documents", "query-documents"]) {
  wrap(name, (stock) => (account, request, response, parameters, collection, key) => {
    // The partition is enforced above: a predicate on it in the text is not asked for again.
    if (key !== undefined) request.headers["x-ms-documentdb-query-enablecrosspartition"] = "true";
    return stock(account, request, response, parameters);
  });
}

// All of a batch or nothing. It runs without a pause, so nobody sees half of it.
wrap("batch-documents", () => async (account, request, response, parameters, collection, key) => {
  const batch = await json.default(request);
  if (key === undefined) refuse(400, "BadRequest", "The partition key is missing", 1001);
  if (batch.length > MOST_OPERATIONS) refuse(400, "BadRequest", "Too many operations in a batch");
  const ids = new Set(batch.map((one) => one.id ?? one.resourceBody.id));
  const before = [...ids].map((id) => [id, collection.document(id, key).read()]);
  const answers = [];
  for (const one of batch) {
    const run = operations[`${one.operationType.toLowerCase()}Operation`];
    const given = { ...one, id: one.id ?? one.resourceBody.id, partitionKey: request.headers[PARTITION] };
    const { statusCode, body } = run(collection, given);
    answers.push({ statusCode, requestCharge: 1, eTag: body?._etag, resourceBody: body });
    if (statusCode >= 400) break;
  }
  const failed = answers.at(-1);
  if (answers.length === 0 || failed.statusCode < 400) return answers;
  for (const [id, item] of before) {
    if (collection.document(id, key).read()) collection.documents.delete(id, key);
    if (item) collection.documents._set(item);
  }
  response.statusCode = 207;
  return batch.map((_, at) => ({
    statusCode: at === answers.length - 1 ? failed.statusCode : 424,
    requestCharge: 0,
  }));
});

// An account of one region whose reads see every write that was acknowledged.
const meta = require(LIB + "handler/read-meta");
const { default: described } = meta;
meta.default = (account) => ({
  ...described(account),
  userConsistencyPolicy: { defaultConsistencyLevel: "Strong" },
});

const { createHttpsServer } = require("@vercel/cosmosdb-server");
const [certificate, key, port = "0"] = process.argv.slice(2);
const server = createHttpsServer({
  cert: readFileSync(certificate),
  key: readFileSync(key),
  minVersion: "TLSv1.2",
  keepAlive: true,
});
server.listen(Number(port), "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
