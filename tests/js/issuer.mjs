// An identity provider: it signs what it is asked to sign, with npm `jose`, and publishes its keys.
//
//   GET  /.well-known/openid-configuration, /jwks.json
//   POST /sign    { claims, expiresIn?, forge? } → a token
//   POST /rotate  from now on another key signs, and only that one is published
//
// Forged tokens are what an attacker sends: `none`, `hs256` (the public key as a secret), `kid` (a
// key that nobody published), `stranger` (the right kid, another key).
import { webcrypto } from "node:crypto";
import { createServer } from "node:http";
import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from "jose";

// Node 18, as Debian has it, does not offer it by itself.
globalThis.crypto ??= webcrypto;

let issuer;
let serial = 0;
let current;
let fetches = 0;

async function rotate() {
  serial += 1;
  const pair = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  current = { ...pair, kid: `key-${serial}`, jwk: { ...jwk, kid: `key-${serial}`, alg: "RS256", use: "sig" } };
}

async function sign({ claims = {}, expiresIn = 300, forge }) {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: issuer, aud: "shop", sub: "ada", iat: now, exp: now + expiresIn, ...claims };
  for (const [name, value] of Object.entries(all)) {
    if (value === null) delete all[name];
  }
  const header = { alg: "RS256", kid: current.kid };
  switch (forge) {
    case undefined:
      return new SignJWT(all).setProtectedHeader(header).sign(current.privateKey);
    case "none":
      return new UnsecuredJWT(all).encode();
    case "hs256": {
      const secret = new TextEncoder().encode(await exportSPKI(current.publicKey));
      return new SignJWT(all).setProtectedHeader({ ...header, alg: "HS256" }).sign(secret);
    }
    case "kid":
      return new SignJWT(all).setProtectedHeader({ ...header, kid: "nobody" }).sign(current.privateKey);
    case "stranger": {
      const { privateKey } = await generateKeyPair("RS256");
      return new SignJWT(all).setProtectedHeader(header).sign(privateKey);
    }
    default:
      throw new Error(`cannot forge ${forge}`);
  }
}

async function answer(request) {
  switch (`${request.method} ${request.url}`) {
    case "GET /.well-known/openid-configuration":
      return { issuer, jwks_uri: `${issuer}/jwks.json` };
    case "GET /jwks.json":
      fetches += 1;
      return { keys: [current.jwk] };
    case "GET /fetches":
      return fetches;
    case "POST /rotate":
      await rotate();
      return current.kid;
    case "POST /sign": {
      let body = "";
      for await (const chunk of request) body += chunk;
      return sign(JSON.parse(body));
    }
    default:
      return null;
  }
}

await rotate();
const server = createServer(async (request, response) => {
  try {
    const answered = await answer(request);
    response.writeHead(answered === null ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answered));
  } catch (error) {
    response.writeHead(500);
    response.end(String(error));
  }
});
server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  console.log(`upstream ${issuer}`);
});
