// The ledger and removal: with and without scripts, by keyboard, narrow, and accessible. The demo's large, standard and free
// organisations have contributed, and standard has taken something back.
import AxeBuilder from '@axe-core/playwright';

import { enter, expect, ready, test } from '../fixtures';

const pages: [name: string, who: string, path: string][] = [
  ['ledger', 'Sanne de Wit', '/orgs/large/ledger'],
  ['ledger of an auditor', 'Femke Bos', '/orgs/large/ledger?from=2026-09-01&to=2026-11-20'],
  ['ledger that is empty', 'Kestrel Rail', '/orgs/premium/ledger'],
  ['ledger with a fault', 'Sanne de Wit', '/orgs/large/ledger?from=yesterday'],
  ['removal', 'Northlight Bakery', '/orgs/standard/removal'],
  ['removal that is empty', 'Kestrel Rail', '/orgs/premium/removal'],
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const [name, who, path] of pages) {
      test(`${name} is accessible`, async ({ page, address }) => {
        await page.setViewportSize({ width: 1280, height: 900 });
        await enter(page, address, who, path);
        await ready(page, true);
        await accessible(page);
        for (const width of [390, 320]) {
          await page.setViewportSize({ width, height: 844 });
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `scrolls sideways at ${width} px`).toBeLessThanOrEqual(0);
        }
        await accessible(page);
      });
    }
  });
}

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a period is chosen, a table unfolded, and the newest records are opened', async ({ page, address }) => {
    await enter(page, address, 'Free Harbour Press', '/orgs/free/ledger');
    await expect(page.getByRole('img', { name: /Records contributed by day/ })).toBeVisible();
    await page.getByText('By day, as a table').click();
    await expect(page.getByRole('region', { name: 'By day, as a table' })).toBeVisible();
    await page.getByRole('link', { name: '7 days' }).click();
    await expect(page.getByText('in the last 7 days')).toBeVisible();
    await page.getByLabel('What for', { exact: true }).selectOption('own-review');
    await page.getByRole('button', { name: 'Open the newest records' }).click();
    await expect(page.locator('#flag')).toContainText('Your audit log says so.');
    await expect(page.getByText('quay.example')).toHaveCount(0);
    await page.goto(`${address}/orgs/free/ledger`);
    await expect(page.getByRole('region', { name: 'Who read it, and what for' })).toContainText('The organisation looks at its own');
  });

  test('a receipt is taken away', async ({ page, address }) => {
    await enter(page, address, 'Northlight Bakery', '/orgs/standard/removal');
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: /^Receipt/ }).first().click();
    expect((await waiting).suggestedFilename()).toBe('standard-receipt.txt');
  });
});

test('the keyboard alone chooses a period', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', '/orgs/free/ledger');
  await ready(page, true);
  await page.getByRole('link', { name: '90 days' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: '90 days' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByText('in the last 90 days')).toBeVisible();
});

async function accessible(page: import('@playwright/test').Page) {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const told = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(told).toEqual([]);
}
