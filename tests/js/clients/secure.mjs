// npm `graphql-ws` over TLS: node clients/secure.mjs https://HOST:PORT/graphql CERTIFICATE
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { run } from "./expect.mjs";

const [url, certificate] = process.argv.slice(2);
const ca = readFileSync(certificate);

class Secure extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { ca });
  }
}

await run({
  "a query over wss": async () => {
    const client = createClient({ url: url.replace("https", "wss"), webSocketImpl: Secure, retryAttempts: 0 });
    const answers = client.iterate({ query: "{ ready }" });
    assert.deepEqual((await answers.next()).value, { data: { ready: true } });
    await client.dispose();
  },
});
