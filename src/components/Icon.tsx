const paths = {
  send: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  down: 'M12 5v14M5.5 12.5 12 19l6.5-6.5',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  cross: 'm6.5 6.5 11 11m0-11-11 11',
  alert: 'M12 7.5v5.5m0 3.2v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  tool: 'm8.5 8-4 4 4 4m7-8 4 4-4 4',
  retry: 'M19 12a7 7 0 1 1-2.1-5M19 4v4h-4',
} as const

/** One of the kit's line icons, in the colour of the text around it. Never the only carrier of a meaning. */
export function Icon({ name }: { name: keyof typeof paths | 'stop' | 'spinner' }) {
  return (
    <svg className={`edge-llm-icon edge-llm-icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {name === 'stop' && <rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" />}
      {name === 'spinner' && (
        <>
          <circle cx="12" cy="12" r="8" opacity="0.25" />
          <path d="M12 4a8 8 0 0 1 8 8" />
        </>
      )}
      {name !== 'stop' && name !== 'spinner' && <path d={paths[name]} />}
    </svg>
  )
}
