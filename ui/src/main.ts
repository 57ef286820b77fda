import { createApp } from 'vue'
import App from './App.vue'
import { startLive } from './state/live'
import { startMe } from './state/me'
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
startMe()
startLive()
// The words and their letters first, so that nobody sees one language or font turn into another.
void Promise.all([startPreferences(), letters()]).then(() => createApp(App).mount('#app'))

/**
 * The font is fetched with the page. Who waits long for it gets another one, and keeps it for this
 * visit: letters that change under one's eyes break rows elsewhere, and everything below them jumps.
 */
async function letters(): Promise<void> {
  const FONT = "1em 'Figtree Variable'"
  const LONGEST_WAIT_MS = 800
  const waited = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))
  await Promise.race([document.fonts.load(FONT).catch(() => undefined), waited])
  if (!document.fonts.check(FONT)) document.documentElement.dataset.letters = 'stand-in'
}
