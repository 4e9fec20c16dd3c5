// Two npm `ws` clients chat through the demo's WebSocket api, and a back end posts to one of them:
//   node clients/chat.mjs http://HOST:PORT KEY
import assert from "node:assert/strict";
import WebSocket from "ws";
import { run, until, within } from "./expect.mjs";

const [http, key] = process.argv.slice(2);
const KEY = { "x-api-key": key };

/** A connection: `say` sends JSON, `next` waits for the next message. */
async function connect() {
  const socket = new WebSocket(`${http.replace("http", "ws")}/chat`);
  const got = [];
  const waiting = [];
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    (waiting.shift() ?? ((late) => got.push(late)))(message);
  });
  await within(new Promise((resolve, reject) => (socket.on("open", resolve), socket.on("error", reject))), "open");
  return {
    socket,
    say: (message) => socket.send(JSON.stringify(message)),
    next: () =>
      within(got.length ? Promise.resolve(got.shift()) : new Promise((resolve) => waiting.push(resolve)), "message"),
  };
}

async function join(name) {
  const member = await connect();
  member.say({ action: "join", name });
  const { joined, connection } = await member.next();
  assert.equal(joined, name);
  return { ...member, connection };
}

const at = (connection) => `${http}/chat/@connections/${encodeURIComponent(connection)}`;

let ada;
let kofi;

await run({
  "two join and see each other": async () => {
    ada = await join("Ada");
    kofi = await join("Kofi");
    assert.notEqual(ada.connection, kofi.connection);
    ada.say({ action: "who" });
    const { here } = await ada.next();
    assert.deepEqual(here.map(({ name }) => name).sort(), ["Ada", "Kofi"]);
  },
  "one writes, the other reads": async () => {
    ada.say({ action: "say", to: kofi.connection, text: "Good morning!" });
    assert.deepEqual(await kofi.next(), { from: ada.connection, text: "Good morning!" });
    assert.equal((await ada.next()).said, "Good morning!");
    kofi.say({ action: "say", to: ada.connection, text: "And to you." });
    assert.deepEqual(await ada.next(), { from: kofi.connection, text: "And to you." });
    await kofi.next();
  },
  "what has no route gets the default": async () => {
    for (const message of ['{"action":"dance"}', "[1]", "no json"]) {
      ada.socket.send(message);
      assert.match((await ada.next()).help, /join, who or say/, message);
    }
  },
  "a back end posts to one of them": async () => {
    const posted = await fetch(at(kofi.connection), { method: "POST", headers: KEY, body: '{"from":"the house"}' });
    assert.equal(posted.status, 200);
    assert.deepEqual(await kofi.next(), { from: "the house" });
    const seen = await (await fetch(at(kofi.connection), { headers: KEY })).json();
    assert.equal(seen.identity.sourceIp, "127.0.0.1");
    assert.ok(Date.parse(seen.connectedAt) <= Date.parse(seen.lastActiveAt), JSON.stringify(seen));
  },
  "without a key nobody posts": async () => {
    const posted = await fetch(at(kofi.connection), { method: "POST", body: "{}" });
    assert.equal(posted.status, 403, await posted.text());
  },
  "a connection that is gone is 410, and out of the table": async () => {
    kofi.socket.close(1000);
    await until("410", async () => (await fetch(at(kofi.connection), { headers: KEY })).status === 410);
    const gone = await fetch(at(kofi.connection), { method: "POST", headers: KEY, body: "{}" });
    assert.equal(gone.headers.get("x-amzn-errortype"), "GoneException");
    await until("gone from the table", async () => {
      ada.say({ action: "who" });
      return (await ada.next()).here.length === 1;
    });
  },
  "a back end hangs up": async () => {
    const closed = new Promise((resolve) => ada.socket.on("close", (code) => resolve(code)));
    const deleted = await fetch(at(ada.connection), { method: "DELETE", headers: KEY });
    assert.equal(deleted.status, 204);
    assert.ok([1000, 1001].includes(await within(closed, "close")));
  },
});
