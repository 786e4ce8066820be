// The simulation's controls: faults, switches, who is who, and the way to the recorded traffic.
const byId = (id) => document.getElementById(id);
const dialog = byId('lab');
const form = byId('fault');
const titles = Object.fromEntries([...form.mode.options].map((option) => [option.value, option.textContent]));

async function ask(path, body) {
  const response = await fetch(path, body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

byId('lab-open').addEventListener('click', () => {
  dialog.showModal();
  refresh();
});
byId('lab-close').addEventListener('click', () => dialog.close());
// A click on what lies behind the dialog hits the dialog element itself.
dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
dialog.addEventListener('close', refreshFaults);

async function refresh() {
  await refreshFaults();
  const switches = await ask('/api/switches');
  for (const box of byId('switches').querySelectorAll('input')) box.checked = switches[box.name];
  const about = await ask('/api/about');
  byId('about').replaceChildren(
    ...[
      ['Skill', about.skillUrl],
      ['Runtime', about.serviceUrl],
      ['Connector', about.connectorUrl],
      ['Skill app id', about.skillAppId],
      ['Agent app id', about.agentAppId],
      ['Tenant', about.tenantId],
    ].flatMap(([term, value]) => [element('dt', term), element('dd', value)]),
  );
}

async function refreshFaults() {
  showFaults(await ask('/api/faults').catch(() => []));
}

function showFaults(faults) {
  byId('lab-open').classList.toggle('faulty', faults.length > 0);
  byId('faults').replaceChildren(
    ...faults.map((fault) => {
      const count = fault.count ? `, next ${fault.count}` : '';
      const where = fault.target === 'connector' ? 'Teams' : 'Runtime';
      return element('li', `${where}: ${titles[fault.mode]}${count}${fault.conversationId ? ', one conversation' : ''}`);
    }),
  );
}

form.mode.addEventListener('change', () => {
  for (const label of form.querySelectorAll('[data-for]')) label.hidden = label.dataset.for !== form.mode.value;
});

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { target, mode, delayMs, retryAfterSeconds, count } = form;
  showFaults(
    await ask('/api/faults', {
      target: target.value,
      mode: mode.value,
      delayMs: Number(delayMs.value || 0),
      retryAfterSeconds: Number(retryAfterSeconds.value || 0),
      ...(count.value && { count: Number(count.value) }),
    }),
  );
});

byId('fault-clear').addEventListener('click', async () => {
  showFaults(await ask('/api/faults', { target: 'both', mode: 'none' }));
});

byId('switches').addEventListener('change', (event) => {
  ask('/api/switches', { [event.target.name]: event.target.checked });
});

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

export const lab = {
  /** Which conversation the recorded traffic is about. */
  conversation(id) {
    byId('wire').href = `/api/wire?conversationId=${encodeURIComponent(id)}`;
  },
};

refreshFaults();
