import { describe, expect, it } from 'vitest'
import { StopMatcher } from './StopMatcher.js'

function run(stops: string[], pieces: string[]): { text: string; stopped: boolean } {
  const matcher = new StopMatcher(stops)
  let text = ''
  for (const piece of pieces) text += matcher.push(piece)
  text += matcher.finish()
  return { text, stopped: matcher.stopped }
}

describe('StopMatcher', () => {
  it('passes everything at once where no stop string can begin', () => {
    const matcher = new StopMatcher(['\n\n'])
    expect(matcher.push('{"a":1}')).toBe('{"a":1}')
  })

  it('holds back only a possible beginning', () => {
    const matcher = new StopMatcher(['END'])
    expect(matcher.push('the EN')).toBe('the ')
    expect(matcher.push('Gine')).toBe('ENGine')
  })

  it('ends before the earliest stop string', () => {
    expect(run(['bb', 'a'], ['xxa', 'bb'])).toEqual({ text: 'xx', stopped: true })
    expect(run(['later', 'soon'], ['now soon later'])).toEqual({ text: 'now ', stopped: true })
  })

  it('finds a stop string that overlaps a false start', () => {
    expect(run(['aab'], ['a', 'a', 'a', 'b'])).toEqual({ text: 'a', stopped: true })
  })

  it('gives back what was held when the text ends', () => {
    expect(run(['stop'], ['do not st'])).toEqual({ text: 'do not st', stopped: false })
  })

  it('ignores empty stop strings', () => {
    expect(run([''], ['text'])).toEqual({ text: 'text', stopped: false })
  })

  it('gives the same text however it is cut', () => {
    const text = 'abcabdabcabe abdabcc'
    for (const stops of [['abe'], ['abd', 'cc'], ['zzz'], ['b', 'abd']]) {
      const whole = run(stops, [text])
      for (let size = 1; size < 6; size++) {
        const pieces = text.match(new RegExp(`.{1,${size}}`, 'g'))!
        expect(run(stops, pieces)).toEqual(whole)
      }
    }
  })
})
