// The demo's binary: started on free ports with folders of its own, and stopped as a person stops it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const READY_MS = 60_000;
const STOPPED_MS = 15_000;
const ANY_PORT = '127.0.0.1:0';

/** Starts a demo with this vendor's live chat, and returns when its gateway takes conversations. */
export async function startDemo(vendor = 'contoso') {
  const { binary, component } = await whatIsNeeded(vendor);
  const folder = await mkdtemp(join(tmpdir(), 'handover-demo-'));
  const connectors = join(folder, 'connectors');
  await mkdir(connectors);
  // No other than it needs: each would be compiled first.
  await cp(component, join(connectors, `${vendor}.wasm`));

  const addresses = ['gateway', 'livechat', 'simulator', 'admin'].flatMap((part) => [`--${part}-addr`, ANY_PORT]);
  const folders = ['--data', join(folder, 'data'), '--connectors', connectors];
  const child = spawn(binary, ['--vendor', vendor, ...addresses, ...folders], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const demo = new Demo(child, folder, connectors);
  try {
    await demo.ready();
  } catch (error) {
    await demo.kill();
    throw error;
  }
  return demo;
}

class Demo {
  #child;
  #folder;
  #said = '';
  #exited;

  /** The folder that its gateway watches for connectors. */
  connectors;
  /** The pages, and the gateway. */
  customer;
  agent;
  gateway;
  admin;

  constructor(child, folder, connectors) {
    this.#child = child;
    this.#folder = folder;
    this.connectors = connectors;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (this.#said += data));
    this.#exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    // A test process that breaks down leaves no demo behind.
    process.once('exit', () => child.kill('SIGKILL'));
  }

  /** All it wrote, on both streams. */
  get said() {
    return this.#said;
  }

  async ready() {
    const deadline = Date.now() + READY_MS;
    const address = (before) => new RegExp(`${before} +(http://[\\d.:]+[^\\s]*)`).exec(this.#said)?.[1];
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) throw new Error(`The demo stopped at once:\n${this.#said}`);
      this.customer = address('Customer');
      this.agent = address('Live agent');
      this.gateway = address('Gateway');
      this.admin = address("operators' page is");
      if (this.admin && (await isReady(this.gateway))) return;
      await pause(50);
    }
    throw new Error(`The demo was not ready within ${READY_MS} ms:\n${this.#said}`);
  }

  /** Ctrl-C; fails where it does not end in time and in peace. */
  async stop() {
    this.#child.kill('SIGINT');
    const end = await Promise.race([this.#exited, pause(STOPPED_MS)]);
    await this.kill();
    if (!end) throw new Error(`The demo did not stop within ${STOPPED_MS} ms of SIGINT:\n${this.#said}`);
    if (end.code !== 0) throw new Error(`The demo ended with ${end.signal ?? end.code} on SIGINT:\n${this.#said}`);
  }

  async kill() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function whatIsNeeded(vendor) {
  const binary = process.env.HANDOVER_DEMO ? resolve(process.env.HANDOVER_DEMO) : here('../../../target/debug/demo');
  if (!existsSync(binary)) {
    throw new Error(`There is no ${binary}: build it (cargo build -p demo), or name another in HANDOVER_DEMO.`);
  }
  const installed = process.env.HANDOVER_CONNECTORS
    ? resolve(process.env.HANDOVER_CONNECTORS)
    : here('../../../connectors/installed');
  const component = join(installed, `${vendor}.wasm`);
  if (!existsSync(component)) {
    throw new Error(`There is no ${component}: build it (cargo xtask connectors), or name another folder in HANDOVER_CONNECTORS.`);
  }
  return { binary, component };
}

const isReady = (gateway) => fetch(`${gateway}/readyz`).then((answer) => answer.ok, () => false);

const pause = (ms) => new Promise((done) => setTimeout(done, ms).unref());
