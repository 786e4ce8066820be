// An authority of its own, as Entra is one: OpenID metadata, keys, and tokens that npm's jsonwebtoken signs.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
import jwt from 'jsonwebtoken';

export const TENANT = '7e4a4700-0000-4000-8000-000000000001';
export const SKILL = '5c1e0f7a-0000-4000-8000-000000000001';
export const AGENT = 'a6e27b10-0000-4000-8000-000000000001';

export class Authority {
  #server;
  #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

  async listen() {
    const app = express();
    const jwk = { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
    app.get('/metadata', (_, answer) =>
      answer.json({ issuer: this.issuer, jwks_uri: `${this.url}/keys`, id_token_signing_alg_values_supported: ['RS256'] }),
    );
    app.get('/keys', (_, answer) => answer.json({ keys: [jwk] }));
    this.#server = app.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    this.issuer = `${this.url}/${TENANT}/v2.0`;
  }

  /** What the gateway is told of it. */
  get sections() {
    return `[bot]
app_id = "${SKILL}"
tenant_id = "${TENANT}"
connection = "skill"

[[bot.agents]]
app_id = "${AGENT}"

[[bot.issuers]]
issuer = "${this.issuer}"
metadata = "${this.url}/metadata"

[connections.skill]
tenant = "${TENANT}"
client_id = "${SKILL}"
authority = "${this.url}"
proof = { kind = "client-secret", secret = "env:PATH" }
`;
  }

  get publicKey() {
    return this.#keys.publicKey.export({ format: 'pem', type: 'spki' });
  }

  /** A token of the agent for the skill, with these claims instead, signed with this key. */
  token(claims = {}, { key = this.#keys.privateKey, algorithm = 'RS256', keyid = 'one' } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: this.issuer, aud: SKILL, tid: TENANT, ver: '2.0', azp: AGENT, iat: now, nbf: now, exp: now + 3600, jti: randomUUID() };
    const given = Object.fromEntries(Object.entries({ ...all, ...claims }).filter(([, value]) => value !== undefined));
    return jwt.sign(given, key, { algorithm, keyid });
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
