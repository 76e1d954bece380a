import type { Evidence } from './Evidence.js'

const months = 'january february march april may june july august september october november december'.split(' ')
/** Words from which a date or a time of day follows. */
const relative = new Set(
  (
    'today tonight tomorrow tmrw tmr yesterday now monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun weekend ' +
    'week weeks fortnight month months year years day days hour hours hrs minutes mins night nights next last this coming morning afternoon evening lunch lunchtime ' +
    'dawn dusk sunrise sunset spring summer autumn fall winter christmas easter halloween eve noon midday midnight quarter half past later ago since start end beginning ' +
    'mondays tuesdays wednesdays thursdays fridays saturdays sundays first second third last breakfast dinner birthday ' +
    'heute morgen ubermorgen gestern montag dienstag mittwoch donnerstag freitag samstag sonntag woche monat uhr halb viertel ' +
    "demain hier aujourd'hui lundi mardi mercredi jeudi vendredi samedi dimanche semaine heure heures midi minuit " +
    'hoy manana ayer lunes martes miercoles jueves viernes sabado domingo semana hora horas ' +
    'oggi domani ieri lunedi martedi mercoledi giovedi venerdi sabato domenica settimana ora ore mezzogiorno ' +
    'hoje amanha ontem segunda terca quarta quinta sexta dzis jutro wczoraj poniedzialek wtorek sroda czwartek piatek sobota niedziela'
  ).split(' '),
)

const datePattern = /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const timePattern = /^(\d{1,2}):(\d{2})(?::\d{2})?$/

/** Whether a text is a date, a time or both, as ISO 8601 writes them. */
export function isDateOrTime(value: string): boolean {
  return datePattern.test(value) || timePattern.test(value)
}

/**
 * Whether a date or time follows from what is said. A date word such as `tomorrow` is enough: what day
 * it is, is not known here. A month by name must be the value's, and its day must be said in numbers.
 */
export function isDateGrounded(value: string, evidence: Evidence): boolean {
  const time = timePattern.exec(value)
  if (time) return isTimeGrounded(Number(time[1]), Number(time[2]), evidence)
  const [, , month, day, hour, minute] = datePattern.exec(value) ?? []
  const name = months[Number(month) - 1]
  const named = months.filter((candidate) => evidence.has(candidate, candidate.slice(0, 3), candidate.slice(0, 4)))
  const dayIsSaid = evidence.hasNumber(Number(day ?? month))
  if (named.length > 0 && name !== undefined && named.includes(name) && (day === undefined || dayIsSaid)) return true
  if (evidence.some((word) => relative.has(word))) return true
  if (named.length > 0 && evidence.isEnglish) return named.includes(name ?? '') && (day === undefined || dayIsSaid)
  if (hour !== undefined && !isTimeGrounded(Number(hour), Number(minute), evidence)) return false
  return dayIsSaid
}

function isTimeGrounded(hour: number, minute: number, evidence: Evidence): boolean {
  const saysHour = (h: number) => evidence.hasNumber(h % 24) || evidence.hasNumber(h % 12 || 12)
  const hourIsSaid = saysHour(hour) || (minute > 0 && saysHour(hour + 1))
  const minuteIsSaid = minute === 0 || evidence.hasNumber(minute) || evidence.hasNumber(60 - minute) || evidence.hasNumber(minute / 60)
  if (hourIsSaid && minuteIsSaid) return true
  if (evidence.hasNumber(hour * 100 + minute)) return true
  return evidence.has('now', 'noon', 'midday', 'midnight', 'sunrise', 'sunset', 'dawn', 'dusk', 'in', 'later', 'ago', 'from', 'another', 'lunch', 'lunchtime') && !hourIsSaid
}
