import { clausesOf, type Clause, type ClauseMood } from './clauses.js'
import { saidNumbers } from './saidNumbers.js'
import { areRelated, contentWords, isEnglish, nameWords, squeeze, wordsOf } from './words.js'

/** The call in words: what a clause must share with it to be about it. */
export interface CallWords {
  toolName: string
  description: string
  /** Names and descriptions of the parameters, and the values of closed lists. */
  schemaWords: readonly string[]
  /** The call's values. */
  values: readonly unknown[]
}

/** Words of tools, and values, that end, remove, hinder or refuse something: `no X` is what they are called for. */
const ending = new Set(
  (
    'remove removes delete deletes cancel cancels cancelled avoid avoids block blocks blocked mute mutes stop stops halt off end ends decline declines declined exclude excludes excluded without clear clears ' +
    'unfollow withdraw withdraws ignore ignores skip skips bypass bypasses drop drops hide hides hidden disable disables disabled reject rejects silence quiet pause pauses paused suspend close closes closed unmark unreserve ' +
    'unlink unshare unsubscribe unblock release discard archive leave revoke throw away reset absence absent allergy allergic none zero empty cut lock dismiss erase undo unmatch refuse retire vacate bar short split rest ' +
    'strike sold soldout out lost forget mask restrict deny diet stopped hold cleared eighty never not'
  ).split(' '),
)

/** Verbs that take back a request unless they are what the tool does, with words for that. */
const doubleEdged: readonly (readonly [verb: string, own: string])[] = [
  ['skip', 'skip next bypass exclude jump forward'],
  ['ignore', 'ignore bypass mute exclude disable'],
  ['leave', 'leave drop deliver exclude delivery bypass remove exit deposit door'],
  ['keep', 'keep hold reserve save stay store retain avoid out block feed'],
  ['stay', 'stay hold keep height level'],
  ['hold', 'hold pause reserve stop delay wait'],
  ['forget', 'forget delete remove clear unpair navigation route'],
  ['cancel', 'cancel delete remove drop withdraw clear decline halt end stop reset undo call'],
  ['scrap', 'cancel delete remove drop withdraw clear decline halt end stop reset discard'],
  ['drop', 'drop cancel delete remove withdraw lower'],
  ['stop', 'stop halt end pause'],
]

/**
 * Whether the user's last message asks not to make this call: it holds a negation that concerns the
 * tool, and no wish that concerns it more. `don't stop, play the next one` negates `stop` alone; a
 * withdrawal (`never mind`) takes back what stands before it. To a tool that ends or avoids things,
 * `no X` and `not X any more` are wishes. English only.
 */
export function isNegated(lastUserText: string, call: CallWords): boolean {
  const words = wordsOf(lastUserText)
  if (!isEnglish(lastUserText)) return false
  const name = nameWords(call.toolName)
  const isEnding =
    name.some((word) => ending.has(word)) || nameWords(call.description).slice(0, 1).some((word) => ending.has(word) && !word.startsWith('drop')) ||
    call.values.some(isEndingValue)
  const read = (clause: Clause): Clause => ({ ...clause, mood: moodForTool(clause, { ...call, name, isEnding }) })
  const clauses = clausesOf(words).map(read)
  const score = createScore(call)
  const scores = (test: (mood: ClauseMood, i: number) => boolean) => clauses.filter(({ mood }, i) => test(mood, i)).map(score)

  const lastWithdrawal = clauses.findLastIndex(({ mood }) => mood === 'withdraw')
  const best = Math.max(-1, ...scores((mood, i) => mood === 'wish' && i > lastWithdrawal))
  if (lastWithdrawal >= 0 && best <= 0) return true
  const told = Math.max(-1, ...scores((mood) => mood === 'report'))
  const against = Math.max(-1, ...scores((mood, i) => mood === 'forbid' || mood === 'keep' || (mood === 'exclude' && i === 0)))
  // What is excluded on the way to a wish (`a curry, no coriander`) narrows the wish.
  const narrowing = Math.max(-1, ...scores((mood, i) => mood === 'exclude' && i > 0))
  if (against > 0 || narrowing > 0) return told <= Math.max(against, narrowing) && (against > 0 ? against >= best : narrowing > best)
  if (against === 0 || narrowing === 0) return best < 0 || (best === 0 && (clauses[0]?.mood === 'forbid' || clauses[0]?.mood === 'exclude'))
  return best < 0 && told <= 0 && clauses.some(({ mood }) => mood === 'contrast')
}

function moodForTool(clause: Clause, { name, isEnding, values }: CallWords & { name: readonly string[]; isEnding: boolean }): ClauseMood {
  const { mood, words } = clause
  if (mood === 'wish' || mood === 'report') return mood
  const texts = words.map(({ text }) => text)
  const squeezed = squeeze(texts.join(' '))
  // What the call carries as a text is not said about the call.
  if (values.some((value) => typeof value === 'string' && (squeeze(value) === squeezed || (texts.length > 1 && squeeze(value).includes(squeezed))))) return 'wish'
  const isPlain = !texts.some((word) => /n't$|^(?:not|no|never|dont|nevermind)$/.test(word))
  const verb = doubleEdged.find(([edged]) => texts.some((word) => areRelated(word, edged)))
  const own = [...name, ...values.filter((value) => typeof value === 'string').flatMap(nameWords)]
  if (isPlain && verb && own.some((word) => verb[1].split(' ').includes(word))) return 'wish'
  if (mood === 'keep' && saidNumbers(words).some(({ vague, readings }) => !vague && readings.some((reading) => values.includes(reading)))) return 'wish'
  if (!isEnding || mood === 'keep' || mood === 'withdraw') return mood
  if (mood === 'exclude') return /\b(?:need|want|have) (?:you )?to\b/.test(texts.join(' ')) && texts.some((word) => isOwnVerb(word, name)) ? mood : 'wish'
  if (mood !== 'forbid' || /\byet\b|\b(?:nearly|almost|thought|going|need)\b/.test(texts.join(' '))) return mood
  return /\b(?:let|allow|use|show|count|waste|need|want|hear|see|take me|send me|bother me)\b/.test(texts.join(' ')) && !texts.some((word) => isOwnVerb(word, name)) ? 'wish' : mood
}

/** Whether a word is what an ending tool does, or one of its kind: `don't delete it` is no wish to delete. */
function isOwnVerb(word: string, name: readonly string[]): boolean {
  return ending.has(word) || name.some((own) => areRelated(own, word))
}

function isEndingValue(value: unknown): boolean {
  return value === false || value === 0 || (typeof value === 'string' && nameWords(value).some((word) => ending.has(word)))
}

function createScore({ toolName, description, schemaWords, values }: CallWords): (clause: Clause) => number {
  const texts = values.filter((value) => typeof value === 'string')
  const strong = contentWords([...nameWords(toolName), ...texts.flatMap(nameWords)])
  const weak = contentWords([...nameWords(description), ...schemaWords.flatMap(nameWords)])
  return ({ words }) => {
    let sum = saidNumbers(words).some(({ vague, readings }) => !vague && readings.some((reading) => values.includes(reading))) ? 2 : 0
    for (const word of new Set(contentWords(words.map(({ text }) => text)))) {
      if (strong.some((own) => areRelated(own, word))) sum += 2
      else if (weak.some((own) => areRelated(own, word))) sum += 1
    }
    return sum
  }
}
