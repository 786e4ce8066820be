// Typing as people do: on and on, until it shows on the other side. It is told every few seconds at most.
import { expect } from '@playwright/test';

export const typeUntil = (composer, sign) =>
  expect(async () => {
    await composer.pressSequentially('and ');
    await expect(sign).toBeVisible({ timeout: 300 });
  }).toPass({ timeout: 10_000 });
