// Every page: accessible with contrast on, in light and dark, and without scrolling sideways down to 320 px.
import AxeBuilder from '@axe-core/playwright';

import { enter, expect, ready, settings, test } from '../fixtures';

const pages: [name: string, who: string, path: string][] = [
  ['settings of Premium', 'Kestrel Rail', settings('premium')],
  ['settings with lists', 'Meridian Instruments', settings('enterprise')],
  ['settings with a trial', 'Orchard Clinic', settings('trial')],
  ['settings that are held', 'Fernweh Travel', settings('held')],
  ['settings of an exempt organisation', 'St. Brigid', settings('exempt')],
  ['spaces', 'Polder Logistics', `${settings('large')}?app=jira`],
  ['picker', 'Polder Logistics', `${settings('large')}/add?list=include`],
  ['review', 'Kestrel Rail', `${settings('premium')}/review?to=on&target=in-app`],
  ['why', 'Kestrel Rail', `${settings('premium')}/why?target=app%3Ajira`],
  ['history', 'Polder Logistics', `${settings('large')}/history`],
  ['preview', 'Free Harbour Press', '/orgs/free/security/preview'],
  ['what counts as what', 'Kestrel Rail', '/orgs/premium/security/data-types'],
  ['organisations', 'Robin Castellan', '/orgs'],
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

async function accessible(page: import('@playwright/test').Page) {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const told = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(told).toEqual([]);
}
