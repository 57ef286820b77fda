/** The parts of ECharts that are used, in a chunk of their own: the leaderboard needs none of it. */

import { BarChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { LegacyGridContainLabel } from 'echarts/features'
import { CanvasRenderer } from 'echarts/renderers'

use([
  BarChart,
  CanvasRenderer,
  GridComponent,
  HeatmapChart,
  LegacyGridContainLabel,
  LineChart,
  ScatterChart,
  TooltipComponent,
  VisualMapComponent,
])

export { init }
export type { ECharts } from 'echarts/core'
