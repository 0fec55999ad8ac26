// Calendar time for os.date and os.time, in UTC and the C locale. Proleptic Gregorian, any year that fits 32 bits.
//
// struct tm in VM memory, eleven i32:  sec min hour mday mon(0…) year(-1900) wday(0 = Sunday) yday(0…) isdst gmtoff zone

export interface CalendarTime {
  readonly second: number
  readonly minute: number
  readonly hour: number
  readonly day: number
  /** From 0. */
  readonly month: number
  readonly year: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** From 0. */
  readonly yearDay: number
}

const SECONDS_PER_DAY = 86_400
const DAYS_PER_ERA = 146_097
const MAX_YEAR = 2 ** 31 - 1 + 1900
const MIN_YEAR = -(2 ** 31) + 1900
/** Beyond these seconds the year does not fit C's int, and os.date must refuse. */
export const MAX_SECONDS: bigint = BigInt(daysOfDate(MAX_YEAR, 11, 31) + 1) * 86_400n - 1n
export const MIN_SECONDS: bigint = BigInt(daysOfDate(MIN_YEAR, 0, 1)) * 86_400n

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year. */
function daysOfDate(year: number, month: number, day: number): number {
  const shifted = month < 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * DAYS_PER_ERA + dayOfEra - 719_468
}

function dateOfDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / DAYS_PER_ERA)
  const dayOfEra = shifted - era * DAYS_PER_ERA
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = (fromMarch + 2) % 12
  const year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1 }
}

/** Seconds outside MIN_SECONDS … MAX_SECONDS count as the nearer of the two. */
export function timeOfSeconds(seconds: bigint): CalendarTime {
  const clamped = seconds > MAX_SECONDS ? MAX_SECONDS : seconds < MIN_SECONDS ? MIN_SECONDS : seconds
  // Floor, while BigInt division truncates.
  const remainder = Number(((clamped % 86_400n) + 86_400n) % 86_400n)
  const days = Number((clamped - BigInt(remainder)) / 86_400n)
  const date = dateOfDays(days)
  return {
    ...date,
    second: remainder % 60,
    minute: Math.floor(remainder / 60) % 60,
    hour: Math.floor(remainder / 3600),
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysOfDate(date.year, 0, 1),
  }
}

/** Fields may be out of their ranges, as mktime allows; undefined when the year of the result does not fit. */
export function secondsOfTime(time: CalendarTime): bigint | undefined {
  const year = time.year + Math.floor(time.month / 12)
  const month = ((time.month % 12) + 12) % 12
  const days = daysOfDate(year, month, 1) + time.day - 1
  const seconds =
    BigInt(days) * BigInt(SECONDS_PER_DAY) +
    BigInt(time.hour) * 3600n +
    BigInt(time.minute) * 60n +
    BigInt(time.second)
  return seconds > MAX_SECONDS || seconds < MIN_SECONDS ? undefined : seconds
}

export function readTime(view: DataView, at: number): CalendarTime {
  const field = (index: number): number => view.getInt32(at + 4 * index, true)
  return {
    second: field(0),
    minute: field(1),
    hour: field(2),
    day: field(3),
    month: field(4),
    year: field(5) + 1900,
    weekday: field(6),
    yearDay: field(7),
  }
}

export function writeTime(view: DataView, at: number, time: CalendarTime): void {
  const { second, minute, hour, day, month, year, weekday, yearDay } = time
  const fields = [second, minute, hour, day, month, year - 1900, weekday, yearDay, 0, 0]
  for (const [index, field] of fields.entries()) view.setInt32(at + 4 * index, field, true)
}

/** wday and yday, which nobody has set before mktime: os.time shows them to the script even if there is no such time. */
export function clearDays(view: DataView, at: number): void {
  view.setInt32(at + 4 * 6, 0, true)
  view.setInt32(at + 4 * 7, 0, true)
}

function pad(value: number, width: number, filler = '0'): string {
  const digits = String(Math.abs(value)).padStart(width, filler)
  return value < 0 ? `-${digits}` : digits
}

const floorMod = (a: number, b: number): number => ((a % b) + b) % b
const isLeap = (year: number): boolean =>
  floorMod(year, 4) === 0 && (floorMod(year, 100) !== 0 || floorMod(year, 400) === 0)

/** ISO 8601: weeks start on Monday, and week 1 is the one with the year's first Thursday. */
function isoWeek(time: CalendarTime): { year: number; week: number } {
  const monday = (time.weekday + 6) % 7
  const week = Math.floor((time.yearDay - monday + 10) / 7)
  const weeksIn = (year: number): number => {
    const firstDay = floorMod(daysOfDate(year, 0, 1) + 4, 7)
    return firstDay === 4 || (firstDay === 3 && isLeap(year)) ? 53 : 52
  }
  if (week < 1) return { year: time.year - 1, week: weeksIn(time.year - 1) }
  if (week > weeksIn(time.year)) return { year: time.year + 1, week: 1 }
  return { year: time.year, week }
}

const hour12 = (time: CalendarTime): number => floorMod(time.hour + 11, 12) + 1

const CONVERSIONS: Readonly<Record<string, (time: CalendarTime) => string>> = {
  a: (time) => (DAY_NAMES[time.weekday] ?? '?').slice(0, 3),
  A: (time) => DAY_NAMES[time.weekday] ?? '?',
  b: (time) => (MONTH_NAMES[time.month] ?? '?').slice(0, 3),
  B: (time) => MONTH_NAMES[time.month] ?? '?',
  c: (time) => formatTime('%a %b %e %H:%M:%S %Y', time),
  C: (time) => pad(Math.floor(time.year / 100), 2),
  d: (time) => pad(time.day, 2),
  D: (time) => formatTime('%m/%d/%y', time),
  e: (time) => pad(time.day, 2, ' '),
  F: (time) => formatTime('%Y-%m-%d', time),
  g: (time) => pad(floorMod(isoWeek(time).year, 100), 2),
  G: (time) => String(isoWeek(time).year),
  h: (time) => (MONTH_NAMES[time.month] ?? '?').slice(0, 3),
  H: (time) => pad(time.hour, 2),
  I: (time) => pad(hour12(time), 2),
  j: (time) => pad(time.yearDay + 1, 3),
  m: (time) => pad(time.month + 1, 2),
  M: (time) => pad(time.minute, 2),
  n: () => '\n',
  p: (time) => (time.hour < 12 ? 'AM' : 'PM'),
  r: (time) => formatTime('%I:%M:%S %p', time),
  R: (time) => formatTime('%H:%M', time),
  S: (time) => pad(time.second, 2),
  t: () => '\t',
  T: (time) => formatTime('%H:%M:%S', time),
  u: (time) => String(time.weekday === 0 ? 7 : time.weekday),
  U: (time) => pad(Math.floor((time.yearDay + 7 - time.weekday) / 7), 2),
  V: (time) => pad(isoWeek(time).week, 2),
  w: (time) => String(time.weekday),
  W: (time) => pad(Math.floor((time.yearDay + 7 - ((time.weekday + 6) % 7)) / 7), 2),
  x: (time) => formatTime('%m/%d/%y', time),
  X: (time) => formatTime('%H:%M:%S', time),
  y: (time) => pad(floorMod(time.year, 100), 2),
  Y: (time) => String(time.year),
  z: () => '+0000',
  Z: () => 'UTC',
  '%': () => '%',
}

/** strftime. The modifiers E and O change nothing in the C locale; Lua has refused unknown conversions before. */
export function formatTime(format: string, time: CalendarTime): string {
  return format.replace(/%[EO]?(.)/gs, (_, conversion: string) => CONVERSIONS[conversion]?.(time) ?? '')
}
