import { createApp } from 'vue'
import App from './App.vue'
import { startLive } from './state/live'
import { startPreferences } from './state/preferences'
import { startView } from './state/view'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/header.css'
import './styles/time.css'
import './styles/trust.css'
import './styles/dialogs.css'
import './styles/podium.css'
import './styles/rows.css'
import './styles/team.css'
import './styles/about.css'

startView()
startLive()
// The words first, so that nobody sees the page in one language turn into another.
void startPreferences().then(() => createApp(App).mount('#app'))
