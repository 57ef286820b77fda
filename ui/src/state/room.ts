/** Whoever came by the room's code is asked for their team, once. */

import { ref } from 'vue'
import { CHOOSE, MINE } from '../logic/room'
import { preferences } from './preferences'
import { go } from './router'

/** As the page was opened: the view that is written into the address does not have it. */
export const choosing = ref(new URLSearchParams(window.location.search).get(MINE) === CHOOSE)

export function chooseTeam(teamId: string): void {
  preferences.myTeam = teamId
  choosing.value = false
  go({ view: 'team', teamId })
}
