// Every page: accessible with contrast on, in light and dark, and without scrolling sideways down to 320 px.
import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';

import { enter, expect, ready, settings, test } from '../fixtures';

const pages: [name: string, who: string, path: string][] = [
  ['settings of Premium', 'Kestrel Rail', settings('premium')],
  ['settings with lists', 'Meridian Instruments', settings('enterprise')],
  ['settings with a trial', 'Orchard Clinic', settings('trial')],
  ['settings that are held', 'Fernweh Travel', settings('held')],
  ['settings of an exempt organisation', 'St. Brigid', settings('exempt')],
  ['spaces', 'Sanne de Wit', `${settings('large')}?app=jira`],
  ['picker', 'Sanne de Wit', `${settings('large')}/add?list=include`],
  ['review', 'Kestrel Rail', `${settings('premium')}/review?to=on&target=in-app`],
  ['why', 'Kestrel Rail', `${settings('premium')}/why?target=app%3Ajira`],
  ['history', 'Sanne de Wit', `${settings('large')}/history`],
  ['preview', 'Free Harbour Press', '/orgs/free/security/preview'],
  ['preview with drafts', 'Free Harbour Press', '/orgs/free/security/preview?sample=work-item&removed=Rotterdam&kept=Yusuf+Demir'],
  ['preview for an auditor', 'Femke Bos', '/orgs/large/security/preview'],
  ['terms', 'Free Harbour Press', '/orgs/free/security/terms'],
  ['people', 'Free Harbour Press', '/orgs/free/security/people'],
  ['people for an auditor', 'Femke Bos', '/orgs/large/security/people'],
  ['ledger', 'Sanne de Wit', '/orgs/large/ledger'],
  ['ledger for an auditor', 'Femke Bos', '/orgs/large/ledger?from=2026-09-01&to=2026-11-20'],
  ['ledger that is empty', 'Kestrel Rail', '/orgs/premium/ledger'],
  ['ledger with a fault', 'Sanne de Wit', '/orgs/large/ledger?from=yesterday'],
  ['removal', 'Northlight Bakery', '/orgs/standard/removal'],
  ['removal that is empty', 'Kestrel Rail', '/orgs/premium/removal'],
  ['audit log', 'Meridian Instruments', '/orgs/enterprise/security/audit'],
  ['audit log with faults', 'Femke Bos', '/orgs/large/security/audit?q=colour:red'],
  ['evidence', 'Femke Bos', '/orgs/large/security/evidence?on=2026-11-01'],
  ['support access', 'Sanne de Wit', '/orgs/large/security/support'],
  ['support desk', 'Robin Castellan', '/support?q=polder'],
  ['door of an organisation', 'Robin Castellan', '/support/orgs/large'],
  ['roles', 'Sanne de Wit', '/orgs/large/security/access'],
  ['API keys', 'Sanne de Wit', '/orgs/large/security/keys'],
  ['API reference', 'Sanne de Wit', '/api'],
  ['actions of the audit log', 'Sanne de Wit', '/api/actions'],
  ['safeguards', 'Sanne de Wit', '/orgs/large/safeguards'],
  ['safeguards of an organisation that removes', 'Northlight Bakery', '/orgs/standard/safeguards'],
  ['safeguards for everyone', 'Sanne de Wit', '/safeguards'],
  ['walk-through, settings', 'Sanne de Wit', '/walkthrough'],
  ['walk-through, an item is typed', 'Sanne de Wit', '/walkthrough?edit=on&names=hidden'],
  ['walk-through, classify', 'Sanne de Wit', '/walkthrough?step=2&item=lost-connection'],
  ['walk-through, de-identify', 'Sanne de Wit', '/walkthrough?step=3&item=wrong-tax'],
  ['walk-through, patterns', 'Sanne de Wit', '/walkthrough?step=4'],
  ['walk-through, suggestions', 'Sanne de Wit', '/walkthrough?step=5'],
  ['patterns', 'Sanne de Wit', '/patterns'],
  ['without us', 'Northlight Bakery', '/orgs/standard/impact'],
  ['walk-through, the text stays', 'Sanne de Wit', '/walkthrough?step=3&plan=premium'],
  ['account', 'Sanne de Wit', '/account'],
  ['spaces of a member', 'Joris Kuipers', '/orgs/large/spaces?q=web'],
  ['what counts as what', 'Kestrel Rail', '/orgs/premium/security/data-types'],
  ['organisations', 'Sanne de Wit', '/orgs'],
  ['not found', 'Kestrel Rail', '/orgs/free/security/data-contribution'],
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('sign-in is accessible', async ({ page, address }) => {
      await page.goto(`${address}/sign-in`);
      await ready(page, true);
      await accessible(page);
    });

    for (const [name, who, path] of pages) {
      test(`${name} is accessible`, async ({ page, address }) => {
        // It is by far the longest page, and every element of it is looked at.
        if (name === 'API reference') test.slow();
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

// German words are longer. Whoever asks for German gets it without having to choose.
test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  for (const [name, who, path] of pages) {
    // The reference of the API is in English, and long.
    if (name === 'API reference') continue;
    test(`${name} has room`, async ({ page, address }) => {
      await page.setViewportSize({ width: 1280, height: 900 });
      await enter(page, address, who, path);
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(beyond, `scrolls sideways at ${width} px`).toBeLessThanOrEqual(0);
      }
    });
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`an upload, ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('its items, a card, its scorecard and what is left are accessible', async ({ page, address }) => {
      await page.setViewportSize({ width: 1280, height: 900 });
      await enter(page, address, 'Free Harbour Press', '/orgs/free/security/preview');
      await ready(page, true);
      await page.getByLabel(/Export: JSON/).setInputFiles(join(__dirname, '../files/items.json'));
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await expect(page.getByText('Items 1 to 10 of 24', { exact: true })).toBeVisible();
      await page.locator('button.finding').first().click();
      await expect(page.locator('.finding-card:popover-open')).toBeVisible();
      await accessible(page);
      const held = page.url();
      for (const path of [held, `${held}/scorecard`]) {
        await page.goto(path);
        await accessible(page);
        for (const width of [390, 320]) {
          await page.setViewportSize({ width, height: 844 });
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${path} scrolls sideways at ${width} px`).toBeLessThanOrEqual(0);
        }
        await accessible(page);
        await page.setViewportSize({ width: 1280, height: 900 });
      }
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.goto(held);
      await accessible(page);
    });
  });
}

async function accessible(page: import('@playwright/test').Page) {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const told = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(told).toEqual([]);
}
