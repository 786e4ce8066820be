// What no page may do, whatever it is shown: run foreign script, break its own policy, fail, open a dialog.

/** Watches all pages of a browser context; what goes wrong is added to `problems`. */
export async function watch(context, who, problems) {
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`policy violated: ${violatedDirective} ${blockedURI}`);
    });
  });
  context.on('dialog', (dialog) => {
    problems.push(`${who}: a dialog opened: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on('weberror', (error) => problems.push(`${who}: ${error.error().stack ?? error.error()}`));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${who}: ${message.text()} ${message.location().url}`);
  });
}
