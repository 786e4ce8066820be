// The whole way: from the bot to a live agent, there and back in words, and back to the bot.
import { ASK, GREETING } from '../customer.js';
import { expect, test } from '../house.js';
import { typeUntil } from '../typing.js';

test('a customer is handed to a live agent, helped, and handed back', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const ada = await customer('Ada Byron');

  await ada.escalates('My invoice is wrong');
  await expect(ada.from('bot').last()).toHaveText(/^Starting conversation ".+" to Contoso Live Chat$/);
  const entry = mary.entry('Ada Byron');
  await expect(entry).toHaveAttribute('data-status', 'waiting');
  await expect(entry).toContainText('My invoice is wrong');

  await mary.accepts('Ada Byron');
  await expect(mary.problem).toHaveText('My invoice is wrong');
  const turns = mary.page.getByTestId('transcript').getByRole('listitem');
  await expect(turns).toContainText([GREETING, ASK, 'Please briefly explain your problem:', 'My invoice is wrong']);
  await expect(ada.lines.last()).toHaveText('You are now chatting with Mary Moss.');
  // The gateway says so, not the live agent.
  await expect(ada.from('agent')).toHaveCount(0);

  const talk = [
    [mary, 'Good morning, this is Mary'],
    [mary, 'Which invoice is it?'],
    [ada, 'Number 4711'],
    [ada, 'It says 120 instead of 12'],
    [mary, 'I see it'],
    [ada, 'Can you mend it?'],
    [mary, 'Done: you get a new one'],
  ];
  for (const [who, text] of talk) {
    await who.says(text);
    // The next one answers to it.
    const other = who === mary ? ada : mary;
    await expect(other.lines.last()).toHaveText(text);
  }
  const words = talk.map(([, text]) => text);
  // The problem was told with the start, and not a second time as a message.
  await expect(mary.lines).toHaveText(words);
  await expect(ada.from('agent')).toHaveText(talk.filter(([who]) => who === mary).map(([, text]) => text));
  const seen = await ada.lines.allTextContents();
  expect(seen.slice(-words.length)).toEqual(words);
  for (const [, text] of talk.filter(([who]) => who === mary)) {
    await expect(mary.message(text)).toHaveAttribute('data-status', 'delivered');
  }

  await mary.ends();
  await expect(mary.composer).toBeHidden();
  await expect(ada.status).toHaveAttribute('data-state', 'bot');
  const told = (await ada.lines.allTextContents()).slice(seen.length);
  expect(told).toEqual([
    'The chat was closed. Thank you for getting in touch!',
    'The live chat has ended; you are talking to Contoso Agent again.',
  ]);
  await ada.isWithBot();
  await expect(mary.lines).toHaveText(words);
});

test('each sees that the other is typing', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const noor = await customer('Noor Aziz');
  await noor.escalates('A question about typing');
  await mary.accepts('Noor Aziz');

  await typeUntil(noor.composer, mary.typing);
  await expect(mary.typing).toHaveText('Noor Aziz is typing');
  await noor.says('Let me think');
  await expect(mary.lines.last()).toHaveText('Let me think');
  await expect(mary.typing).toBeHidden();

  await mary.says('Take your time');
  await expect(noor.lines.last()).toHaveText('Take your time');
  await typeUntil(mary.composer, noor.typing);
  await expect(noor.typing).toContainText('Mary Moss is typing');
  await mary.says('I am here');
  await expect(noor.lines.last()).toHaveText('I am here');
  await expect(noor.typing).toBeHidden();
  await mary.ends();
});
