/** Whether the first screen has been there for a while: what it does without is asked for only then. */

import { effectScope, ref, watch, type Ref } from 'vue'
import { useBoard } from './board'

const AFTER_MS = 2_500
const settled = ref(false)
let isWatched = false

/** Watched for as long as the page lives, whoever asks first. */
export function useSettled(): Readonly<Ref<boolean>> {
  if (!isWatched) effectScope(true).run(watchBoard)
  isWatched = true
  return settled
}

function watchBoard(): void {
  const { resource } = useBoard()
  watch(
    () => resource.data !== null,
    (isThere) => {
      if (isThere && !settled.value) setTimeout(() => (settled.value = true), AFTER_MS)
    },
    { immediate: true },
  )
}
