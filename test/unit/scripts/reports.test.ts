import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { countJUnit, countRun, countVitest } from '../../../scripts/lib/reports.mjs'

const passing = { status: 'passed', assertionResults: [{}] }

describe('countVitest', () => {
  it('adds up tests', () => {
    const report = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults: [passing] }
    expect(countVitest(report)).toEqual({ passed: 3, failed: 1, skipped: 3 })
  })

  it('counts a file that does not load as a failure', () => {
    const broken = { status: 'failed', assertionResults: [] }
    const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, testResults: [passing, broken] }
    expect(countVitest(report).failed).toBe(1)
  })
})

describe('countJUnit', () => {
  it('adds up suites', () => {
    const xml =
      '<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1.2">' +
      '<testcase time="0.1" /></testsuite><testsuite name="b" errors="0" failures="0" skipped="0" tests="5"></testsuite></testsuites>'
    expect(countJUnit(xml)).toEqual({ passed: 9, failed: 3, skipped: 3 })
  })
})

describe('countRun', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'reports-')), 'report.json')
  const count = (text: string) => JSON.parse(text) as { passed: number; failed: number; skipped: number }

  it('takes a bad end without a report for a failure', () => {
    expect(countRun(file, count, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('takes a bad end after good tests for a failure', () => {
    writeFileSync(file, '{ "passed": 4, "failed": 0, "skipped": 0 }')
    expect(countRun(file, count, 1)).toEqual({ passed: 4, failed: 1, skipped: 0 })
    expect(countRun(file, count, 0)).toEqual({ passed: 4, failed: 0, skipped: 0 })
  })
})
