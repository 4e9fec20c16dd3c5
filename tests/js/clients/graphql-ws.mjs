// npm `graphql-ws` and a bare `ws` against a running gateway:
//   node clients/graphql-ws.mjs http://HOST:PORT/graphql KEY
import assert from "node:assert/strict";
import { CloseCode, createClient } from "graphql-ws";
import WebSocket from "ws";
import { change, run, within } from "./expect.mjs";

const [http, key] = process.argv.slice(2);
const ws = http.replace("http", "ws");
const ADD = "mutation($id: ID!, $kind: String) { add(id: $id, kind: $kind) { id kind secret } }";
const KEY = { "x-api-key": key };
let serial = 0;

function client(options = {}) {
  return createClient({
    url: ws,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { "x-api-key": key },
    ...options,
  });
}

/** Subscribes; `next()` waits for one message, `ended` tells how it ended. */
function listen(from, query, variables) {
  const got = [];
  const waiting = [];
  let ended;
  const end = new Promise((resolve) => (ended = resolve));
  const stop = from.subscribe(
    { query, variables },
    {
      next: (value) => (waiting.shift() ?? ((late) => got.push(late)))(value),
      error: (error) => ended({ error }),
      complete: () => ended({ complete: true }),
    },
  );
  const next = () => (got.length ? Promise.resolve(got.shift()) : new Promise((resolve) => waiting.push(resolve)));
  return { next: () => within(next(), "next"), end: within(end, "end", 15_000).catch((error) => ({ error })), stop, got };
}

/** A subscription is there when the event of a mutation reaches it: mutations until then. */
async function listening(subscription, variables = {}) {
  let there = false;
  const first = subscription.next().then((value) => ((there = true), value));
  while (!there) {
    await change(http, ADD, { id: `warm-${(serial += 1)}`, ...variables }, KEY);
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 30))]);
  }
  await first;
}

/** Drops what else came of warming up, and answers with the first event of an id. */
async function eventOf(subscription, id) {
  for (;;) {
    const value = await subscription.next();
    if (value.data?.added?.id === id) return value;
  }
}

/** Opens a bare socket, sends these messages and answers with how it was closed. */
function closed(messages, protocol = "graphql-transport-ws") {
  return within(
    new Promise((resolve, reject) => {
      const socket = new WebSocket(ws, protocol);
      socket.on("open", () => messages.forEach((message) => socket.send(typeof message === "string" ? message : JSON.stringify(message))));
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
      socket.on("error", reject);
    }),
    "close",
  );
}

const init = { type: "connection_init", payload: { "x-api-key": key } };
const subscribe = (id) => ({ id, type: "subscribe", payload: { query: "subscription { added { id } }" } });

await run({
  "an event reaches who listens, as far as it was selected": async () => {
    const from = client();
    const all = listen(from, "subscription { added { id kind } }");
    await listening(all);
    await change(http, ADD, { id: "one", kind: "a" }, KEY);
    assert.deepEqual(await eventOf(all, "one"), { data: { added: { id: "one", kind: "a" } } });
    all.stop();
    await from.dispose();
  },
  "arguments filter, null and absent differ": async () => {
    const from = client();
    const query = "subscription($kind: String) { added(kind: $kind) { id kind } }";
    const a = listen(from, query, { kind: "a" });
    const none = listen(from, query, { kind: null });
    const all = listen(from, query, {});
    await listening(a, { kind: "a" });
    await listening(none, { kind: null });
    await listening(all);
    for (const [id, kind] of [["f1", "b"], ["f2", null], ["f3", "a"]]) {
      await change(http, ADD, { id, kind }, KEY);
    }
    const ids = async (subscription, last) => {
      const seen = [];
      for (;;) {
        const { id } = (await subscription.next()).data.added;
        if (/^f\d$/.test(id)) seen.push(id);
        if (id === last) return seen;
      }
    };
    assert.deepEqual(await ids(a, "f3"), ["f3"]);
    assert.deepEqual(await ids(none, "f2"), ["f2"]);
    assert.deepEqual(await ids(all, "f3"), ["f1", "f2", "f3"]);
    await from.dispose();
  },
  "complete ends one subscription and leaves the others": async () => {
    const from = client();
    const first = listen(from, "subscription { added { id } }");
    const second = listen(from, "subscription { added { id } }");
    await listening(first);
    await listening(second);
    first.stop();
    assert.deepEqual(await first.end, { complete: true });
    await change(http, ADD, { id: "left" }, KEY);
    assert.deepEqual(await eventOf(second, "left"), { data: { added: { id: "left" } } });
    assert.ok(!first.got.some((value) => value.data.added.id === "left"));
    await from.dispose();
  },
  "queries and mutations go over the socket too": async () => {
    const from = client();
    const answer = listen(from, "{ ready }");
    assert.deepEqual(await answer.next(), { data: { ready: true } });
    assert.deepEqual(await answer.end, { complete: true });
    const changed = listen(from, 'mutation { add(id: "over-ws") { id } }');
    assert.deepEqual(await changed.next(), { data: { add: { id: "over-ws" } } });
    await from.dispose();
  },
  "a wrong operation is an error of its own": async () => {
    const from = client();
    const { error } = await listen(from, "subscription { addd { id } }").end;
    assert.match(error[0].message, /addd/);
    const fine = listen(from, "{ ready }");
    assert.deepEqual(await fine.next(), { data: { ready: true } });
    await from.dispose();
  },
  "wrong credentials are refused with 4403": async () => {
    const from = client({ connectionParams: { "x-api-key": "wrong" } });
    const { error } = await listen(from, "subscription { added { id } }").end;
    assert.equal(error.code, CloseCode.Forbidden, String(error));
  },
  "no credentials are refused with 4403": async () => {
    const from = client({ connectionParams: {} });
    const { error } = await listen(from, "subscription { added { id } }").end;
    assert.equal(error.code, CloseCode.Forbidden, String(error));
  },
  "what the caller may not listen to is refused": async () => {
    const from = client();
    const { error } = await listen(from, "subscription { hidden { id } }").end;
    assert.equal(error[0].errorType, "Unauthorized", JSON.stringify(error));
    await from.dispose();
  },
  "subscribing before the init is 4401": async () => {
    assert.deepEqual(await closed([subscribe("1")]), { code: 4401, reason: "Unauthorized" });
  },
  "two inits are 4429": async () => {
    const { code, reason } = await closed([init, init]);
    assert.deepEqual({ code, reason }, { code: 4429, reason: "Too many initialisation requests" });
  },
  "one id twice is 4409": async () => {
    const { code, reason } = await closed([init, subscribe("twice"), subscribe("twice")]);
    assert.deepEqual({ code, reason }, { code: 4409, reason: "Subscriber for twice already exists" });
  },
  "no init in time is 4408": async () => {
    const { code, reason } = await closed([]);
    assert.deepEqual({ code, reason }, { code: 4408, reason: "Connection initialisation timeout" });
  },
  "nonsense is 4400": async () => {
    for (const message of ["nonsense", "[]", '{"type":"sing"}', '{"type":"subscribe","id":1}']) {
      assert.equal((await closed([init, message])).code, 4400, message);
    }
  },
  "too many subscriptions of one socket are refused one by one": async () => {
    const from = client();
    const subscriptions = Array.from({ length: 6 }, () => listen(from, "subscription { added { id } }"));
    const refused = await Promise.race(subscriptions.map(async (it) => (await it.end).error));
    assert.match(refused[0].message, /operations at a time/);
    await from.dispose();
  },
  "a socket without the protocol's name is refused": async () => {
    const refused = new Promise((resolve) => {
      const socket = new WebSocket(ws);
      socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.on("error", () => {});
    });
    assert.equal(await within(refused, "refusal"), 400);
  },
});
