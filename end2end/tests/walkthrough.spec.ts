// The walk-through: five steps by links and by keys, with and without scripts; what is typed comes into no address.
import { expect, ready, test } from '../fixtures';

const TITLES = [
  'An admin decides what may leave',
  'Each field is sorted',
  'Marks of people are replaced',
  'Only what many share is learned',
  'What was learned helps with the next item',
];

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled, viewport: { width: 1280, height: 720 } });

    test('the steps lead on and back, and each fits the screen', async ({ page, address }) => {
      await page.goto(`${address}/walkthrough`);
      await ready(page, javaScriptEnabled);
      for (const [at, title] of TITLES.entries()) {
        await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
        await expect(page.locator('[aria-current=step]')).toHaveText(new RegExp(`^${at + 1}`));
        if (at > 0) expect(new URL(page.url()).searchParams.get('step')).toBe(String(at + 1));
        const below = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
        expect(below, `step ${at + 1} scrolls`).toBeLessThanOrEqual(0);
        if (at < 4) await page.getByRole('link', { name: /^Next/ }).click();
      }
      await page.getByRole('link', { name: /^Back/ }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLES[3]);
    });

    test('a switch that is tried changes what leaves, and nothing is saved', async ({ page, address }) => {
      await page.goto(`${address}/walkthrough`);
      await ready(page, javaScriptEnabled);
      await page.getByRole('link', { name: 'Premium' }).click();
      await expect(page.getByText('Of this item only metadata leaves.')).toBeVisible();
      await page.getByRole('link', { name: 'Turn on In-app data' }).click();
      await expect(page.getByText('Of this item metadata leaves, and what people wrote')).toBeVisible();
      await page.goto(`${address}/walkthrough?plan=premium`);
      await expect(page.getByText('Of this item only metadata leaves.')).toBeVisible();
    });

    test('what is typed is washed and comes into no address', async ({ page, address }) => {
      await page.goto(`${address}/walkthrough`);
      await ready(page, javaScriptEnabled);
      await page.getByRole('link', { name: 'Type your own' }).click();
      await page.getByLabel('Title').fill('Printer of Marguerite Okonjo-Bell is offline');
      await page.getByLabel('Description').fill('Write to marguerite@northquay.example.');
      await page.getByRole('button', { name: 'Use this item' }).click();
      await expect(page.getByText('Printer of Marguerite Okonjo-Bell is offline').first()).toBeVisible();
      for (const name of [/^Next/, /^Next/]) {
        await page.getByRole('button', { name }).click();
        expect(page.url()).not.toMatch(/printer|marguerite|title/i);
      }
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLES[2]);
      await expect(page.getByText('[EMAIL_1]')).toBeVisible();
      expect((await page.locator('.walk-leaving').allTextContents()).join(' ')).not.toContain('Marguerite');
      await page.getByRole('button', { name: /^Back/ }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLES[1]);
    });
  });
}

test.describe('in German', () => {
  test.use({ locale: 'de-DE', viewport: { width: 1280, height: 720 } });

  test('each step fits the screen', async ({ page, address }) => {
    for (const step of [1, 2, 3, 4, 5]) {
      await page.goto(`${address}/walkthrough?step=${step}`);
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
      const below = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
      expect(below, `step ${step} scrolls`).toBeLessThanOrEqual(0);
    }
  });
});

test('a typed item that gets no answer is still there, and nobody says it was saved', async ({ page, address, context }) => {
  await page.goto(`${address}/walkthrough?edit=on`);
  await ready(page, true);
  const title = page.getByLabel('Title');
  await title.fill('Printer of Marguerite Okonjo-Bell is offline');
  await context.route('**/walkthrough*', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Use this item' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'What you typed is still here: try again.' })).toBeVisible();
  await expect(page.locator('#announcer')).not.toContainText('Saving');
  await expect(title).toHaveValue('Printer of Marguerite Okonjo-Bell is offline');
  await context.unroute('**/walkthrough*');
  await page.getByRole('button', { name: 'Use this item' }).click();
  await expect(page.getByText('Printer of Marguerite Okonjo-Bell is offline').first()).toBeVisible();
});

test('the arrow keys go on and back, but not out of a field', async ({ page, address }) => {
  await page.goto(`${address}/walkthrough`);
  await ready(page, true);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLES[1]);
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLES[0]);
  await page.getByRole('link', { name: 'Type your own' }).click();
  await page.getByLabel('Title').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLES[0]);
});

test('nothing moves for who asked for that', async ({ page, address }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`${address}/walkthrough?step=4`);
  await ready(page, true);
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
});
