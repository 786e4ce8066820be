// Two customers and two live agents at the same time: nothing crosses.
import { expect, test } from '../house.js';

test('two chats at once do not cross', async ({ customer, agent }) => {
  const [lee, kim] = await Promise.all([customer('Lee Park'), customer('Kim Cole')]);
  const [mary, olaf] = await Promise.all([agent('Mary Moss'), agent('Olaf Berg')]);
  await Promise.all([lee.escalates('A problem with apples'), kim.escalates('A problem with pears')]);
  await Promise.all([mary.accepts('Lee Park'), olaf.accepts('Kim Cole')]);

  const chat = async (who, whose, fruit) => {
    await expect(who.problem).toHaveText(`A problem with ${fruit}`);
    const said = [];
    for (let i = 1; i <= 5; i++) {
      await whose.says(`${fruit} asked ${i}`);
      await expect(who.lines.last()).toHaveText(`${fruit} asked ${i}`);
      await who.says(`${fruit} answered ${i}`);
      await expect(whose.lines.last()).toHaveText(`${fruit} answered ${i}`);
      said.push(`${fruit} asked ${i}`, `${fruit} answered ${i}`);
    }
    return said;
  };
  const [apples, pears] = await Promise.all([chat(mary, lee, 'apples'), chat(olaf, kim, 'pears')]);
  await expect(mary.lines).toHaveText(apples);
  await expect(olaf.lines).toHaveText(pears);
  await expect(lee.page.getByTestId('thread')).not.toContainText('pears');
  await expect(kim.page.getByTestId('thread')).not.toContainText('apples');

  // The one end is not the other's.
  await mary.ends();
  await lee.isWithBot();
  await expect(kim.status).toHaveAttribute('data-state', 'live');
  await olaf.says('pears are still here');
  await expect(kim.lines.last()).toHaveText('pears are still here');
  await expect(lee.lines.filter({ hasText: 'pears' })).toHaveCount(0);
  await expect(mary.entry('Kim Cole')).toContainText('With Olaf Berg');
  await olaf.ends();
  await kim.isWithBot();
});

test('one agent answers two customers, each their own', async ({ customer, agent }) => {
  const mary = await agent('Mary Moss');
  const [una, ivo] = await Promise.all([customer('Una Frey'), customer('Ivo Hall')]);
  await una.escalates('Una needs a hand');
  await mary.accepts('Una Frey');
  await ivo.escalates('Ivo needs a hand');
  await mary.accepts('Ivo Hall');

  // What is written and not sent stays with its conversation.
  await mary.composer.fill('A draft for Ivo');
  await una.says('Are you there?');
  await expect(mary.entry('Una Frey').locator('.item-mark')).toHaveText('1');
  await mary.opens('Una Frey');
  await expect(mary.composer).toHaveValue('');
  await mary.says('I am, Una');
  await mary.opens('Ivo Hall');
  await expect(mary.composer).toHaveValue('A draft for Ivo');
  await mary.composer.press('Enter');

  await expect(una.from('agent')).toHaveText(['I am, Una']);
  await expect(ivo.from('agent')).toHaveText(['A draft for Ivo']);
  await mary.ends();
  await mary.opens('Una Frey');
  await mary.ends();
});
