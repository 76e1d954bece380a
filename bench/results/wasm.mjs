// Written by npm run bench -- --publish.
/** @type {import('../compare/report.mjs').Published} */
export const figures = {
 "machine": "AMD EPYC, 2 cores",
 "device": "wasm",
 "threads": 2,
 "taken": {
  "turns": "2026-11-21T23:57:35.988Z",
  "start": "2026-11-22T00:05:19.164Z",
  "prose": "2026-11-22T00:07:28.168Z"
 },
 "load": {
  "start": 5.1,
  "prose": 5.1,
  "turns": 8.2
 },
 "rows": [
  {
   "scenario": "start",
   "what": "cold start",
   "against": "transformers",
   "ours": "3684 ms",
   "theirs": "7018 ms",
   "value": 1.9050501650449387,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    3683.8400000035763,
    7017.9000000059605
   ]
  },
  {
   "scenario": "start",
   "what": "cold start",
   "against": "wllama",
   "ours": "3684 ms",
   "theirs": "4805 ms",
   "value": 1.3044201159663003,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    3683.8400000035763,
    4805.2750000059605
   ]
  },
  {
   "scenario": "start",
   "what": "warm start",
   "against": "transformers",
   "ours": "1199 ms",
   "theirs": "4445 ms",
   "value": 3.7080737052026733,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    1198.8299999982119,
    4445.35000000149
   ]
  },
  {
   "scenario": "start",
   "what": "warm start",
   "against": "wllama",
   "ours": "1199 ms",
   "theirs": "2503 ms",
   "value": 2.088211005736934,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    1198.8299999982119,
    2503.4100000038743
   ]
  },
  {
   "scenario": "turns",
   "what": "send → call, first turn",
   "against": "wllama",
   "ours": "4690 ms",
   "theirs": "48703 ms",
   "value": 10.38419379460495,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    4690.120000004768,
    48703.115000002086
   ],
   "goal": {
    "least": 8
   }
  },
  {
   "scenario": "turns",
   "what": "send → call, second turn",
   "against": "wllama",
   "ours": "955 ms",
   "theirs": "37928 ms",
   "value": 39.72525843906823,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    954.7700000032783,
    37928.484999999404
   ]
  },
  {
   "scenario": "turns",
   "what": "send → call, regenerate",
   "against": "wllama",
   "ours": "525 ms",
   "theirs": "20308 ms",
   "value": 38.69793631689892,
   "unit": "×",
   "unitOf": "ms",
   "medians": [
    524.7900000065565,
    20308.289999999106
   ]
  },
  {
   "scenario": "prose",
   "what": "prose, decode",
   "against": "transformers",
   "ours": "63.8 tok/s",
   "theirs": "10.9 tok/s",
   "value": 6.1103492634120204,
   "unit": "×",
   "unitOf": "tok/s",
   "medians": [
    63.75449778749886,
    10.924124396939629
   ]
  },
  {
   "scenario": "prose",
   "what": "prose, decode",
   "against": "wllama",
   "ours": "63.8 tok/s",
   "theirs": "6.1 tok/s",
   "value": 13.071641359194642,
   "unit": "×",
   "unitOf": "tok/s",
   "medians": [
    63.75449778749886,
    6.1256380192290845
   ]
  },
  {
   "scenario": "turns",
   "what": "memory of the page after turns",
   "against": "wllama",
   "ours": "213 MB",
   "theirs": "377 MB",
   "value": 1.7679450684720728,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    212.959232,
    376.500224
   ]
  },
  {
   "scenario": "turns",
   "what": "most memory of the page, load and turns",
   "against": "wllama",
   "ours": "324 MB",
   "theirs": "470 MB",
   "value": 1.4514253207761836,
   "unit": "×",
   "unitOf": "MB",
   "medians": [
    324.01408,
    470.28224
   ]
  }
 ]
}
