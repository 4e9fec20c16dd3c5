// The backend as a service on loopback: node upstream.mjs, prints its address once it listens.

import { createServer } from 'node:http';
import { Backend } from './backend.mjs';

export function serveBackend() {
  const backend = new Backend();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://upstream');
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = backend.respond(request.method, url.pathname, url.searchParams, text ? JSON.parse(text) : null);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.text);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] === import.meta.filename) {
  const server = await serveBackend();
  console.log(`upstream http://127.0.0.1:${server.address().port}`);
}
