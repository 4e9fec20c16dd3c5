// npm `graphql-sse` in distinct connections mode against a running gateway:
//   node clients/graphql-sse.mjs http://HOST:PORT/graphql KEY
import assert from "node:assert/strict";
import { createClient } from "graphql-sse";
import { change, run, within } from "./expect.mjs";

const [url, key] = process.argv.slice(2);
const KEY = { "x-api-key": key };
const ADD = "mutation($id: ID!, $kind: String) { add(id: $id, kind: $kind) { id kind secret } }";

const client = (headers = KEY) => createClient({ url, headers, singleConnection: false, retryAttempts: 0 });

await run({
  "an event reaches who listens": async () => {
    const from = client();
    const events = from.iterate({ query: 'subscription { added(kind: "sse") { id } }' });
    const first = events.next();
    let there = false;
    first.then(() => (there = true));
    while (!there) {
      await change(url, ADD, { id: "s1", kind: "sse" }, KEY);
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 30))]);
    }
    assert.deepEqual((await first).value, { data: { added: { id: "s1" } } });
    await events.return();
    from.dispose();
  },
  "a query is one event and the end": async () => {
    const from = client();
    const events = from.iterate({ query: "{ ready }" });
    assert.deepEqual((await within(events.next(), "next")).value, { data: { ready: true } });
    assert.equal((await within(events.next(), "end")).done, true);
    from.dispose();
  },
  "a wrong operation is refused with what is wrong": async () => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...KEY, "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: "subscription { addd { id } }" }),
    });
    assert.equal(response.status, 400);
    assert.match((await response.json()).errors[0].message, /addd/);
  },
  "no credentials are refused": async () => {
    const events = client({}).iterate({ query: "subscription { added { id } }" });
    await assert.rejects(within(events.next(), "refusal"), (error) => {
      assert.equal(error.response?.status ?? error.status, 401, String(error));
      return true;
    });
  },
  "a GET streams as an EventSource asks": async () => {
    const stream = await fetch(`${url}?query=${encodeURIComponent("{ ready }")}`, {
      headers: { ...KEY, accept: "text/event-stream" },
    });
    assert.match(stream.headers.get("content-type"), /^text\/event-stream/);
    const text = await within(stream.text(), "the end");
    assert.equal(text, 'event: next\ndata: {"data":{"ready":true}}\n\nevent: complete\ndata:\n\n');
  },
});
