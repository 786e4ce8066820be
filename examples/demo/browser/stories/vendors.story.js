// With each vendor's live chat: a handover there and back, and what agents can do at this vendor beyond writing.
import { join } from 'node:path';
import { expect, test } from '../house.js';

const picture = (page, name) =>
  page.screenshot({ path: join(process.env.HANDOVER_BROWSER_OUT, `${name}.png`), animations: 'disabled' });
const NOTE = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('Turn it off and on again\n') };

test('a customer is handed to this vendor, helped, and handed back', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const ada = await customer('Ada Byron');
  await ada.escalates('My invoice is wrong');
  await expect(mary.entry('Ada Byron')).toHaveAttribute('data-status', 'waiting');
  await mary.accepts('Ada Byron');

  const talk = [
    [mary, 'Which invoice is it?'],
    [ada, 'Number 4711'],
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
  await expect(ada.from('agent')).toHaveText(talk.filter(([who]) => who === mary).map(([, text]) => text));

  await mary.ends();
  await expect(mary.composer).toBeHidden();
  await expect(ada.status).toHaveAttribute('data-state', 'bot');
  await ada.isWithBot();
});

test('the page offers what agents of this vendor can do, and it reaches the customer', async ({ customer, agent, demo, vendor }) => {
  const { skills } = await (await fetch(`${demo.agent}/desk`)).json();
  const mary = await agent('Mary Moss');
  const part = (id) => mary.page.getByTestId(id);
  const offered = (id, skill) => expect(part(id)).toBeVisible({ visible: skills.includes(skill) });
  const noor = await customer('Noor Aziz');
  await noor.escalates('It does not start');
  await mary.opens('Noor Aziz');

  await offered('place', 'queue');
  if (skills.includes('queue')) {
    await part('place-number').fill('3');
    await part('place-number').press('Enter');
    await expect(mary.standing).toContainText('place 3');
    await expect(part('place-told')).toHaveText('Place 3 is set');
  }
  await picture(mary.page, `${vendor}-waiting`);

  await mary.accepts('Noor Aziz');
  await mary.says('Good morning');
  await expect(noor.lines.last()).toHaveText('Good morning');
  await expect(part('place')).toBeHidden();

  await offered('attach', 'attachments');
  if (skills.includes('attachments')) {
    await mary.sends([NOTE], 'Please read this');
    await expect(mary.page.getByTestId('file-chosen')).toHaveCount(0);
    await expect(mary.messages.last().getByTestId('attachment')).toHaveText('note.txt');
    await expect(noor.page.getByTestId('thread')).toContainText('note.txt');
  }

  await offered('transfer', 'transfer');
  if (skills.includes('transfer')) {
    await part('transfer').click();
    await expect(part('transfer-name')).toBeFocused();
    await mary.page.keyboard.press('Escape');
    await expect(part('transfer')).toBeFocused();
    await mary.page.keyboard.press('Enter');
    await mary.page.keyboard.type('Repairs');
    if (skills.includes('attachments')) await part('file').setInputFiles([NOTE]);
    await picture(mary.page, `${vendor}-transfer`);
    await mary.page.setViewportSize({ width: 390, height: 780 });
    await mary.page.emulateMedia({ colorScheme: 'dark' });
    await picture(mary.page, `${vendor}-transfer-phone`);
    await mary.page.setViewportSize({ width: 1180, height: 800 });
    if (skills.includes('attachments')) await part('files').getByRole('button', { name: 'Remove note.txt' }).click();
    await part('transfer-name').focus();
    await mary.page.keyboard.press('Enter');
    await expect(mary.standing).toContainText('Waiting');
    await expect(part('accept')).toBeFocused();
    await mary.page.keyboard.press('Enter');
    await expect(mary.standing).toHaveText('With you');
    await mary.says('Still here');
    await expect(noor.lines.last()).toHaveText('Still here');
  }
  await mary.ends();
  await expect(noor.status).toHaveAttribute('data-state', 'bot');
});
