// What scripts add: nothing reloads, the focus stays, and the keyboard is enough.
import { enter, expect, ready, settings, test } from '../fixtures';

const inApp = { name: 'In-app data of the organisation' };

test('no action loads the page anew, and the back button works', async ({ page, address }) => {
  await enter(page, address, 'Kestrel Rail', settings('premium'));
  await ready(page, true);
  await page.evaluate(() => ((window as any).mark = 'still here'));
  const still = () => page.evaluate(() => (window as any).mark);

  await page.getByRole('switch', inApp).click();
  await page.getByLabel('Reason').fill('Agreed');
  await page.getByLabel('This is for the whole organisation').fill('Kestrel Rail');
  await expect(page.getByText('It matches.')).toBeVisible();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('switch', inApp)).toBeChecked();
  await page.getByRole('switch', inApp).click();
  await expect(page.locator('#flag')).toContainText('Turned off: In-app data.');
  await page.getByRole('link', { name: 'Preview' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Preview' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Data contribution' })).toBeVisible();
  expect(await still()).toBe('still here');
});

test('the keyboard alone turns something off and back on', async ({ page, address }) => {
  await enter(page, address, 'Meridian Instruments', settings('enterprise'));
  await ready(page, true);
  await page.reload();
  await ready(page, true);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  const metadata = page.getByRole('switch', { name: 'Metadata of the organisation' });
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab');
    if (await metadata.evaluate((control) => control === document.activeElement)) break;
  }
  await expect(metadata).toBeFocused();
  await page.keyboard.press('Space');
  await expect(metadata).not.toBeChecked();
  await expect(metadata).toBeFocused();
  await expect(page.locator('#announcer')).toContainText('Turned off: Metadata.');
});

test('choices are counted and chosen together', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', `${settings('free')}/add?list=exclude`);
  await ready(page, true);
  await expect(page.getByText('0 chosen')).toBeVisible();
  await page.getByRole('button', { name: 'Choose all shown' }).click();
  await expect(page.getByText('11 chosen')).toBeVisible();
  await page.getByRole('checkbox', { name: /Website/ }).uncheck();
  await expect(page.getByText('10 chosen')).toBeVisible();
});

test('a file that is too large is told before it is sent', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', '/orgs/free/security/preview');
  await ready(page, true);
  await page.getByLabel(/Jira export/).setInputFiles({
    name: 'large.json',
    mimeType: 'application/json',
    buffer: Buffer.alloc(21 * 1024 * 1024, ' '),
  });
  await expect(page.getByText('21 MB is more than 20 MB.')).toBeVisible();
});

test('the switch shows the old state until the server has answered', async ({ page, address, context }) => {
  await enter(page, address, 'Meridian Instruments', settings('enterprise'));
  await ready(page, true);
  const metadata = page.getByRole('switch', { name: 'Metadata of the organisation' });
  await context.route('**/change', async (route) => {
    await new Promise((done) => setTimeout(done, 700));
    await route.continue();
  });
  await metadata.click();
  await expect(metadata).toHaveAttribute('aria-busy', 'true');
  await expect(metadata).toBeChecked();
  await expect(metadata).not.toBeChecked();
});

test('a change without an answer is not sent again', async ({ page, address, context }) => {
  await enter(page, address, 'Meridian Instruments', settings('enterprise'));
  await ready(page, true);
  let sent = 0;
  await context.route('**/change', async (route) => {
    sent += 1;
    await route.fetch({ maxRedirects: 0 });
    await route.abort();
  });
  await page.getByRole('switch', { name: 'Metadata of the organisation' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'It is not certain whether this was saved' })).toBeVisible();
  expect(sent).toBe(1);
  await context.unroute('**/change');
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Metadata of the organisation' })).not.toBeChecked();
});
