// The GraphQL-over-HTTP audit suite against a running server: node audit.mjs URL
//
// Prints every audit; fails when a MUST or a SHOULD is not met. MAY is printed and left at that.

import { serverAudits } from 'graphql-http';

export async function audit(url, print = console.log) {
  const results = [];
  for (const { fn } of serverAudits({ url })) {
    results.push(await fn());
  }
  for (const { id, name, status, reason } of results) {
    print(`${status.padEnd(6)} ${id} ${name}${reason ? ` (${reason})` : ''}`);
  }
  const faults = results.filter(({ name, status }) => status !== 'ok' && !name.startsWith('MAY'));
  for (const { id, name, response } of faults) {
    const body = response?.bodyUsed ? '' : await response?.text();
    print(`\nnot met: ${id} ${name}\n  ${response?.status} ${response?.headers.get('content-type')}\n  ${body}`);
  }
  print(`\n${results.length} audits, ${faults.length} of MUST and SHOULD not met`);
  return faults.length === 0 && results.length > 0;
}

if (process.argv[1] === import.meta.filename) {
  process.exit((await audit(process.argv[2])) ? 0 : 1);
}
