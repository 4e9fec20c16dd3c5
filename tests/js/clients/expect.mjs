// What the client scripts share: waiting with an end, and saying what failed.
import assert from "node:assert/strict";

/** Waits for a promise, but not for ever. */
export async function within(promise, what, ms = 10_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing came in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs the checks of a script one after the other and exits with 1 when one fails. */
export async function run(checks) {
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await within(check(), name, 20_000);
      console.log(`ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.stack ?? error}`);
    }
  }
  console.log(`${Object.keys(checks).length} checks, ${failed} failed`);
  process.exit(failed === 0 && Object.keys(checks).length > 0 ? 0 : 1);
}

/** Posts a GraphQL operation and answers with what came back. */
export async function post(url, query, variables, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** Posts an operation that must succeed. */
export async function change(url, query, variables, headers) {
  const answer = await post(url, query, variables, headers);
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  return answer.data;
}

/** Polls until something is so. */
export async function until(what, holds) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never: ${what}`);
}
