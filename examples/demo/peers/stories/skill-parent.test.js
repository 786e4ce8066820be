// The official SDK's skill parent drives the gateway: start, park, talk, end; both delivery modes.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { LiveAgent } from '../live-agent.js';
import { SkillParent } from '../parent.js';
import { startGateway } from '../processes.js';
import { until } from '../until.js';

let gateway;
let parent;
let mary;

before(async () => {
  gateway = await startGateway();
  parent = new SkillParent(gateway.messages);
  await parent.listen();
  mary = new LiveAgent(gateway.liveChat, 'Mary Moss');
});

after(async () => {
  await parent?.close();
  await gateway?.stop();
});

afterEach(() => {
  assert.deepEqual(parent.answers.filter((status) => status >= 400), [], "the parent's routes refused nothing");
});

const accepted = ({ status }) => assert.ok(status === 200 || status === 202, `answered ${status}`);

/** Starts a handover and parks it with a first message; returns the live chat's id. */
async function escalate(conversation, problem) {
  accepted(await conversation.event('startConversation'));
  const { value } = await conversation.end(1);
  const id = value.LiveChatConversationId;
  accepted(await conversation.message(problem, { value: { LiveChatConversationId: id, ProblemDescription: problem } }));
  await mary.hears(id, 1);
  return id;
}

test('startConversation, normal delivery: its end arrives with the id and the status', async () => {
  const conversation = await parent.conversation();
  const answer = await conversation.event('startConversation');
  assert.equal(answer.status, 202);
  const end = await conversation.end(1);
  assert.equal(end.code, 'completedSuccessfully');
  assert.deepEqual(Object.keys(end.value).sort(), ['LiveChatConversationId', 'Status']);
  assert.equal(end.value.Status, 'queued');
  assert.equal((await mary.conversation(end.value.LiveChatConversationId)).status, 'waiting');
});

test('startConversation, expectReplies: its end is in the answer', async () => {
  const conversation = await parent.conversation();
  const answer = await conversation.event('startConversation', {}, { deliveryMode: 'expectReplies' });
  assert.equal(answer.status, 200);
  const end = answer.body.activities.at(-1);
  assert.equal(end.type, 'endOfConversation');
  assert.equal(end.code, 'completedSuccessfully');
  assert.equal(end.value.Status, 'queued');
  assert.equal((await mary.conversation(end.value.LiveChatConversationId)).status, 'waiting');
});

test('what the bot knows reaches the live chat', async () => {
  const conversation = await parent.conversation();
  const transcript = [{ role: 'bot', text: 'Hello' }, { role: 'user', text: 'My invoice' }];
  await conversation.event('startConversation', {
    ProblemDescription: 'My invoice is wrong',
    Transcript: JSON.stringify(transcript),
    Plan: 'gold',
  });
  const { value } = await conversation.end(1);
  const seen = await mary.conversation(value.LiveChatConversationId);
  assert.equal(seen.customer.name, 'Jane Doe');
  assert.equal(seen.problem, 'My invoice is wrong');
  assert.equal(seen.locale, 'en-US');
  assert.equal(seen.attributes.Plan, 'gold');
  assert.deepEqual(seen.transcript.map(({ text }) => text), ['Hello', 'My invoice']);
});

test('sendMessage stays open, words travel both ways, and the live agent ends it', async () => {
  const conversation = await parent.conversation();
  const id = await escalate(conversation, 'My phone is dead');
  await mary.accept(id);
  for (const text of ['Good morning', 'Is it **charged**?', 'Really?']) await mary.say(id, text);
  await conversation.says('**Mary Moss**: Really?');
  assert.deepEqual(conversation.texts(), [
    'You are now chatting with Mary Moss.',
    '**Mary Moss**: Good morning',
    '**Mary Moss**: Is it **charged**?',
    '**Mary Moss**: Really?',
  ]);
  assert.equal(await mary.outcome(id, 'Really?'), 'delivered');
  for (const text of ['Yes', 'Since yesterday']) accepted(await conversation.message(text));
  assert.deepEqual(await mary.hears(id, 3), ['My phone is dead', 'Yes', 'Since yesterday']);
  assert.equal(conversation.ends().length, 1, 'the action is open');

  await mary.end(id);
  const end = await conversation.end(2);
  assert.equal(end.code, 'completedSuccessfully');
  assert.equal(conversation.texts().at(-1), 'The chat was closed. Thank you for getting in touch!');
  assert.equal(await mary.hasEnded(id), 'agent');

  // A message that crossed the end does not reach the live chat, and its action is not left open.
  accepted(await conversation.message('Thanks'));
  await conversation.end(3);
  assert.equal((await mary.hears(id, 3)).length, 3);
});

test('endConversation: the customer leaves', async () => {
  const conversation = await parent.conversation();
  const id = await escalate(conversation, 'Never mind');
  await mary.accept(id);
  await conversation.says('You are now chatting with Mary Moss.');
  // A dialog that is interrupted tells its skill so first.
  accepted(await conversation.cancel());
  accepted(await conversation.event('endConversation', { LiveChatConversationId: id }));
  const end = await until('the end of endConversation', () =>
    conversation.ends().find(({ name }) => name === 'endConversation'),
  );
  assert.equal(end.code, 'completedSuccessfully');
  assert.equal(await mary.hasEnded(id), 'customer');
  await assert.rejects(mary.say(id, 'Too late'));
  assert.ok(!conversation.texts().some((text) => text.includes('Too late')));
});

test('endConversation in the answer, where the parent expects replies', async () => {
  const conversation = await parent.conversation();
  const id = await escalate(conversation, 'Never mind');
  const answer = await conversation.event('endConversation', {}, { deliveryMode: 'expectReplies' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.activities.at(-1).type, 'endOfConversation');
  assert.equal(await mary.hasEnded(id), 'customer');
});

test('a second start returns the session that runs', async () => {
  const conversation = await parent.conversation();
  const id = await escalate(conversation, 'Twice');
  const before = await mary.count();
  accepted(await conversation.event('startConversation'));
  const again = await conversation.end(2);
  assert.equal(again.value.LiveChatConversationId, id);
  assert.equal(await mary.count(), before);
  accepted(await conversation.message('Still the same'));
  assert.deepEqual(await mary.hears(id, 2), ['Twice', 'Still the same']);
});

test('after an end the same conversation starts afresh', async () => {
  const conversation = await parent.conversation();
  const first = await escalate(conversation, 'Once');
  await mary.end(first);
  await conversation.end(2);
  accepted(await conversation.event('startConversation'));
  const { value } = await conversation.end(3);
  assert.notEqual(value.LiveChatConversationId, first);
  await mary.accept(value.LiveChatConversationId);
  await mary.say(value.LiveChatConversationId, 'Hello again');
  await conversation.says('**Mary Moss**: Hello again');
});

test('an event that is no action ends with an error, in both delivery modes', async () => {
  const conversation = await parent.conversation();
  accepted(await conversation.event('bookFlight'));
  assert.equal((await conversation.end(1)).code, 'error');
  const answer = await conversation.event('bookFlight', {}, { deliveryMode: 'expectReplies' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.activities.at(-1).code, 'error');
});

test('two conversations at once do not cross', async () => {
  const [one, two] = [await parent.conversation(), await parent.conversation()];
  const [first, second] = await Promise.all([escalate(one, 'apples'), escalate(two, 'pears')]);
  await Promise.all([mary.say(first, 'about apples'), mary.say(second, 'about pears')]);
  await Promise.all([one.says('**Mary Moss**: about apples'), two.says('**Mary Moss**: about pears')]);
  assert.ok(!one.texts().some((text) => text.includes('pears')));
  assert.ok(!two.texts().some((text) => text.includes('apples')));
  assert.deepEqual(await mary.hears(first, 1), ['apples']);
  assert.deepEqual(await mary.hears(second, 1), ['pears']);
});

test('a health ping, the end of a conversation nobody knows, is taken', async () => {
  accepted(await (await parent.conversation()).cancel());
});
