// Written by npm run bench -- --publish.
/** @type {import('../compare/report.mjs').Published} */
export const figures = {
 "machine": "AMD EPYC, 2 cores",
 "device": "wasm",
 "threads": 2,
 "taken": {
  "turns": "2026-11-22T02:44:56.764Z",
  "single": "2026-11-22T02:51:21.921Z",
  "start": "2026-11-22T02:56:51.703Z",
  "prose": "2026-11-22T02:59:59.920Z",
  "context": "2026-11-22T03:10:12.346Z",
  "reload": "2026-11-22T03:18:15.698Z",
  "forty": "2026-11-22T03:29:19.370Z"
 },
 "load": {
  "turns": 10.8,
  "single": 2.3,
  "start": 8.4,
  "prose": 5,
  "context": 2.1,
  "reload": 6.9,
  "forty": 3.6
 },
 "passes": {
  "passes": 99,
  "tokens": 376,
  "calls": 14
 },
 "rows": [
  {
   "scenario": "start",
   "what": "cold start",
   "against": "transformers",
   "ours": "2338 ms",
   "theirs": "4271 ms",
   "value": 1.925674168422137,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    2337.795000001788,
    4271.44999999553
   ]
  },
  {
   "scenario": "start",
   "what": "cold start",
   "against": "wllama",
   "ours": "2338 ms",
   "theirs": "4267 ms",
   "value": 1.825275526722426,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    2337.795000001788,
    4267.119999997318
   ]
  },
  {
   "scenario": "start",
   "what": "warm start",
   "against": "transformers",
   "ours": "727 ms",
   "theirs": "2709 ms",
   "value": 4.16644881514745,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    726.7549999952316,
    2709.39999999851
   ]
  },
  {
   "scenario": "start",
   "what": "warm start",
   "against": "wllama",
   "ours": "727 ms",
   "theirs": "2919 ms",
   "value": 3.6716281819194108,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    726.7549999952316,
    2919.384999997914
   ]
  },
  {
   "scenario": "turns",
   "what": "send → call, first turn",
   "against": "transformers",
   "ours": "2277 ms",
   "theirs": "10546 ms",
   "value": 4.530830995539835,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    2276.704999998212,
    10546.369999997318
   ],
   "goal": {
    "least": 4
   }
  },
  {
   "scenario": "turns",
   "what": "send → call, first turn",
   "against": "wllama",
   "ours": "2277 ms",
   "theirs": "15303 ms",
   "value": 6.5741765441355815,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    2276.704999998212,
    15302.645000003278
   ],
   "goal": {
    "least": 8
   }
  },
  {
   "scenario": "turns",
   "what": "send → call, second turn",
   "against": "transformers",
   "ours": "331 ms",
   "theirs": "8875 ms",
   "value": 26.830808997420426,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    330.7799999937415,
    8875.094999998808
   ],
   "goal": {
    "least": 15
   }
  },
  {
   "scenario": "turns",
   "what": "send → call, second turn",
   "against": "wllama",
   "ours": "331 ms",
   "theirs": "3871 ms",
   "value": 11.632409756353107,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    330.7799999937415,
    3871.094999998808
   ]
  },
  {
   "scenario": "turns",
   "what": "send → call, regenerate",
   "against": "transformers",
   "ours": "160 ms",
   "theirs": "9322 ms",
   "value": 59.221205665554415,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    159.57999999821186,
    9321.830000005662
   ]
  },
  {
   "scenario": "turns",
   "what": "send → call, regenerate",
   "against": "wllama",
   "ours": "160 ms",
   "theirs": "2093 ms",
   "value": 12.00234991867625,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    159.57999999821186,
    2092.60000000149
   ]
  },
  {
   "scenario": "forty",
   "what": "send → call, 40 tools",
   "against": "transformers",
   "ours": "22442 ms",
   "theirs": "236735 ms",
   "value": 10.548667430259595,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    22442.164999999106,
    236734.93500000238
   ]
  },
  {
   "scenario": "forty",
   "what": "send → call, 40 tools",
   "against": "wllama",
   "ours": "22442 ms",
   "theirs": "108422 ms",
   "value": 4.831168026792829,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    22442.164999999106,
    108421.87000000477
   ]
  },
  {
   "scenario": "single",
   "what": "send → call, first turn, 1 thread, no headers",
   "against": "transformers",
   "ours": "2831 ms",
   "theirs": "11335 ms",
   "value": 4.085164318774414,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    2830.949999999255,
    11335.250000003725
   ]
  },
  {
   "scenario": "single",
   "what": "send → call, first turn, 1 thread, no headers",
   "against": "wllama",
   "ours": "2831 ms",
   "theirs": "29588 ms",
   "value": 10.49999591802491,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    2830.949999999255,
    29587.64999999851
   ]
  },
  {
   "scenario": "single",
   "what": "send → call, second turn, 1 thread, no headers",
   "against": "transformers",
   "ours": "477 ms",
   "theirs": "12576 ms",
   "value": 26.396254975621375,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    477,
    12575.750000003725
   ],
   "goal": {
    "least": 12
   }
  },
  {
   "scenario": "single",
   "what": "send → call, second turn, 1 thread, no headers",
   "against": "wllama",
   "ours": "477 ms",
   "theirs": "7059 ms",
   "value": 14.839055497590863,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    477,
    7059.20000000298
   ]
  },
  {
   "scenario": "reload",
   "what": "send → call, first turn after a reload",
   "against": "without persistence",
   "ours": "913 ms",
   "theirs": "2447 ms",
   "value": 2.58852056736233,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    913.265000000596,
    2447.265000000596
   ],
   "goal": {
    "least": 4
   }
  },
  {
   "scenario": "prose",
   "what": "prose, decode",
   "against": "transformers",
   "ours": "109.0 tok/s",
   "theirs": "11.2 tok/s",
   "value": 8.57498056849704,
   "unit": "×",
   "unitOf": "tok/s",
   "medians": [
    108.97024135481507,
    11.223663651751462
   ]
  },
  {
   "scenario": "prose",
   "what": "prose, decode",
   "against": "wllama",
   "ours": "109.0 tok/s",
   "theirs": "19.7 tok/s",
   "value": 5.526022892146701,
   "unit": "×",
   "unitOf": "tok/s",
   "medians": [
    108.97024135481507,
    19.74386070308779
   ]
  },
  {
   "scenario": "prose",
   "what": "prose, decode",
   "against": "without speculation",
   "ours": "109.0 tok/s",
   "theirs": "86.0 tok/s",
   "value": 1.2808518497487875,
   "unit": "×",
   "unitOf": "tok/s",
   "medians": [
    108.97024135481507,
    86.01556768009915
   ],
   "goal": {
    "least": 1.2
   }
  },
  {
   "scenario": "context",
   "what": "first token of 2,000 tokens",
   "against": "transformers",
   "ours": "9293 ms",
   "theirs": "90874 ms",
   "value": 9.779275878783231,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    9292.505000002682,
    90873.96999999881
   ]
  },
  {
   "scenario": "context",
   "what": "first token of 2,000 tokens",
   "against": "wllama",
   "ours": "9293 ms",
   "theirs": "65629 ms",
   "value": 7.062535882410563,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    9292.505000002682,
    65628.64999999851
   ]
  },
  {
   "scenario": "context",
   "what": "first token, second turn of a 2,000-token chat",
   "against": "transformers",
   "ours": "143 ms",
   "theirs": "88886 ms",
   "value": 620.9268250151748,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    143.14999999850988,
    88885.67499999702
   ],
   "goal": {
    "least": 30
   }
  },
  {
   "scenario": "context",
   "what": "first token, second turn of a 2,000-token chat",
   "against": "wllama",
   "ours": "143 ms",
   "theirs": "2711 ms",
   "value": 18.936954244018153,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    143.14999999850988,
    2710.8250000029802
   ]
  },
  {
   "scenario": "turns",
   "what": "memory of the page after turns",
   "against": "transformers",
   "ours": "224 MB",
   "theirs": "592 MB",
   "value": 2.667827018342482,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    223.67744,
    591.722496
   ]
  },
  {
   "scenario": "turns",
   "what": "memory of the page after turns",
   "against": "wllama",
   "ours": "224 MB",
   "theirs": "379 MB",
   "value": 1.692851420330991,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    223.67744,
    378.652672
   ]
  },
  {
   "scenario": "turns",
   "what": "most memory of the page, load and turns",
   "against": "transformers",
   "ours": "332 MB",
   "theirs": "804 MB",
   "value": 2.418703794972893,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    332.43136,
    804.052992
   ]
  },
  {
   "scenario": "turns",
   "what": "most memory of the page, load and turns",
   "against": "wllama",
   "ours": "332 MB",
   "theirs": "483 MB",
   "value": 1.4524273040906852,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    332.43136,
    482.832384
   ]
  },
  {
   "scenario": "context",
   "what": "memory of the page, 2,000 tokens",
   "against": "transformers",
   "ours": "240 MB",
   "theirs": "730 MB",
   "value": 3.041436075114887,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    239.985664,
    729.901056
   ]
  },
  {
   "scenario": "context",
   "what": "memory of the page, 2,000 tokens",
   "against": "wllama",
   "ours": "240 MB",
   "theirs": "383 MB",
   "value": 1.5951544838945046,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    239.985664,
    382.814208
   ]
  }
 ]
}
