import { describe, expect, it } from 'vitest'
import { mirrored } from './mirror'

const option = {
  grid: { left: 8, right: 52, top: 1, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  xAxis: [
    { type: 'category', data: ['a'] },
    { type: 'category', show: false },
  ],
  yAxis: { type: 'value' },
  series: [
    {
      type: 'bar',
      label: { show: true, position: 'right' },
      data: [1, null, { value: 2, itemStyle: { color: 'red', borderRadius: [0, 6, 6, 0] } }],
    },
  ],
}

describe('a picture read from the right', () => {
  it('has its axes, its margins, its labels and its round corners on the other side', () => {
    expect(mirrored(option)).toEqual({
      grid: { left: 52, right: 8, top: 1, containLabel: true },
      xAxis: [
        { type: 'category', data: ['a'], inverse: true },
        { type: 'category', show: false, inverse: true },
      ],
      yAxis: { type: 'value', position: 'right' },
      series: [
        {
          type: 'bar',
          label: { show: true, position: 'left' },
          data: [1, null, { value: 2, itemStyle: { color: 'red', borderRadius: [6, 0, 0, 6] } }],
        },
      ],
    })
  })

  it('has its sides again when it is turned twice, and leaves what it was made of alone', () => {
    const before = structuredClone(option)
    const twice = mirrored(mirrored(option)) as typeof option
    expect(twice.grid).toEqual({ left: 8, right: 52, top: 1, containLabel: true })
    expect(twice.series[0]?.data).toEqual(option.series[0]?.data)
    expect(option).toEqual(before)
  })
})
