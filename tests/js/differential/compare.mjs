// Loomgate beside graphql-js: node compare.mjs URL
//
// Sends every operation to the server and to the reference. Equal must be: the verdict (refused, or
// executed), `data` to the order of its keys, the paths of the errors, and the introspected schema.
// What may differ stands in expected-differences.json, `{ "<operation>": "<reason>" }`; an entry
// that no longer differs is a fault as well.

import { readFileSync } from 'node:fs';
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema } from 'graphql';
import operations from './operations.mjs';
import { reference, sdl } from './reference.mjs';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/** Asks the server; an answer that is no GraphQL response is a fault of its own. */
async function send(url, { query, variables, operationName, variablesText }) {
  const members = [`"query":${JSON.stringify(query)}`];
  if (variables !== undefined) members.push(`"variables":${variablesText ?? JSON.stringify(variables)}`);
  if (operationName !== undefined) members.push(`"operationName":${JSON.stringify(operationName)}`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: GRAPHQL_RESPONSE },
    body: `{${members}}`,
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  try {
    return { status: response.status, answer: JSON.parse(text) };
  } catch {
    throw new Error(`status ${response.status}, not JSON: ${text.slice(0, 300)}`);
  }
}

/** Whether the operation is a subscription, which HTTP without a stream must refuse. */
function subscribes({ query, operationName }) {
  try {
    return parse(query).definitions.some(({ operation, name }) => operation === 'subscription' && (operationName ?? name?.value) === name?.value);
  } catch {
    return false;
  }
}

const executed = (answer) => answer.data !== undefined;

/** Error paths by the place where they left a null. */
function byNull({ data, errors = [] }) {
  const places = new Map();
  for (const { path } of errors) {
    if (!path) continue;
    let [value, depth] = [data, 0];
    while (value != null && depth < path.length) value = value[path[depth++]];
    const place = JSON.stringify(path.slice(0, depth));
    places.set(place, [...(places.get(place) ?? []), JSON.stringify(path)].sort());
  }
  return places;
}

/**
 * What differs between the error paths. Where several fields below one null fail, the specification
 * leaves open how many of them are reported; one common path is enough there.
 */
function pathDifferences(expected, actual) {
  const [left, right] = [byNull(expected), byNull(actual)];
  const faults = [];
  for (const place of new Set([...left.keys(), ...right.keys()])) {
    const [wanted, got] = [left.get(place) ?? [], right.get(place) ?? []];
    const equal = wanted.join() === got.join();
    const open = wanted.some((path) => path !== place && got.includes(path)) && new Set([...wanted, ...got]).size > 1;
    if (!equal && !open) faults.push(`errors at ${place}: expected ${wanted.join(' ') || 'none'}, got ${got.join(' ') || 'none'}`);
  }
  return faults;
}

function malformedErrors({ errors }) {
  if (errors === undefined) return [];
  if (!Array.isArray(errors) || errors.length === 0) return ['`errors` is no list with errors in it'];
  return errors
    .filter(({ message, locations }) => typeof message !== 'string' || message === '' || !(locations == null || locations.every(({ line, column }) => line > 0 && column > 0)))
    .map((error) => `malformed error: ${JSON.stringify(error)}`);
}

/** Everything that is wrong with one answer; empty when it is right. */
function differences(operation, expected, { status, answer }) {
  const faults = malformedErrors(answer);
  if (subscribes(operation)) {
    return answer.data == null && answer.errors ? faults : [...faults, 'a subscription over plain HTTP was not refused'];
  }
  if (executed(expected) !== executed(answer)) {
    const why = JSON.stringify((expected.errors ?? answer.errors)?.[0]?.message);
    return [...faults, `expected it to be ${executed(expected) ? 'executed' : 'refused'}: ${why}`];
  }
  if (!executed(expected)) {
    if (!answer.errors) faults.push('refused without errors');
    if (status < 400) faults.push(`refused with status ${status}`);
    return faults;
  }
  if (status >= 300) faults.push(`executed with status ${status}`);
  const [wanted, got] = [JSON.stringify(expected.data), JSON.stringify(answer.data)];
  if (wanted !== got) faults.push(`data:\n    expected ${wanted}\n    got      ${got}`);
  faults.push(...pathDifferences(expected, answer));
  if (!expected.errors !== !answer.errors) faults.push(`expected ${expected.errors ? 'errors' : 'no errors'}: ${JSON.stringify(answer.errors ?? expected.errors)}`);
  return faults;
}

/** The schema as a client sees it, printed, beside the SDL that it was made from. */
async function schemaDifferences(url) {
  const query = getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true });
  const { answer } = await send(url, { query });
  if (!answer.data) return [`introspection failed: ${JSON.stringify(answer.errors)}`];
  const wanted = printSchema(lexicographicSortSchema(buildSchema(sdl))).split('\n');
  const got = printSchema(lexicographicSortSchema(buildClientSchema(answer.data))).split('\n');
  const missing = wanted.filter((line) => !got.includes(line)).map((line) => `- ${line}`);
  const extra = got.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`);
  if (wanted.join('\n') === got.join('\n')) return [];
  return [...missing, ...extra, 'the introspected schema is not the SDL'];
}

/** What may differ, with its reason, by operation. */
const listed = () => JSON.parse(readFileSync(new URL('./expected-differences.json', import.meta.url), 'utf8'));

/** Compares everything; the number of faults. */
export async function compare(url, print = console.log, expectedDifferences = listed()) {
  const names = new Set(operations.map(({ name }) => name));
  const twice = operations.map(({ name }) => name).find((name, index, all) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two operations are called ${twice}`);
  const ask = reference();
  let faults = 0;
  const report = (name, found) => {
    const reason = expectedDifferences[name];
    if (found.length === 0 && reason === undefined) return;
    if (found.length > 0 && reason !== undefined) return print(`differs as expected: ${name} (${reason})`);
    faults += 1;
    print(`✗ ${name}\n  ${found.length ? found.join('\n  ') : 'does not differ any more: remove it from expected-differences.json'}`);
  };
  let refused = 0;
  for (const operation of operations) {
    const expected = await ask(operation);
    refused += executed(expected) ? 0 : 1;
    try {
      const found = differences(operation, expected, await send(url, operation));
      report(operation.name, found.length ? [...found, operation.query, JSON.stringify(operation.variables) ?? ''] : found);
    } catch (error) {
      report(operation.name, [`no answer: ${error.message}`, operation.query]);
    }
  }
  report('the introspected schema', await schemaDifferences(url));
  for (const name of Object.keys(expectedDifferences)) {
    if (!names.has(name) && name !== 'the introspected schema') report(name, []);
  }
  print(`${operations.length} operations (${refused} of them refused by graphql-js), ${faults} faults`);
  return faults;
}

if (process.argv[1] === import.meta.filename) {
  process.exit((await compare(process.argv[2])) === 0 ? 0 : 1);
}
