// The binaries under test: the gateway and a live chat that know of each other, on free ports, with folders of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const STOP_MS = 15_000;

/** Starts both and returns when the gateway takes conversations; with `sections` it wants tokens. */
export async function startGateway(sections) {
  const handover = binary('HANDOVER_BIN', 'handover');
  const contoso = binary('HANDOVER_LIVECHAT', 'contoso-live-chat');
  const connectors = folderOfConnectors();
  const folder = await mkdtemp(join(tmpdir(), 'handover-peers-'));
  const started = [];
  const start = (name, ...command) => {
    const program = new Program(name, ...command);
    started.push(program);
    return program;
  };
  const stop = async () => {
    try {
      for (const program of started.splice(0).reverse()) await program.stop();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    // Each of the two has to be told the other's address before it starts.
    const gateway = `127.0.0.1:${await freePort()}`;
    const webhook = `http://${gateway}/api/livechat/messages`;
    const chat = start('live chat', contoso, ['--addr', '127.0.0.1:0', '--webhook-url', webhook]);
    const liveChat = await chat.says(/Contoso Live Chat: (http:\/\/[\d.:]+)/);
    const config = join(folder, 'handover.toml');
    const upstream = `[connectors.contoso.upstreams.api]\nbase_url = "${liveChat}"\n`;
    await writeFile(config, `${sections ?? ''}\n${upstream}`);
    const addresses = ['--listen', gateway, '--admin-addr', '127.0.0.1:0'];
    const places = ['--config', config, '--data', join(folder, 'data'), '--connectors', connectors];
    const local = sections === undefined ? ['--local'] : [];
    const served = start('gateway', handover, ['serve', ...local, ...addresses, ...places]);
    const url = await served.says(/listens on (http:\/\/[\d.:]+)/);
    await until('the gateway is ready', async () => (await fetch(`${url}/readyz`)).ok);
    return { url, messages: `${url}/api/messages`, liveChat, log: () => served.said, stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

export class Program {
  said = '';
  #name;
  #child;
  #exited;

  constructor(name, file, args, { env, cwd } = {}) {
    this.#name = name;
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (data) => (this.said += data));
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => ({ code, signal }));
    // A test process that breaks down leaves nothing behind.
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  /** Waits for a line; returns what its brackets caught. */
  says(line) {
    return until(`the ${this.#name} says ${line}`, () => {
      if (this.#child.exitCode !== null) throw new Error(`The ${this.#name} stopped at once:\n${this.said}`);
      return line.exec(this.said)?.[1];
    });
  }

  /** Ctrl-C; fails where it does not end in time and in peace. */
  async stop() {
    this.#child.kill('SIGINT');
    const end = await Promise.race([this.#exited, new Promise((late) => setTimeout(late, STOP_MS).unref())]);
    if (end?.code === 0) return;
    this.#child.kill('SIGKILL');
    await this.#exited;
    throw new Error(`The ${this.#name} ended with ${end?.signal ?? end?.code ?? 'force'} on SIGINT:\n${this.said}`);
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

function binary(variable, name) {
  const path = process.env[variable] ? resolve(process.env[variable]) : here(`../../../target/debug/${name}`);
  if (existsSync(path)) return path;
  throw new Error(`There is no ${path}: build it (cargo build -p ${name}), or name another in ${variable}.`);
}

function folderOfConnectors() {
  const folder = process.env.HANDOVER_CONNECTORS
    ? resolve(process.env.HANDOVER_CONNECTORS)
    : here('../../../connectors/installed');
  if (existsSync(join(folder, 'contoso.wasm'))) return folder;
  throw new Error(`No contoso.wasm in ${folder}: build it (cargo xtask connectors), or name a folder in HANDOVER_CONNECTORS.`);
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
