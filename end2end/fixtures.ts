// A server with a demo database of its own for each test, and a page that fails the test on any error in the console.
import { test as base, expect, type Page } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..');
const binary = process.env.SLUICE_BIN ?? join(root, 'target/debug/sluice');

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? done(address.port) : failed(new Error('no port'))));
    });
  });
}

type Fixtures = { address: string };
type Shared = { seeded: string };

/** What a command or a server needs to work on the database in a folder. */
function within(folder: string, port = 0) {
  return {
    ...process.env,
    SLUICE_ADDR: `127.0.0.1:${port}`,
    SLUICE_DATABASE_URL: `sqlite:${join(folder, 'sluice.db')}`,
    SLUICE_SITE: join(root, 'target/site'),
    SLUICE_LOG: 'warn',
  };
}

export const test = base.extend<Fixtures, Shared>({
  // Filling the demo takes seconds, copying it none.
  seeded: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-e2e-seeded-'));
      for (const command of ['migrate', 'seed']) execFileSync(binary, [command], { env: within(folder), cwd: folder });
      await use(folder);
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  address: async ({ seeded }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
    cpSync(seeded, folder, { recursive: true });
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const env = within(folder, port);
    const server = spawn(binary, ['serve'], { env, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    for (let tries = 0; ; tries++) {
      const ready = await fetch(`${address}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) break;
      if (tries > 200) throw new Error('the server did not start');
      await new Promise((done) => setTimeout(done, 50));
    }
    await use(address);
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  },

  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // The browser reports a refused form (4xx) as an error; the test looks at what the page says instead. On a busy
      // machine it also grows impatient with the islands, which start when the page is idle.
      const expected = /^Failed to load resource|was preloaded using link preload but not used/;
      if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) complaints.push(message.text());
    });
    await use(page);
    expect(complaints, 'the console stays silent').toEqual([]);
  },
});

export { expect };

/** Signs in with one click as the admin of an organisation, or as support, and goes to a path. */
export async function enter(page: Page, address: string, who: string, path: string) {
  await page.goto(`${address}/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByRole('button', { name: who }).click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/^(Sign in|Anmelden)$/);
}

export const settings = (org: string) => `/orgs/${org}/security/data-contribution`;

/** Waits until the islands run; without scripts there is nothing to wait for. */
export async function ready(page: Page, scripts: boolean | undefined) {
  if (scripts !== false) await expect(page.locator('html')).toHaveAttribute('data-live', '');
}
