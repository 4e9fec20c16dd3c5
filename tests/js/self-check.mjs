// Are the tools themselves right? node self-check.mjs
//
// graphql-js behind graphql-http must pass the audits and the comparison; the same server, broken
// on purpose in one way at a time, must not.

import { createServer } from 'node:http';
import { createHandler } from 'graphql-http/lib/use/http';
import { audit } from './audit.mjs';
import { compare } from './differential/compare.mjs';
import { referenceSchema } from './differential/reference.mjs';

/** Ways to be wrong, as changes of an answer's text and status. */
const corruptions = {
  'keys in another order': (answer) => answer.data && { ...answer, data: Object.fromEntries(Object.entries(answer.data).reverse()) },
  'a path off by one': (answer) => answer.errors && { ...answer, errors: answer.errors.map((error) => ({ ...error, path: error.path?.slice(0, -1) })) },
  'errors swallowed': ({ data }) => data && { data },
  'an invalid operation executed': (answer) => answer.data === undefined && { data: {} },
  'a valid operation refused': (answer) => answer.data && { errors: [{ message: 'no' }] },
  'text for numbers': (answer) => answer.data?.scalars?.int && { data: { scalars: { ...answer.data.scalars, int: String(answer.data.scalars.int) } } },
  'a description lost': (answer) => answer.data?.__schema?.types && JSON.parse(JSON.stringify(answer), (key, value) => (key === 'description' ? null : value)),
};

/** Serves graphql-js; `corrupt` may hand back another answer. */
function serve(corrupt, head = (status, headers) => [status, headers]) {
  const handler = createHandler({ schema: referenceSchema() });
  const server = createServer((request, response) => {
    const { writeHead, end } = response;
    let [status, headers] = [200, {}];
    response.writeHead = (...args) => { [status, headers] = [args[0], Object(args.at(-1)) === args.at(-1) ? args.at(-1) : {}]; return response; };
    response.end = (text) => {
      const original = text?.startsWith('{') ? JSON.parse(text) : undefined;
      const answer = original && corrupt?.(original);
      const body = answer ? JSON.stringify(answer) : (text ?? '');
      // graphql-http states the length of the text that it wrote, and says 200 to variables that
      // cannot be coerced where the specification says 400.
      const { 'content-length': _, ...rest } = headers;
      if (original?.data === undefined && /graphql-response/.test(rest['content-type'])) status = 400;
      writeHead.call(response, ...head(status, rest));
      return end.call(response, body);
    };
    handler(request, response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function against(server, check) {
  const lines = [];
  const right = await check(`http://127.0.0.1:${server.address().port}/graphql`, (line) => lines.push(line));
  server.close();
  server.closeAllConnections();
  return { right, lines };
}

const audits = async (url, print) => audit(url, print);
const comparison = async (url, print) => (await compare(url, print, {})) === 0;
let faults = 0;
function expect(wanted, what, { right, lines }) {
  console.log(`${right === wanted ? 'ok    ' : 'FAULT '} ${what}: ${lines.at(-1)?.trim()}`);
  if (right === wanted) return;
  faults += 1;
  console.log(lines.join('\n'));
}

expect(true, 'graphql-js passes the audits', await against(await serve(), audits));
expect(false, 'a server that always says 200 and text does not', await against(await serve(null, (_, headers) => [200, { ...headers, 'content-type': 'text/plain' }]), audits));
expect(true, 'graphql-js equals graphql-js', await against(await serve(), comparison));
for (const [what, corrupt] of Object.entries(corruptions)) {
  expect(false, `${what} is noticed`, await against(await serve(corrupt), comparison));
}
process.exit(faults === 0 ? 0 : 1);
