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
  await page.getByLabel(/Export: JSON/).setInputFiles({
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

test('a word that is selected in the text becomes a draft, and the page stays in place', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', '/orgs/free/security/preview');
  await ready(page, true);
  await page.evaluate(() => ((window as any).mark = 'still here'));
  const written = page.getByRole('group', { name: 'Description' }).locator('.as-written').filter({ hasText: 'Rotterdam' });
  await written.scrollIntoViewIfNeeded();
  await written.evaluate((element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent!.indexOf('Rotterdam');
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 'Rotterdam'.length);
      getSelection()!.removeAllRanges();
      getSelection()!.addRange(range);
    }
    element.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
  });
  const bar = page.getByRole('form', { name: 'Terms to try' });
  await expect(bar.getByRole('textbox')).toHaveValue('Rotterdam');
  await expect(bar).toContainText('“Rotterdam” is taken from the text.');
  await bar.getByRole('button', { name: 'Always remove' }).click();
  await expect(bar).toContainText('1 draft term');
  await expect(page.locator('.as-leaving .drafted').first()).toHaveText(/\[TERM_\d\]/);
  expect(await page.evaluate(() => (window as any).mark)).toBe('still here');
});

test('a finding under the pointer opens its card, and a press keeps it open', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', '/orgs/free/security/preview');
  await ready(page, true);
  const finding = page.locator('button.finding').first();
  await finding.scrollIntoViewIfNeeded();
  await finding.hover();
  const card = page.locator('.finding-card:popover-open');
  await expect(card).toBeVisible();
  await page.mouse.move(5, 300);
  await page.locator('#shown').hover();
  await expect(card).toHaveCount(0);
  await finding.hover();
  await finding.click();
  await page.locator('#shown').hover();
  await expect(card).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(card).toHaveCount(0);
});
