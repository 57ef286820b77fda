/**
 * A provider of OpenID Connect with a few people, on loopback: a login form without script, PKCE required,
 * signing out at the request of a client, and keys that are exchanged on request.
 *
 * Run by itself it prints its address, and exchanges its keys at each line that says `rotate`:
 *   node support/provider.js [--port 9000] [--client podium] [--secret …] --back http://127.0.0.1:8000
 */

import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Provider } from 'oidc-provider'

/** Who can sign in, each with the password `password`. */
export const people = {
  ada: { name: 'Ada', email: 'ada@example.com', email_verified: true, groups: ['podium-admins', 'otters'] },
  ben: { name: 'Ben', email: 'ben@example.com', email_verified: true, groups: ['badgers'] },
  eve: { name: 'Eve', email: 'ada@example.com', email_verified: false, groups: [] },
}

/**
 * `back` is where Podium is reached, without a slash at its end. With `inToken` all claims are in the ID token;
 * otherwise they are told at the userinfo endpoint alone, as this library does by itself.
 */
export async function startProvider({
  port = 0,
  client = 'podium',
  secret = 'a-secret-of-the-tests',
  back,
  inToken = false,
}) {
  let handle
  const server = createServer((request, response) => handle(request, response))
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  // A test that fails before it closes this must not keep all that follow waiting.
  server.unref()
  const url = `http://127.0.0.1:${server.address().port}`
  const rotate = () => {
    handle = handler(new Provider(url, configuration({ client, secret, back, inToken })))
  }
  rotate()
  return {
    url,
    client,
    secret,
    /** Other keys from now on, at the same address; whoever was signing in begins anew. */
    rotate,
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

function configuration({ client, secret, back, inToken }) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' }
  return {
    clients: [
      {
        client_id: client,
        ...(secret ? { client_secret: secret } : { token_endpoint_auth_method: 'none' }),
        redirect_uris: [`${back}/auth/callback`],
        post_logout_redirect_uris: [back, `${back}/`],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    conformIdTokenClaims: !inToken,
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    // Nobody is asked whether Podium may know: everything that was asked for is granted.
    loadExistingGrant: async (context) => {
      const { provider, client: asking, session, params } = context.oidc
      const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId })
      grant.addOIDCScope(params.scope)
      await grant.save()
      return grant
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
  }
}

function handler(provider) {
  const callback = provider.callback()
  return (request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response)
    signIn(provider, request, response).catch((error) => {
      response.writeHead(400, { 'Content-Type': 'text/plain' }).end(error.message)
    })
  }
}

/** Shows the form, or takes what was put into it. */
async function signIn(provider, request, response) {
  await provider.interactionDetails(request, response)
  if (request.method !== 'POST') return showForm(response, 200, '')
  const form = new URLSearchParams(await body(request))
  if (form.has('cancel')) {
    const refused = { error: 'access_denied', error_description: 'The person went back.' }
    return provider.interactionFinished(request, response, refused)
  }
  const login = form.get('login')
  if (!Object.hasOwn(people, login) || form.get('password') !== 'password') {
    return showForm(response, 403, '<p role="alert">Nobody has this name and password.</p>')
  }
  await provider.interactionFinished(request, response, { login: { accountId: login } })
}

async function body(request) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function showForm(response, status, message) {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1>${message}
    <form method="post">
      <label>Name <input name="login" autocomplete="username" autofocus></label>
      <label>Password <input name="password" type="password" autocomplete="current-password"></label>
      <button>Sign in</button> <button name="cancel" value="yes">Back</button>
    </form></html>`)
}

function askToSignOut(context, form) {
  context.type = 'html'
  context.body = `<!doctype html><html lang="en"><title>Sign out</title><h1>Sign out?</h1>${form}
    <button form="op.logoutForm" name="logout" value="yes">Sign out</button></html>`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      client: { type: 'string' },
      secret: { type: 'string' },
      back: { type: 'string', default: 'http://127.0.0.1:8000' },
      'in-token': { type: 'boolean', default: false },
    },
  })
  const { port, 'in-token': inToken, ...others } = values
  const provider = await startProvider({ ...others, inToken, port: Number(port) })
  console.log(provider.url)
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line !== 'rotate') return
    provider.rotate()
    console.log('rotated')
  })
  // Whoever started it has gone.
  lines.on('close', () => provider.stop())
}
