// The same schema and the same data under graphql-js, which says what is right.
//
// One line here for one file in resolvers/; fields without a line read the property of their name.

import { readFileSync } from 'node:fs';
import { buildSchema, graphql } from 'graphql';
import { Backend } from './backend.mjs';

export const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');

/** A schema whose resolvers ask a backend of their own. */
export function referenceSchema() {
  const backend = new Backend();
  const schema = buildSchema(sdl);

  function ask(method, path, query = {}, body = null) {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, String(one)]));
    const { status, text } = backend.respond(method, path, new URLSearchParams(pairs), body);
    if (status !== 200) throw new Error(`upstream answered ${status}`);
    return JSON.parse(text);
  }
  const get = (path, query) => ask('GET', path, query);
  const post = (path, body) => ask('POST', path, {}, body);

  const owner = ({ ownerId }) => (ownerId == null ? null : get('/people', { id: ownerId }).find(({ id }) => id === ownerId));
  const friends = ({ id }, { first }) => get(`/friends/${id}`, { first });
  const resolvers = {
    Query: {
      hello: () => get('/hello').text,
      node: (_, { id }) => get(`/nodes/${id}`),
      nodes: (_, { ids }) => get('/nodes', { id: ids }),
      named: () => get('/named'),
      animals: (_, args) => get('/animals', args),
      person: (_, { id }) => get(`/people/${id}`),
      people: () => get('/people'),
      residents: () => get('/residents'),
      search: (_, { text }) => get('/search', { text }),
      scalars: (_, args) => get(`/scalars/${args.case}`),
      shapes: (_, args) => get(`/shapes/${args.case}`),
      strictShapes: (_, args) => get(`/shapes/${args.case}`),
      faulty: (_, { id }) => get(`/faulty/${id}`),
      strictFaulty: (_, { id }) => get(`/faulty/${id}`),
      strays: (_, args) => get(`/strays/${args.case}`),
      stray: (_, args) => get(`/stray/${args.case}`),
      fails: () => get('/fails'),
      echo: (_, args) => post('/echo', args),
      required: (_, args) => post('/echo', args),
    },
    Mutation: {
      append: (_, { text }) => post('/log/append', { text }),
      appendAndFail: (_, { text }) => post('/log/fail', { text }),
      appendAndFailHard: (_, { text }) => post('/log/fail', { text }),
      clear: () => post('/log/clear', {}),
    },
    Dog: { owner, friends },
    Cat: { owner, friends },
    Person: {
      pets: ({ id }) => get('/animals', { owner: id }).filter(({ ownerId }) => ownerId === id),
      home: ({ homeId }) => (homeId == null ? null : get('/houses', { id: homeId })[0]),
      secret: ({ id }) => get('/secrets', { id })[0],
    },
    Faulty: {
      fails: () => get('/fails'),
      failsHard: () => get('/fails'),
      detail: ({ id }) => get(`/details/${id}`),
      detailHard: ({ id }) => get(`/details/${id}`),
      child: ({ childId }) => (childId == null ? null : get('/faulty', { id: childId })[0]),
      childHard: ({ childId }) => (childId == null ? null : get('/faulty', { id: childId })[0]),
      items: ({ itemIds }) => get('/faulty', { id: itemIds }),
      itemsOfStrict: ({ itemIds }) => get('/faulty', { id: itemIds }),
      itemsStrict: ({ itemIds }) => get('/faulty', { id: itemIds }),
    },
  };
  for (const [type, fields] of Object.entries(resolvers)) {
    for (const [field, resolve] of Object.entries(fields)) schema.getType(type).getFields()[field].resolve = resolve;
  }
  return schema;
}

/** Runs operations one after the other on one backend, so that mutations are seen by what follows. */
export function reference() {
  const schema = referenceSchema();
  return ({ query, variables, operationName }) =>
    graphql({ schema, source: query, variableValues: variables, operationName });
}
