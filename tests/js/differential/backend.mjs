// The service behind both executors: Loomgate reaches it over HTTP (upstream.mjs), graphql-js
// calls it in process (reference.mjs). One copy of the data, one copy of the behaviour.

import { readFileSync } from 'node:fs';
import * as answers from './answers.mjs';

const data = JSON.parse(readFileSync(new URL('./data.json', import.meta.url), 'utf8'));
const nodes = [...data.people, ...data.animals, ...data.houses];
const byId = new Map(nodes.map((node) => [node.id, node]));
const faultyById = new Map(data.faulty.map((row) => [row.id, row]));

const FAILURE = { status: 500, text: '{"message":"broken on purpose"}' };
const json = (value) => ({ status: 200, text: JSON.stringify(value ?? null) });

/** Members in alphabetical order: in which order arguments travel is nobody's promise. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

export class Backend {
  #log = [];

  /** Answers one request: `{ status, text }`, the text being JSON. */
  respond(method, path, query, body) {
    const [, kind, id] = path.split('/');
    const handler = this[`${method} ${kind}`];
    return handler ? handler.call(this, id, query, body) : { status: 404, text: '{}' };
  }

  'GET hello'() { return json({ text: 'Hello' }); }
  'GET fails'() { return FAILURE; }

  'GET nodes'(id, query) {
    return id === undefined ? json(query.getAll('id').map((one) => byId.get(one) ?? null)) : json(byId.get(id));
  }
  'GET named'() { return json([...data.people, ...data.animals]); }
  'GET residents'() { return json([data.animals[0], data.people[0], data.animals[1]]); }
  'GET search'(_, query) {
    const text = query.get('text');
    return json(nodes.filter(({ name, address }) => (name ?? address.street).includes(text)));
  }

  'GET animals'(_, query) {
    const breed = query.get('breed');
    const owners = query.getAll('owner');
    const ids = query.getAll('id');
    return json(data.animals
      .filter((animal) => !breed || animal.breed === breed)
      .filter((animal) => owners.length === 0 || owners.includes(animal.ownerId))
      .filter((animal) => ids.length === 0 || ids.includes(animal.id))
      .slice(0, Number(query.get('first') ?? 100)));
  }
  'GET friends'(id, query) {
    return json(byId.get(id).friendIds.slice(0, Number(query.get('first'))).map((one) => byId.get(one)));
  }
  'GET people'(id, query) {
    if (id !== undefined) return json(data.people.find((person) => person.id === id));
    const ids = query.getAll('id');
    return json(data.people.filter((person) => ids.length === 0 || ids.includes(person.id)));
  }
  // One answer a key, in the order of the keys.
  'GET houses'(_, query) { return json(query.getAll('id').map((id) => byId.get(id) ?? null)); }
  'GET secrets'() { return FAILURE; }

  'GET scalars'(name) { return { status: 200, text: answers.scalars[name] ?? 'null' }; }
  'GET shapes'(name) { return { status: 200, text: answers.shapes[name] ?? 'null' }; }
  'GET strays'(name) { return { status: 200, text: answers.strays[name] ?? 'null' }; }
  'GET stray'(name) { return { status: 200, text: answers.stray[name] ?? 'null' }; }

  'GET faulty'(id, query) {
    return id === undefined ? json(query.getAll('id').map((one) => faultyById.get(one) ?? null)) : json(faultyById.get(id));
  }
  // Fails for f1, answers null for f2 and half an answer for f3.
  'GET details'(id) {
    if (id === 'f1') return FAILURE;
    if (id === 'f2') return json(null);
    return json(id === 'f3' ? { value: 'half' } : { value: 'whole', strict: 'yes' });
  }

  'POST echo'(_, _query, body) { return json(sorted(body)); }

  'POST log'(verb, _query, body) {
    if (verb === 'clear') this.#log = [];
    else this.#log.push(body.text);
    if (verb === 'fail') return FAILURE;
    return json({ entries: this.#log, count: this.#log.length });
  }
}
