import { fold, type Word } from './words.js'

/**
 * What a clause does:
 * - `wish`: it may ask for something;
 * - `forbid`: it asks not to do something (`don't stop`, `no need to`);
 * - `exclude`: it wants none of something (`no music`, `I don't need`, `never`): to a tool that ends things, a wish;
 * - `contrast`: it names what is not meant (`not the red one`);
 * - `keep`: it wants something to stay (`leave it as it is`);
 * - `withdraw`: it takes back what was said before (`never mind`);
 * - `report`: it tells a reason or a fact.
 */
export type ClauseMood = 'wish' | 'forbid' | 'exclude' | 'contrast' | 'keep' | 'withdraw' | 'report'

/** A part of a sentence between marks or joining words. */
export interface Clause {
  words: readonly Word[]
  mood: ClauseMood
}

/** What a clause is shows at its beginning; a text pasted in has clauses without end. */
const MAX_WORDS = 40

const joins = new Set('but so because cause cos coz since then though although whereas and'.split(' '))
const openers = new RegExp(
  `^(?:(?:please|pls|plz|no|nope|nah|naah|oh|ah|uh|um|hmm|hm|hey|well|ok|okay|wait|stop|whoa|actually|and|just|also|now|sorry|guys|yes|yeah|but|or|shhh?|thanks|honestly|maybe|better|for now|you know what|hold on|hang on|on second thoughts?|whatever (?:you do|happens)|for heaven's sake|by the way) )+`,
)

/** Takes back all that was said before, with no object of its own. */
const withdraw = whole(
  'never ?mind(?: (?:that|it|me|then|please|thanks))?',
  'forget (?:about )?(?:it|that|this|i (?:said|asked)|what i said)(?: .{0,20})?',
  '(?:scrap|strike|scratch|ignore|drop|disregard|cancel|skip) (?:that|it|this|all that|what i said.*|my request)(?: (?:please|pls|thanks|then|now|for now|again|thought|idea|last one))?',
  "(?:i |i've |i have |we |we've |she |he |they )?(?:just )?(?:have |has )?changed (?:my|our|her|his|their) minds?(?: .{0,12})?",
  'on second thoughts?',
  "(?:don't|dont|do not)(?: bother| please| do (?:it|that|this))?",
  '(?:not|no) (?:yet|now|today|anymore|after all|necessary|needed|need|way|thanks?|thank you|change|sale|booking|report|thanks .*)',
  "(?:let's|lets|let us|rather|better|i'd rather|we'd rather|i would rather) not(?: .{0,12})?",
  'no (?:\\w+ ){1,3}(?:thanks|thank you)',
  '(?:leave|let) (?:it|them|him|her)(?: (?:be|stand|stay|alone|there|then|for now|on|in|as .*|where .*|how .*))?',
  'no need(?: to)?',
  'hold off(?: .{0,16})?',
  '.{0,20}(?:talked|talking) me (?:out of|round).*',
  'false alarm',
  "(?:i|we|it|he|she|they) (?:won't|stays?|stands?|remains?)(?: .{0,20})?",
  'rules are rules|it can wait|nothing (?:to (?:do|log|report|book|add|change)|changes)|stop asking',
)

const dont = "(?:don't|dont|do not|dinnae|don't you dare|do not ever|please don't)"
const forbid: readonly RegExp[] = [
  new RegExp(`^(?:(?!(?:i|we|you|they|he|she|it|people|who) )\\S+ )?${dont} (?!forget|hesitate|worry|mind|care|know|remember|think|believe|miss|disturb|get me wrong|like|only|just)\\w`),
  /\b(?:no|without) (?:need|reason|point|call) (?:to|for|in)\b|\b(?:needn't|need not|won't be necessary|don't touch|dont touch|decided against|hands off|rather you didn't|keep .+ off)\b/,
  /^(?:i'd|we'd|i would|we would|let's|lets|let us|i'll|we'll|i will) (?:rather|better|much rather|prefer)? ?(?:not|never)\b/,
  /\b(?:not|isn't|aren't|hasn't|haven't|n't) (?:\S+ ){0,4}yet\b|^not yet\b/,
  /\bnot (?:\w+ing) .*\b(?:yet|after all|today|tonight)\b|\b(?:i'm|we're|i am|we are) not \w+ing\b|\b(?:i|we) won't\b/,
  /^(?:i |we |i've |we've |i'd |had )?(?:nearly|almost) (?!out|due|there|done|all|every|no|gone|over|finished|empty|half|the|a|ready|at|time|as|any)\w+(?:ed|ought|ot|oke|ent|old|ook|rew|et|ut)\b/,
  /\b(?:was going to|were going to|was about to|were about to|meant to|had thought of|thought about|thought of|toyed with|considered|was tempted|am tempted|wondered (?:about|if|whether)|was thinking (?:of|about)?|had planned|was gonna|on the point of|had my (?:hand|finger) on|half a mind)\b/,
  /^(?:i |we )?(?:wanted to|could have|was sure|feared|was that close)\b/,
  /^(?:nobody|no one|no-one|noone) (?:is to|must|may|should|touch|touches|stops?|runs?|starts?|opens?|closes?|moves?)\b/,
  /^(?:hold off|hold on|hang on|wait) (?:with|on|before|\w+ing)\b/,
  /^never ?mind (?!to\b)\w/,
]

const exclude: readonly RegExp[] = [
  /^(?:please |so |then |thanks |absolutely |we want |i want |there's |with )*(?:no|zero) (?!\d|\w+ than\b|problem|idea|worries|wait|rush|matter|one|longer|doubt|way|hurry|kidding|clue|joke|later|earlier|less|i\b|it\b|he\b|she\b|they\b|we\b|you\b|the\b|that\b|this\b|turn|set|make|put|use|go\b|take|give|start|open|show|play|move|only\b|don't|dont|not\b|leave|keep)\w/,
  /^(?:i|we|i really|we really|you|people) (?:don't|dont|do not|didn't|no longer|needn't|never) (?:want|need|feel like|wanna|have|intend|wish|plan|care for|actually want|use|\w+)/,
  /^never (?!mind)\w/,
  /\b(?:anymore|any more|any longer|no longer(?! than)|after all)\b/,
  /\b(?:isn't|aren't|not) (?:necessary|needed|wanted|required)\b|\bunnecessary\b|\bdo(?:es)?(?:n't| not) need\b/,
  /^(?:skip|ignore|forget|spare me|disregard|scrap|cancel|drop the idea) (?:\w|$)/,
]
const contrast =
  /^not\b(?! (?:only|just|sure|bad|too|so|more|less|above|below|over|under|until|before|later|than|a problem|that|working|good|enough|really|at all))/

const keep: readonly RegExp[] = [
  /^(?:\S+ )?(?:can |may |should |must )?(?:leave|keep) (?:.* )?(?:alone|be|as (?:it|they|he|she|is|you|i|planned)\b.*|as is|the way .*|where .*|how .*|like (?:that|this|it is|so).*|in place|put|untouched|unchanged|running|going|steady|for (?:now|later)|then)$/,
  /^(?:you can |we can |i'll |we'll |let's |let us |lets |i'd rather |we'd rather |rather |please )*(?:leave|keep)(?:ing)? (?!an eye|at\b|a\b|for\b|me\b|by\b|from\b|now\b|early\b|every)\w/,
  /(?<!\bto )\b(?:stays?|staying|remains?|stands) (?!to\b)(?:\w+)/,
  /^(?:let|let's|lets|let us) (?:\S+ )*(?:be|ring|run|hang|stand|stay|stick with .*)$|^(?:stick with|hold the) \w|^carry on as/,
  /\b(?:is|are|looks?|suits?|seems?) (?:fine|okay|ok|good|perfect|right|great) (?:as|the way|like|how)\b/,
]

const reports =
  /^(?:it|it's|its|he|he's|she|she's|they|they're|they've|that|that's|thats|there|there's|theres|i'm|im|i've|i was|i am|i have|i had|i still|i just|i already|i can|i found|i only|i did|i think|i thought|i hate|i like|i love|i know|we're|we've|we are|we have|we had|we still|nobody|somebody|someone|everybody|everyone|who|which|whose|those|these|this is|this was|he'll|she'll|they'll|it'll|he'd|she'd|they'd|as|if|when|where|while|in case|for once|or)\b/
const subject = /^(?!please|can|could|would|will|let|make|set|i want|i need|i'd|we need|we want|so|how|what|is |are |does |do )(?:my |our|the |his |her |their |your )?\S+(?: \S+){0,2} (?:is|are|was|were|has|have|had|will|would|might|may|can|likes?|loves?|hates?|says?|said|wants?|wanted|needs?|looks?|sounds?|still|already|knows?|asked|did|does|isn't|hasn't|won't|can't|doesn't|didn't|\w{2,}ed)\b/

/** The clauses of a text, each with its mood. English only. */
export function clausesOf(words: readonly Word[]): Clause[] {
  const clauses: { words: Word[]; isTurn: boolean }[] = [{ words: [], isTurn: false }]
  for (const word of words) {
    const breaks = /[,.;:!?()\n…–—"]| -/.test(word.gap)
    const joining = joins.has(word.text)
    if ((breaks || joining) && clauses.at(-1)!.words.length > 0) clauses.push({ words: [], isTurn: false })
    if (word.text === 'but' || word.text === 'so') clauses.at(-1)!.isTurn = true
    if (!joining) clauses.at(-1)!.words.push(word)
  }
  const filled = clauses.filter((clause) => clause.words.length > 0)
  return filled.map(({ words: own, isTurn }, i) => ({ words: own, mood: moodOf(own.slice(0, MAX_WORDS).map(({ text }) => text).join(' '), isTurn || (i > 0 && i === filled.length - 1)) }))
}

/** @param turns whether the clause comes after `but` or ends the text, where a bare `no` takes back. */
function moodOf(text: string, turns: boolean): ClauseMood {
  const bare = text.replace(openers, '')
  if (/^(?:no|nope|nah|naah)$/.test(text)) return turns ? 'withdraw' : 'report'
  if (withdraw.test(bare) || withdraw.test(text)) return 'withdraw'
  const holds = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(text) || pattern.test(bare))
  if (holds(forbid)) return 'forbid'
  if (holds(keep)) return 'keep'
  if (holds(exclude)) return 'exclude'
  if (contrast.test(bare)) return 'contrast'
  return reports.test(bare) || subject.test(bare) ? 'report' : 'wish'
}

function whole(...patterns: string[]): RegExp {
  return new RegExp(`^(?:${patterns.map((pattern) => fold(pattern)).join('|')})$`)
}
