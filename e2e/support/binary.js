/** Starts the built binary, as `podium demo` if nothing else is said, and ends it by its own pid. */

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const path = process.env.PODIUM_BIN ?? fileURLToPath(new URL('../../target/release/podium', import.meta.url))
/** The simulated gateway, for worlds of other sizes than the demo's; it may be missing. */
export const gatewayPath = join(dirname(path), 'gateway-sim')

export async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const MOST_SECONDS_TO_END = 20

/** Runs until `stop`. `port` may be that of an earlier run, to come back at the same address. */
export async function startPodium({ port, command = ['demo'], env = {} } = {}) {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    throw new Error(`There is no binary at ${path}. Build the page and the binary first, or name one in PODIUM_BIN.`)
  }
  port ??= await freePort()
  return start(path, command, port, { ...env, VITE_LEADERBOARD_BACKEND_PORT: String(port) })
}

/** A simulated gateway on which requests are made as time passes. */
export async function startGateway(options) {
  const port = await freePort()
  return start(gatewayPath, ['--live', '--port', String(port), ...options], port, {})
}

async function start(binary, command, port, env) {
  const child = spawn(binary, command, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const address = new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk
      if (output.includes(`:${port}`)) resolve(`http://127.0.0.1:${port}`)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${binary} ended with ${code}:\n${output}`)))
  })
  const url = await address
  // A test that fails before it ends this must not keep all that follow waiting.
  const parts = [child, child.stdout, child.stderr]
  for (const part of parts) part.unref()
  const killed = () => child.kill('SIGKILL')
  process.once('exit', killed)
  return {
    url,
    port,
    stop: async () => {
      for (const part of parts) part.ref()
      process.off('exit', killed)
      child.kill('SIGTERM')
      // It ends within five seconds, whatever it is doing; a run must not stand still if it does not.
      const given = setTimeout(() => child.kill('SIGKILL'), MOST_SECONDS_TO_END * 1_000)
      await ended
      clearTimeout(given)
      if (child.signalCode === 'SIGKILL') throw new Error(`${binary} did not end when it was told to:\n${output}`)
    },
  }
}
