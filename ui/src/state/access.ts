/** The tokens, and making and revoking them. */

import { ref, type Ref } from 'vue'
import { ApiError, send } from '../api/client'
import type { Token } from '../api/types'
import { useResource, type Resource } from './resource'

/** What a new token shall be. */
export interface Wanted {
  name: string
  role: Token['role']
  teams: string[]
  /** `null` never expires. */
  expires_in_days: number | null
  in_address: boolean
}

export interface Created extends Token {
  /** Told this once. */
  token: string
}

interface Tokens {
  list: Resource<{ tokens: Token[] }>
  /** The newest one, until it is put away. */
  created: Ref<Created | null>
  error: Ref<ApiError | null>
  isBusy: Ref<boolean>
  create: (wanted: Wanted) => Promise<boolean>
  revoke: (id: string) => Promise<boolean>
}

const PATH = '/api/v1/tokens'

export function useTokens(): Tokens {
  const list = useResource<{ tokens: Token[] }>(() => PATH, 30_000)
  const created = ref<Created | null>(null)
  const error = ref<ApiError | null>(null)
  const isBusy = ref(false)

  /** Whether it went well. */
  async function change(act: () => Promise<void>): Promise<boolean> {
    isBusy.value = true
    error.value = null
    try {
      await act()
      return true
    } catch (problem) {
      error.value = problem instanceof ApiError ? problem : new ApiError('fault', null, String(problem))
      return false
    } finally {
      isBusy.value = false
      list.retry()
    }
  }

  return {
    list,
    created,
    error,
    isBusy,
    create: (wanted) =>
      change(async () => {
        created.value = await send<Created>('POST', PATH, wanted)
      }),
    revoke: (id) =>
      change(async () => {
        await send<null>('DELETE', `${PATH}/${encodeURIComponent(id)}`)
        if (created.value?.id === id) created.value = null
      }),
  }
}
