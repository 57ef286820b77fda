import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, ask, forget, hush, onBarred, remembered, send } from './client'

const answer = (body: unknown, init: ResponseInit = {}): Response => new Response(JSON.stringify(body), init)

/** What the server answers, one after the other. */
function server(...answers: (Response | Promise<Response>)[]): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(() => Promise.resolve(answers.shift() ?? answer(null)))
  vi.stubGlobal('fetch', fetched)
  return fetched
}

async function failureOf(asked: Promise<unknown>): Promise<ApiError> {
  const problem: unknown = await asked.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(problem instanceof ApiError)) throw new Error('It did not fail.')
  return problem
}

afterEach(() => {
  vi.unstubAllGlobals()
  forget()
})

describe('answers', () => {
  it('are remembered, and forgotten when somebody else asks', async () => {
    server(answer({ n: 1 }))
    await ask('/api/v1/query?a')
    expect(remembered('/api/v1/query?a')).toEqual({ n: 1 })
    forget()
    expect(remembered('/api/v1/query?a')).toBeUndefined()
  })

  it('that come after that are not remembered', async () => {
    let come: (response: Response) => void = () => undefined
    server(new Promise((resolve) => (come = resolve)))
    const asked = ask('/api/v1/query?b')
    forget()
    come(answer({ n: 2 }))
    await asked
    expect(remembered('/api/v1/query?b')).toBeUndefined()
  })

  it('that one may not see are told of, and are not asked for again', async () => {
    const barred = vi.fn()
    onBarred(barred)
    server(
      answer({ detail: 'Sign in.' }, { status: 401 }),
      answer({ detail: 'No.' }, { status: 403 }),
      answer({}, { status: 400 }),
    )
    const troubles = []
    for (let i = 0; i < 3; i++) {
      const { trouble, isFinal, isOfAccess } = await failureOf(ask('/api/v1/query?c'))
      troubles.push([trouble, isFinal, isOfAccess])
    }
    expect(troubles).toEqual([
      ['signed_out', true, true],
      ['forbidden', true, true],
      ['refused', true, false],
    ])
    expect(barred).toHaveBeenCalledTimes(2)
    onBarred(() => undefined)
  })
})

describe('a silence', () => {
  /** Answers once it is told to, and gives up as browsers do. */
  const slow = (): ReturnType<typeof vi.fn> => {
    const fetched = vi.fn(
      (_: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
        ),
    )
    vi.stubGlobal('fetch', fetched)
    return fetched
  }

  it('cuts off what is asked, and asks it again when it is over', async () => {
    const first = slow()
    const asked = ask('/api/v1/query?d')
    expect(first).toHaveBeenCalledTimes(1)
    const speak = hush()
    const later = ask('/api/v1/query?e')
    const fetched = server(answer({ n: 4 }), answer({ n: 5 }))
    await Promise.resolve()
    expect(first).toHaveBeenCalledTimes(1)
    expect(fetched).not.toHaveBeenCalled()
    speak()
    expect(new Set(await Promise.all([asked, later]))).toEqual(new Set([{ n: 4 }, { n: 5 }]))
    expect(fetched).toHaveBeenCalledTimes(2)
  })

  it('does not bring back what nobody waits for', async () => {
    slow()
    const waits = new AbortController()
    const asked = ask('/api/v1/query?f', waits.signal)
    const speak = hush()
    waits.abort()
    const fetched = server()
    speak()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
    expect(fetched).not.toHaveBeenCalled()
  })
})

describe('changes', () => {
  it('are sent as JSON, as no other page could', async () => {
    const fetched = server(answer({ role: 'team' }))
    expect(await send('POST', '/api/v1/sign-in', { key: 'sk-1' })).toEqual({ role: 'team' })
    const [url, init] = fetched.mock.calls[0] as unknown as [string, RequestInit]
    expect([url, init.method, init.body]).toEqual(['/api/v1/sign-in', 'POST', '{"key":"sk-1"}'])
    expect(init.headers).toMatchObject({ 'Content-Type': 'application/json' })
  })

  it('may have no answer', async () => {
    server(new Response(null, { status: 204 }))
    expect(await send('DELETE', '/api/v1/tokens/a')).toBeNull()
  })

  it('say how long to wait', async () => {
    server(
      answer({ detail: 'Too many.' }, { status: 429, headers: { 'Retry-After': '30' } }),
      answer({}, { status: 502 }),
    )
    const tooMany = await failureOf(send('POST', '/api/v1/sign-in', { key: 'x' }))
    expect([tooMany.retryAfterSeconds, tooMany.message, tooMany.status]).toEqual([30, 'Too many.', 429])
    expect((await failureOf(send('POST', '/api/v1/sign-in', { key: 'x' }))).retryAfterSeconds).toBeNull()
  })
})
