// Tokens that another implementation has signed (npm's jsonwebtoken): which ones are let in, and which are not.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { AGENT, Authority, SKILL } from '../authority.js';
import { startGateway } from '../processes.js';

let authority;
let gateway;
let turns = 0;

before(async () => {
  authority = new Authority();
  await authority.listen();
  gateway = await startGateway(authority.sections);
});

after(async () => {
  await gateway?.stop();
  await authority?.close();
});

async function post(authorization) {
  turns += 1;
  const activity = {
    type: 'event', name: 'startConversation', id: `turn-${turns}`, channelId: 'pva-studio', deliveryMode: 'expectReplies',
    conversation: { id: `conversation-${turns}` }, from: { id: 'jane', role: 'user' }, recipient: { id: 'skill', role: 'skill' },
  };
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
  return fetch(gateway.messages, { method: 'POST', headers, body: JSON.stringify(activity) });
}

const status = async (token) => (await post(`Bearer ${token}`)).status;
const seconds = () => Math.floor(Date.now() / 1000);

test('a token as Entra makes them is let in, and the action answered', async () => {
  const answer = await post(`Bearer ${authority.token()}`);
  assert.equal(answer.status, 200);
  const { activities } = await answer.json();
  assert.equal(activities.at(-1).type, 'endOfConversation');
});

test('so are the other forms of one', async () => {
  for (const claims of [
    { aud: `api://${SKILL}` },
    { aud: ['another', SKILL] },
    { ver: '1.0', azp: undefined, appid: AGENT },
    { azp: AGENT.toUpperCase() },
    { exp: seconds() - 200 },
    { nbf: seconds() + 200 },
  ]) {
    assert.equal(await status(authority.token(claims)), 200, JSON.stringify(claims));
  }
  assert.equal(await status(authority.token({}, { algorithm: 'RS512' })), 401, 'but not by an algorithm that the keys are not for');
});

test('who is somebody else, or for somebody else, or late, is not', async () => {
  for (const [claims, expected] of [
    [{ aud: 'another' }, 401],
    [{ aud: undefined }, 401],
    [{ iss: `${authority.url}/another/v2.0` }, 401],
    [{ tid: '00000000-0000-4000-8000-000000000002' }, 401],
    [{ exp: seconds() - 400 }, 401],
    [{ nbf: seconds() + 400 }, 401],
    [{ ver: '3.0' }, 401],
    [{ azp: undefined }, 401],
    [{ azp: '00000000-0000-4000-8000-000000000003' }, 403],
    [{ azp: SKILL }, 403],
  ]) {
    assert.equal(await status(authority.token(claims)), expected, JSON.stringify(claims));
  }
});

test('nor who has another key, or none', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  assert.equal(await status(authority.token({}, { key: other })), 401);
  assert.equal(await status(authority.token({}, { key: other, keyid: 'two' })), 401);
  // The public key as the secret of a keyed hash.
  const [, claims] = authority.token().split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'one', typ: 'JWT' })).toString('base64url');
  const tag = createHmac('sha256', authority.publicKey).update(`${header}.${claims}`).digest('base64url');
  assert.equal(await status(`${header}.${claims}.${tag}`), 401);
  const none = Buffer.from(JSON.stringify({ alg: 'none', kid: 'one' })).toString('base64url');
  assert.equal(await status(`${none}.${claims}.`), 401);
  assert.equal((await post()).status, 401);
});
