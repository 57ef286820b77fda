/** The palette's commands, named in the viewer's language. */

import { computed, type ComputedRef } from 'vue'
import { t } from '../i18n'
import { LANGUAGE_NAMES, LANGUAGES } from '../i18n/languages'
import { shortModel } from '../logic/models'
import { MEASURES } from '../logic/rank'
import { PRESETS } from '../logic/range'
import { useBoard } from './board'
import { dialogs, PRESET_KEYS } from './keys'
import { me, mode } from './me'
import { preferences, THEMES } from './preferences'
import { follow, go, signInPath } from './router'
import { chooseMeasure, clearFilters, filtered, look, toggleCompare, toggleFilter } from './view'
import { useKnownModels } from './models'

export interface Command {
  id: string
  group: string
  name: string
  key?: string | undefined
  run: () => void
}

export function useCommands(): ComputedRef<Command[]> {
  const { board } = useBoard()
  const models = useKnownModels(() => dialogs.palette)
  return computed(() => {
    if (!dialogs.palette) return []
    const teams = board.value?.teams ?? []
    return [
      ...places(),
      ...views(),
      ...teams.map(
        (team): Command => ({
          id: `team:${team.team_id}`,
          group: t('palette.team'),
          name: team.name,
          run: () => go({ view: 'team', teamId: team.team_id }),
        }),
      ),
      ...models.value.map(
        (model): Command => ({
          id: `model:${model}`,
          group: t('palette.model'),
          name: shortModel(model),
          run: () => toggleFilter('model', model),
        }),
      ),
    ]
  })
}

function places(): Command[] {
  const group = t('palette.go')
  const to = (name: (typeof PLACES)[number] | 'access'): Command => ({
    id: `go:${name}`,
    group,
    name: t(`view.${name}`),
    run: () => go({ view: name }),
  })
  const signIn = { id: 'sign-in', group, name: t('view.sign-in'), run: () => follow(signInPath()) }
  return [
    ...PLACES.map(to),
    ...(me.value?.role === 'admin' ? [to('access')] : []),
    ...(me.value && mode.value !== 'open' && !me.value.signed_in ? [signIn] : []),
  ]
}

const PLACES = ['board', 'charts', 'money', 'explore', 'about', 'replay', 'present'] as const

function views(): Command[] {
  const keyOf = (preset: string): string | undefined =>
    Object.entries(PRESET_KEYS)
      .find(([, of]) => of === preset)?.[0]
      ?.toUpperCase()
  return [
    ...PRESETS.map((preset) => ({
      id: `range:${preset}`,
      group: t('palette.time'),
      name: t(`range.${preset}`),
      key: keyOf(preset),
      run: () => look({ preset }),
    })),
    ...MEASURES.map((measure) => ({
      id: `measure:${measure}`,
      group: t('palette.rank'),
      name: t(`measure.${measure}`),
      run: () => chooseMeasure(measure),
    })),
    {
      id: 'compare',
      group: t('palette.time'),
      name: t('range.compare'),
      key: 'X',
      run: toggleCompare,
    },
    ...(filtered.value ? [{ id: 'clear', group: t('filter.label'), name: t('filter.clear'), run: clearFilters }] : []),
    ...THEMES.map((theme) => ({
      id: `theme:${theme}`,
      group: t('settings.theme'),
      name: t(`theme.${theme}`),
      run: () => (preferences.theme = theme),
    })),
    {
      id: 'moments',
      group: t('settings.label'),
      name: t(preferences.moments ? 'moment.off' : 'moment.on'),
      run: () => (preferences.moments = !preferences.moments),
    },
    ...LANGUAGES.map((language) => ({
      id: `language:${language}`,
      group: t('settings.language'),
      name: LANGUAGE_NAMES[language],
      run: () => (preferences.language = language),
    })),
    { id: 'keys', group: t('palette.help'), name: t('keys.title'), key: '?', run: () => (dialogs.help = true) },
  ]
}
