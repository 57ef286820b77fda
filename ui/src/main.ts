import { createApp } from 'vue'
import App from './App.vue'
import { startLive } from './state/live'
import { startPreferences } from './state/preferences'
import { startView } from './state/view'
import './styles/tokens.css'
import './styles/fonts.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/header.css'
import './styles/time.css'
import './styles/trust.css'
import './styles/dialogs.css'
import './styles/podium.css'
import './styles/rows.css'
import './styles/goal.css'
import './styles/team.css'
import './styles/about.css'
import './styles/print.css'

startView()
startLive()
// The words and their letters first, so that nobody sees one language or font turn into another.
void Promise.all([startPreferences(), letters()]).then(() => createApp(App).mount('#app'))

/** The font is fetched with the page; whoever waits long for it gets another one meanwhile. */
function letters(): Promise<unknown> {
  const LONGEST_WAIT_MS = 800
  const waited = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))
  return Promise.race([document.fonts.load("1em 'Figtree Variable'").catch(() => undefined), waited])
}
