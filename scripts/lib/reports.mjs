// How many tests passed, failed and were skipped, from what the runners wrote.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { root } from './paths.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** An empty place for the report `name`. @param {string} name */
export function reportFile(name) {
  const file = path.join(root, '.cache/reports', name)
  mkdirSync(path.dirname(file), { recursive: true })
  rmSync(file, { force: true })
  return file
}

/**
 * Counts in a Vitest (or Jest) JSON report. A file that failed to load, and so ran no test, is one failure.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests?: number,
 *   testResults: { status: string, assertionResults: unknown[] }[] }} report
 * @returns {Counts}
 */
export function countVitest(report) {
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
}

/** Counts in a JUnit XML report, as pytest writes it. @param {string} xml @returns {Counts} */
export function countJUnit(xml) {
  const suites = [...xml.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag)
  /** @param {string} attribute */
  const sum = (attribute) =>
    suites.reduce((total, tag) => total + Number(new RegExp(`\\s${attribute}="(\\d+)"`).exec(tag)?.[1] ?? 0), 0)
  const failed = sum('failures') + sum('errors')
  return { passed: sum('tests') - failed - sum('skipped'), failed, skipped: sum('skipped') }
}

/**
 * Counts of a run that has ended. Whatever it wrote, a run that ended badly has at least one failure.
 * @param {string} file @param {(text: string) => Counts} count @param {number} exitCode
 * @returns {Counts}
 */
export function countRun(file, count, exitCode) {
  const counts = existsSync(file) ? count(readFileSync(file, 'utf8')) : { passed: 0, failed: 0, skipped: 0 }
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}
