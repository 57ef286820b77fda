/**
 * Asks the API, and turns everything that can go wrong into one kind of error.
 *
 * Answers are kept with their ETag: an unchanged answer costs a few bytes, one that changed what
 * changed in it, and going back to a view shows it at once.
 */

import { stepped, type Step } from '../logic/delta'
import { at } from './base'
import { learnClock } from './serverClock'

export type Trouble = 'unreachable' | 'refused' | 'unavailable' | 'gateway' | 'fault' | 'signed_out' | 'forbidden'

export class ApiError extends Error {
  constructor(
    readonly trouble: Trouble,
    readonly status: number | null,
    detail: string,
    /** How long the server wants to be left alone. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail)
  }

  /** Asked again the answer would be the same. */
  get isFinal(): boolean {
    return ['refused', 'signed_out', 'forbidden'].includes(this.trouble)
  }

  /** Whether it is a question of who asks. */
  get isOfAccess(): boolean {
    return this.trouble === 'signed_out' || this.trouble === 'forbidden'
  }
}

interface Kept {
  etag: string | null
  text: string
  body: unknown
}

const KEPT_ANSWERS = 60
const kept = new Map<string, Kept>()
/** Answers are of whoever asked: those on their way when that changes are not kept either. */
let asker = 0
let whenBarred: () => void = () => undefined

/** Forgets all answers, as somebody else asks from now on. */
export function forget(): void {
  kept.clear()
  asker += 1
}

/** `look` is called whenever an answer says that one may not see it. */
export function onBarred(look: () => void): void {
  whenBarred = look
}

/** The last good answer to this URL, if there is one. */
export function remembered<T>(url: string): T | undefined {
  return kept.get(url)?.body as T | undefined
}

/** Questions wait for this, where there is one, and those on their way can be cut off. */
let silence: Promise<void> | null = null
const underWay = new Set<AbortController>()

/**
 * Asks nothing more until the function that it returns is called: what is on its way is cut off, and
 * asked again then. While a session ends, every question is one of somebody who is just leaving.
 */
export function hush(): () => void {
  let speak = (): void => undefined
  silence = new Promise((resolve) => (speak = resolve))
  for (const question of underWay) question.abort()
  return () => {
    silence = null
    speak()
  }
}

export async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  for (;;) {
    if (silence) await silence
    const question = new AbortController()
    const abort = (): void => question.abort()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    underWay.add(question)
    try {
      return await askOnce<T>(url, question.signal)
    } catch (error) {
      const isCutOff = question.signal.aborted && !signal?.aborted
      if (!isCutOff) throw error
    } finally {
      underWay.delete(question)
      signal?.removeEventListener('abort', abort)
    }
  }
}

async function askOnce<T>(url: string, signal: AbortSignal): Promise<T> {
  const before = kept.get(url)
  const askedBy = asker
  const headers: Record<string, string> = { Accept: 'application/json', 'A-IM': 'parts' }
  if (before?.etag) headers['If-None-Match'] = before.etag
  const response = await reach(url, { headers, cache: 'no-store', signal })
  if (response.status === 304 && before) return before.body as T
  if (!response.ok) {
    const error = await failure(response)
    if (error.isOfAccess) whenBarred()
    throw error
  }
  const isDelta = response.status === IM_USED
  if (isDelta && before && response.headers.get('Delta-Base') !== strong(before.etag)) {
    // A proxy gave the answer to somebody else's question.
    kept.delete(url)
    return askOnce<T>(url, signal)
  }
  const told = await response.text()
  try {
    const text = isDelta ? stepped(before?.text ?? '', JSON.parse(told) as Step[]) : told
    const body = JSON.parse(text) as T
    if (askedBy === asker) keep(url, { etag: response.headers.get('ETag'), text, body })
    return body
  } catch {
    kept.delete(url)
    throw new ApiError('fault', response.status, 'The answer is not JSON.')
  }
}

/** Asks what is never kept, or changes something; `null` where the answer has no body. */
export async function send<T>(method: 'GET' | 'POST' | 'DELETE', url: string, body?: object): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  // Other pages cannot send this type without being allowed to, so the server takes no other.
  if (method !== 'GET') headers['Content-Type'] = 'application/json'
  const response = await reach(url, { method, headers, cache: 'no-store', body: body ? JSON.stringify(body) : null })
  if (!response.ok) throw await failure(response)
  if (response.status === NO_CONTENT) return null as T
  return response.json().catch(() => {
    throw new ApiError('fault', response.status, 'The answer is not JSON.')
  })
}

const NO_CONTENT = 204

/** The status of an answer that tells what changed since another. */
const IM_USED = 226

/** Proxies that compress make tags weak ones. */
function strong(etag: string | null): string | undefined {
  return etag?.replace(/^W\//, '')
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  const sentAt = Date.now()
  try {
    const response = await fetch(at(url), init)
    learnClock(response.headers.get('Date'), sentAt)
    return response
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError('unreachable', null, '')
  }
}

function keep(url: string, answer: Kept): void {
  kept.delete(url)
  kept.set(url, answer)
  const oldest = kept.keys().next().value
  if (kept.size > KEPT_ANSWERS && oldest !== undefined) kept.delete(oldest)
}

async function failure(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  const detail =
    body !== null && typeof body === 'object' && 'detail' in body && typeof body.detail === 'string' ? body.detail : ''
  const wait = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiError(troubleOf(response.status), response.status, detail, Number.isFinite(wait) ? wait : null)
}

function troubleOf(status: number): Trouble {
  if (status === 401) return 'signed_out'
  if (status === 403) return 'forbidden'
  if (status === 501) return 'unavailable'
  // Proxies answer 503 and 504 for a Podium that is not there.
  if (status === 503 || status === 504) return 'unreachable'
  if (status === 502) return 'gateway'
  return status >= 500 ? 'fault' : 'refused'
}
