// What an admin does. Every flow runs with scripts, without them, and on a narrow screen.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { enter, expect, ready, settings, test } from '../fixtures';

const files = join(__dirname, '../files');
const metadata = { name: 'Metadata of the organisation' };
const inApp = { name: 'In-app data of the organisation' };

test('sharing is reviewed, protecting is instant, and undo brings it back', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Kestrel Rail', settings('premium'));
  await ready(page, javaScriptEnabled);
  await expect(page.getByText('Right now, metadata leaves from 3 apps and 8 platform apps. No in-app data leaves.')).toBeVisible();

  await page.getByRole('switch', inApp).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Review changes' })).toBeVisible();
  expect(page.url()).toContain('/review?to=on&target=in-app');
  await expect(page.getByText('In-app data of Jira, with 7 spaces')).toBeVisible();

  await page.getByLabel('Reason').fill('Board decision 12');
  await page.getByLabel('This is for the whole organisation').fill('Kestrel');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText("Type the organisation's name, Kestrel Rail");
  await expect(page.getByLabel('Reason')).toHaveValue('Board decision 12');

  await page.getByLabel('This is for the whole organisation').fill('Kestrel Rail');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.locator('#flag')).toContainText('Turned on: In-app data.');
  await expect(page.getByRole('switch', inApp)).toBeChecked();
  await expect(page.getByText('in-app data leaves from all 13 spaces and all 8 platform apps')).toBeVisible();

  await page.getByRole('switch', inApp).click();
  await expect(page.locator('#flag')).toContainText('Turned off: In-app data.');
  await expect(page.getByRole('switch', inApp)).not.toBeChecked();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('#flag')).toContainText('Put back: In-app data.');
  await expect(page.getByRole('switch', inApp)).toBeChecked();

  await page.getByRole('link', { name: 'History', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
  await expect(page.getByText('Board decision 12')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Amara Nwosu' })).toHaveCount(3);
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('whoever asks for German decides in German, and may choose otherwise', async ({ page, address, javaScriptEnabled }) => {
    const own = { name: 'In-App-Daten der Organisation' };
    await enter(page, address, 'Kestrel Rail', settings('premium'));
    await ready(page, javaScriptEnabled);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await page.getByRole('switch', own).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Änderungen prüfen' })).toBeVisible();
    await page.getByLabel('Begründung').fill('Beschluss 12');
    await page.getByLabel('Dies gilt für die ganze Organisation').fill('Kestrel Rail');
    await page.getByRole('button', { name: 'Bestätigen' }).click();
    await expect(page.locator('#flag')).toContainText('Eingeschaltet: In-App-Daten.');
    await page.getByRole('button', { name: 'Rückgängig' }).click();
    await expect(page.locator('#flag')).toContainText('Zurückgenommen: In-App-Daten.');
    await expect(page.getByRole('switch', own)).not.toBeChecked();

    await page.goto(`${address}/account`);
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await page.goto(address + settings('premium'));
    await expect(page.getByRole('switch', inApp)).not.toBeChecked();
  });
});

test('a locked switch says why and what unlocks it', async ({ page, address }) => {
  await enter(page, address, 'Northlight Bakery', settings('standard'));
  const locked = page.getByRole('switch', metadata);
  await expect(locked).toBeChecked();
  await expect(locked).toHaveAttribute('aria-disabled', 'true');
  await locked.focus();
  await expect(locked).toBeFocused();
  await expect(locked).toHaveAccessibleDescription(/Fixed on Standard since 16 Apr 2026. Enterprise can turn this off./);
});

test('Enterprise turns metadata off at once', async ({ page, address }) => {
  await enter(page, address, 'Meridian Instruments', settings('enterprise'));
  await page.getByRole('switch', metadata).click();
  await expect(page.locator('#flag')).toContainText('Turned off: Metadata.');
  await expect(page.getByRole('switch', metadata)).not.toBeChecked();
});

test('an exempt organisation has nothing to decide', async ({ page, address }) => {
  await enter(page, address, 'St. Brigid', settings('exempt'));
  await expect(page.getByText('Nothing leaves.')).toBeVisible();
  await expect(page.getByRole('switch', inApp)).toHaveAccessibleDescription(/HIPAA/);
  await expect(page.getByRole('link', { name: 'Add…' })).toHaveCount(0);
});

test('what is held is decided by the admin', async ({ page, address }) => {
  await enter(page, address, 'Fernweh Travel', settings('held'));
  await expect(page.getByText('Nothing leaves.')).toBeVisible();
  await expect(page.getByText('Would have turned on when the Enterprise trial ended on 3 Oct 2026.').first()).toBeVisible();
  const row = page.getByRole('listitem').filter({ has: page.getByRole('switch', inApp) });
  await row.getByRole('button', { name: 'Keep off' }).click();
  await expect(page.locator('#flag')).toContainText('Turned off: In-app data.');
  await expect(row.getByRole('button', { name: 'Keep off' })).toHaveCount(0);

  const held = page.getByRole('listitem').filter({ has: page.getByRole('switch', metadata) });
  await held.getByRole('button', { name: 'Review turning on' }).click();
  await page.getByLabel('Reason').fill('Legal has read the terms');
  await page.getByLabel('This is for the whole organisation').fill('Fernweh Travel');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('switch', metadata)).toBeChecked();
  await expect(page.getByRole('switch', metadata)).toHaveAttribute('aria-disabled', 'true');
});

test('the include list takes spaces, apps and connectors in one go', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Meridian Instruments', settings('enterprise'));
  await ready(page, javaScriptEnabled);
  await page.getByRole('link', { name: 'Add…' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Include in-app data' })).toBeVisible();
  await page.getByLabel('Search', { exact: true }).fill('website');
  await page.getByLabel('Search', { exact: true }).press('Enter');
  await expect(page.getByText('Mobile apps (MOBILE)')).toHaveCount(0);
  await page.getByRole('checkbox', { name: /Website/ }).check();
  const connectors = page.getByRole('button', { name: 'Teamwork Graph connectors' });
  await connectors.click();
  await expect(connectors).toHaveAttribute('aria-current', 'true');
  await expect(page.getByText('Website (WEB)')).toBeVisible();
  await page.getByLabel('Search', { exact: true }).fill('');
  await page.getByLabel('Search', { exact: true }).press('Enter');
  await expect(page.getByRole('checkbox', { name: /Team chat/ })).toBeDisabled();
  await page.getByRole('checkbox', { name: /Drive/ }).check();
  await page.getByRole('button', { name: 'Review including chosen' }).click();
  await expect(page.getByText('In-app data of 1 space in Jira')).toBeVisible();
  await expect(page.getByText('In-app data of 1 connector')).toBeVisible();
  await page.getByLabel('Reason').fill('Public content');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.locator('#flag')).toContainText('Turned on: 2 settings.');
  const list = page.getByRole('region', { name: 'Include list' });
  await expect(list.getByText('Website (WEB)', { exact: true })).toBeVisible();

  await list.locator('summary', { hasText: 'More about Website' }).click();
  await list.getByRole('button', { name: 'Remove entry' }).and(page.locator(':visible')).click();
  await expect(page.locator('#flag')).toContainText('Entry removed: Jira › Website (WEB).');
  await expect(list.getByText('Website (WEB)')).toHaveCount(0);
});

test('the exclude list applies at once', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', settings('free'));
  await page.getByRole('link', { name: 'Add…' }).click();
  await page.getByRole('checkbox', { name: /Human Resources/ }).check();
  await page.getByRole('checkbox', { name: /Legal requests/ }).check();
  await page.getByRole('button', { name: 'Exclude chosen' }).click();
  await expect(page.locator('#flag')).toContainText('Turned off: 2 settings.');
  await expect(page.getByRole('region', { name: 'Exclude list' }).getByText('2 of 7 spaces')).toBeVisible();
  await expect(page.getByText('in-app data leaves from 9 of 11 spaces')).toBeVisible();
});

test('400 spaces are searched, filtered, sorted, paged and changed together', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Sanne de Wit', settings('large'));
  await ready(page, javaScriptEnabled);
  await page.getByRole('link', { name: 'Show spaces of Jira', exact: true }).click();
  await expect(page.getByText('180 of 180 spaces')).toBeVisible();
  await page.getByRole('navigation', { name: 'Pages of the spaces' }).getByRole('link', { name: 'Next' }).click();
  await expect(page.getByText('Page 2 of 8')).toBeVisible();

  await page.locator('select[name=show]').selectOption('With an entry');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('3 of 180 spaces')).toBeVisible();
  expect(page.url()).toContain('show=exceptions');

  await page.getByRole('checkbox', { name: /Mobile apps/ }).check();
  await page.getByRole('checkbox', { name: /Website/ }).check();
  await page.getByRole('button', { name: 'Turn off selected' }).click();
  await expect(page.locator('#flag')).toContainText('Turned off: 2 settings.');
  expect(page.url()).toContain('show=exceptions');
  await expect(page.getByRole('switch', { name: 'In-app data of Website (WEB)' })).not.toBeChecked();

  await page.getByLabel('Search spaces').fill('no such space');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('No space of Jira matches.')).toBeVisible();
});

test('two tabs never overwrite each other', async ({ page, address, context }) => {
  await enter(page, address, 'Meridian Instruments', settings('enterprise'));
  const other = await context.newPage();
  await other.goto(address + settings('enterprise'));
  await page.getByRole('switch', metadata).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('#flag')).toContainText('Put back: Metadata.');

  await other.getByRole('switch', metadata).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Two changes met' })).toBeVisible();
  await expect(other.getByRole('row', { name: 'Metadata Not set Off' })).toBeVisible();
  await other.getByRole('button', { name: 'Use mine' }).click();
  await expect(other.locator('#flag')).toContainText('Turned off: Metadata.');
});

test('a review of settings that moved on is shown again', async ({ page, address, context }) => {
  await enter(page, address, 'Kestrel Rail', `${settings('premium')}/review?to=on&target=app%3Ajira`);
  const other = await context.newPage();
  await other.goto(`${address}${settings('premium')}/review?to=on&target=app%3Aconfluence`);
  await other.getByLabel('Reason').fill('Handbook');
  await other.getByRole('button', { name: 'Confirm' }).click();
  await expect(other.locator('#flag')).toContainText('Turned on: Confluence.');

  await page.getByLabel('Reason').fill('Engineering');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('The settings changed while you were reviewing.');
  await expect(page.getByLabel('Reason')).toHaveValue('Engineering');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.locator('#flag')).toContainText('Turned on: Jira.');
});

test('an earlier change is reverted through the history', async ({ page, address }) => {
  await enter(page, address, 'Sanne de Wit', `${settings('large')}/history`);
  await page.getByRole('button', { name: 'Revert change 2' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Review changes' })).toBeVisible();
  await expect(page.getByRole('row', { name: /Public API \(API\) Off On/ })).toBeVisible();
  await page.getByLabel('Reason').fill('It was public all along');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('It was public all along')).toBeVisible();
  await expect(page.getByText('takes back an earlier change')).toBeVisible();
});

test('every row says why', async ({ page, address }) => {
  await enter(page, address, 'Meridian Instruments', `${settings('enterprise')}/why?target=space%3Aconfluence%2FPEOPLE`);
  const inAppWhy = page.getByRole('region', { name: 'In-app data' });
  await expect(inAppWhy.getByRole('listitem').last()).toContainText('Its own entry: off since');
  await expect(inAppWhy.getByRole('listitem').last()).toContainText('This decided');
  await expect(page.getByRole('region', { name: 'Metadata' }).getByRole('listitem').last()).toContainText('On: the default of Enterprise.');
});

const preview = '/orgs/free/security/preview';

test('the preview shows what would leave, of a sample and of a file', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', preview);
  const item = page.getByRole('article').first();
  await expect(item.getByText('Fix login error on iOS').last()).toBeVisible();
  await expect(item.locator('.as-leaving').getByText('[PERSON_1]').first()).toBeVisible();
  await item.getByText('Never leaves').first().click();
  await expect(item.getByRole('group', { name: 'Reporter' }).first()).toContainText('Stays.');

  await page.getByLabel(/Export: JSON/).setInputFiles(join(files, 'export.csv'));
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(page.getByRole('heading', { name: /export.csv/ })).toBeVisible();
  const description = page.getByRole('article').first().getByRole('group', { name: 'Description' });
  await expect(description.locator('.as-leaving')).toContainText('Ask [PERSON_1] or write to [EMAIL_1].');

  await page.goto(address + preview);
  await page.getByLabel(/Export: JSON/).setInputFiles(join(files, 'broken.json'));
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText(/cannot be read: line 4, column 1/);
});

test('a finding says what it is and why, and a wrong one becomes a term', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Free Harbour Press', preview);
  await ready(page, javaScriptEnabled);
  const wrong = page.getByRole('button', { name: 'Yusuf Demir (person name, replaced)' }).first();
  await wrong.focus();
  await page.keyboard.press('Enter');
  const card = page.locator('.finding-card:popover-open');
  await expect(card).toContainText('of 100');
  await expect(card).toContainText(/Rule name\./);
  await card.getByRole('button', { name: 'Not personal data' }).click();

  const bar = page.getByRole('form', { name: 'Terms to try' });
  await expect(bar).toContainText('1 draft term');
  await expect(bar).toContainText('fewer replaced here');
  await expect(page.locator('.as-leaving .freed').first()).toContainText('Yusuf Demir');

  await bar.getByRole('textbox').fill('Rotterdam');
  await bar.getByRole('button', { name: 'Always remove' }).click();
  await expect(bar).toContainText('2 draft terms');
  await expect(page.locator('.as-leaving .drafted').first()).toHaveText(/\[TERM_\d\]/);

  // A term that cannot be one: what was typed and the drafts stay.
  await bar.getByRole('textbox').fill('-');
  await bar.getByRole('button', { name: 'Always remove' }).click();
  await expect(page.getByRole('main').getByRole('alert').filter({ hasText: 'Nothing was saved' })).toContainText('has no letter or digit');
  await expect(bar).toContainText('2 draft terms');
  await expect(bar.getByRole('textbox')).toHaveValue('-');

  await bar.getByRole('button', { name: 'Save 2 terms' }).click();
  await expect(page.locator('#flag')).toContainText('Saved: 2 terms.');
  await expect(page.getByRole('form', { name: 'Terms to try' })).not.toContainText('draft term');
  await page.goto(`${address}/orgs/free/security/terms`);
  await expect(page.getByRole('region', { name: 'Always removed' })).toContainText('Rotterdam');
  await expect(page.getByRole('region', { name: 'Never removed' })).toContainText('Yusuf Demir');
});

test('the legend shows one kind alone', async ({ page, address }) => {
  await enter(page, address, 'Free Harbour Press', preview);
  await page.getByRole('link', { name: /IP address/ }).click();
  await expect(page.getByText('Only fields with “IP address” are shown.')).toBeVisible();
  await expect(page.getByRole('group', { name: 'Title' })).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'Description' })).toBeVisible();
  await page.getByRole('link', { name: 'Show every field' }).click();
  await expect(page.getByRole('group', { name: 'Title', exact: true })).toBeVisible();
});

test('an upload is paged, searched, scored, downloaded and discarded', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Free Harbour Press', preview);
  await ready(page, javaScriptEnabled);
  await page.getByLabel(/Export: JSON/).setInputFiles(join(files, 'items.json'));
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(page.getByText('Items 1 to 10 of 24', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(page.getByText('Items 11 to 20 of 24', { exact: true })).toBeVisible();
  await page.getByLabel('Find an item by its key').fill('app-23');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByRole('heading', { level: 3 }).first()).toHaveText('APP-23');

  await page.getByRole('link', { name: 'Scorecard' }).click();
  await expect(page.getByText('The text of 24 of 24 items would leave')).toBeVisible();
  await expect(page.getByText('Proof pass: 24 of 24 items clean.')).toBeVisible();
  await expect(page.getByRole('row', { name: /person name/ })).toContainText('24');

  await page.getByRole('button', { name: 'Always remove Skerrow' }).click();
  await expect(page.getByText('With 1 draft term that is not saved yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Always remove Skerrow' })).toHaveCount(0);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'JSON Lines' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('items-would-leave.jsonl');
  const lines = readFileSync((await download.path())!, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  expect(lines.map((line) => line.item)).toHaveLength(24);
  const description = lines[0].leaves['in-app'].find((field: { field: string }) => field.field === 'description');
  expect(description.values[0]).toContain('[PERSON_1] saw it on [IP_1].');

  const held = page.url().replace('/scorecard', '');
  await page.getByRole('button', { name: 'Discard' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Preview' })).toBeVisible();
  await page.goto(held);
  await expect(page.getByText('This file is not held any more')).toBeVisible();
  await page.getByRole('link', { name: 'Choose the file again' }).click();
  await expect(page.getByLabel(/Export: JSON/)).toBeVisible();
});

test('people come from a file, after a look at what changes', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Free Harbour Press', '/orgs/free/security/people');
  await ready(page, javaScriptEnabled);
  await page.getByLabel('CSV file of people').setInputFiles(join(files, 'people-bad.csv'));
  await page.getByRole('button', { name: 'See what changes' }).click();
  const alert = page.getByRole('main').getByRole('alert').filter({ hasText: 'Nothing was saved' });
  await expect(alert).toContainText('Line 3 has 2 values, and the first line names 3.');
  await expect(alert).toContainText('Line 4, column 12: the e-mail address has no @.');

  await page.getByLabel('CSV file of people').setInputFiles(join(files, 'people.csv'));
  await page.getByRole('button', { name: 'See what changes' }).click();
  await expect(page.getByText('people.csv: 2 new, 0 changed, 14 gone.')).toBeVisible();
  await page.getByRole('button', { name: 'Replace by 2 people' }).click();
  await expect(page.locator('#flag')).toContainText('The directory was replaced');
  await expect(page.getByRole('row', { name: /Quentin Hollis/ })).toBeVisible();
  await page.getByLabel('Search people').fill('sarpong');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('row', { name: /Quentin Hollis/ })).toHaveCount(0);
});

test('terms are added many at once and deleted', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Free Harbour Press', '/orgs/free/security/terms');
  await ready(page, javaScriptEnabled);
  await page.getByLabel('Add to always removed, one a line').fill('Otter\nMarlow');
  await page.getByRole('button', { name: 'Add to always removed' }).click();
  await expect(page.getByRole('main').getByRole('alert').filter({ hasText: 'Nothing was saved' })).toContainText('“Marlow” is never removed');
  await expect(page.getByLabel('Add to always removed, one a line')).toHaveValue('Otter\nMarlow');
  await page.getByLabel('Add to always removed, one a line').fill('Otter\nQuay 7');
  await page.getByRole('button', { name: 'Add to always removed' }).click();
  await expect(page.locator('#flag')).toContainText('Added: 2 terms.');
  await page.getByRole('button', { name: 'Delete Otter from always removed' }).click();
  await expect(page.locator('#flag')).toContainText('Deleted: 1 term.');
  await expect(page.getByRole('region', { name: 'Always removed' })).not.toContainText('Otter');
});

test('an auditor sees how many people and terms there are, and nobody', async ({ page, address }) => {
  await enter(page, address, 'Femke Bos', '/orgs/large/security/people');
  await expect(page.getByText('14 people')).toBeVisible();
  await expect(page.getByText('Sarpong')).toHaveCount(0);
  await page.goto(`${address}/orgs/large/security/terms`);
  await expect(page.getByText('2 terms are always removed, 2 never removed.')).toBeVisible();
  await expect(page.getByText('Falcon')).toHaveCount(0);
});

test('support says what for, sees everything and can change nothing', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Robin Castellan', settings('enterprise'));
  await ready(page, javaScriptEnabled);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Review Meridian Instruments');
  await page.getByLabel('What are you looking for?').selectOption('incident');
  await page.getByLabel('Case number').fill('CS-10482');
  await page.getByRole('button', { name: 'Begin the review' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Review of Meridian Instruments');
  const banner = page.getByRole('region', { name: 'Support review' });
  await expect(banner).toContainText('for case CS-10482');
  await page.getByRole('link', { name: 'All settings, with reasons' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Data contribution');
  await expect(page.getByRole('main').locator('form, button, input, select, textarea')).toHaveCount(0);
  await banner.getByRole('button', { name: 'Stop reviewing' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Support');
});

test('the audit log is searched, verified and taken away', async ({ page, address, javaScriptEnabled }) => {
  await enter(page, address, 'Sanne de Wit', '/orgs/large/security/audit');
  await ready(page, javaScriptEnabled);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing was changed' })).toBeVisible();
  await page.getByLabel('Search', { exact: true }).fill('resource:space:jira/API');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('Settings were changed: space:jira/API')).toBeVisible();
  await page.getByText('Settings were changed: space:jira/API').click();
  await expect(page.getByText('Hash before').first()).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Signed checkpoint' }).click();
  expect((await download).suggestedFilename()).toBe('large-checkpoint.txt');
});

test('a wrong password is told, a right one enters, and sign-out ends it', async ({ page, address, javaScriptEnabled }) => {
  await page.goto(`${address}${settings('premium')}`);
  await ready(page, javaScriptEnabled);
  await page.getByLabel('E-mail address').fill('amara.nwosu@premium.example');
  await page.getByLabel('Password').fill('nonsense');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('do not belong together');
  await expect(page.getByLabel('E-mail address')).toHaveValue('amara.nwosu@premium.example');
  await page.getByLabel('Password').fill('let the water through');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Data contribution' })).toBeVisible();

  await page.locator('summary', { hasText: 'Account of Amara Nwosu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.goto(`${address}${settings('premium')}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});

test('the colours are chosen and kept', async ({ page, address }) => {
  await enter(page, address, 'Kestrel Rail', settings('premium'));
  await page.locator('summary', { hasText: 'Colours' }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the way within a page loses nothing', async ({ page, address, javaScriptEnabled, viewport }) => {
  await enter(page, address, 'Kestrel Rail', `${settings('premium')}/review?to=on&target=app%3Ajira`);
  await ready(page, javaScriptEnabled);
  await page.getByLabel('Reason').fill('Half a sentence');
  await page.getByRole('link', { name: 'Skip to content' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Reason')).toHaveValue('Half a sentence');
  if (viewport && viewport.width < 880) {
    await page.getByRole('link', { name: 'Menu', exact: true }).click();
    await expect(page.getByRole('link', { name: 'History' })).toBeVisible();
    await page.getByRole('link', { name: 'Close menu' }).click();
    await expect(page.getByLabel('Reason')).toHaveValue('Half a sentence');
  }
});
