// The ledger and removal: without scripts and by keyboard. The demo's large, standard and free organisations have contributed, and
// standard has taken something back.
import { enter, expect, ready, test } from '../fixtures';

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
