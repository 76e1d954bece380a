import type { ReactNode } from 'react'
import { describeHome, type Home, type RoomState } from './home.js'
import './home.css'

/** The home, cut open: lights glow, blinds hang as low as they are set, notes rise from the speaker. */
export function HomePicture({ home }: { home: Home }) {
  const { living_room, kitchen, bedroom } = home.rooms
  return (
    <svg className="home" viewBox="0 0 480 380" role="img" aria-label={describeHome(home)}>
      <path className="home-roof" d="M240 8 462 104H18Z" />
      <rect className="home-roof" x="352" y="30" width="30" height="50" rx="3" />
      <RoomView x={36} y={104} width={200} height={116} state={bedroom} lamp={{ x: 40, y: 62, isTall: false }} window={{ x: 104, y: 18, width: 68, height: 44 }}>
        <path className="home-wood" d="M88 78h8v30h-8zM180 86h8v22h-8z" />
        <rect className="home-fabric" x="92" y="84" width="92" height="18" rx="6" />
        <rect className="home-pillow" x="96" y="76" width="28" height="13" rx="6" />
        <path className="home-wood" d="M28 84h26v24h-4V90H32v18h-4z" />
      </RoomView>
      <RoomView x={244} y={104} width={200} height={116} state={kitchen} lamp={{ x: 70, y: 36, isHanging: true }} window={{ x: 122, y: 18, width: 60, height: 44 }}>
        <rect className="home-wood" x="112" y="76" width="80" height="32" rx="2" />
        <rect className="home-worktop" x="108" y="71" width="88" height="6" rx="3" />
        <path className="home-line" d="M138 77v31M166 77v31" />
        <rect className="home-worktop" x="40" y="76" width="60" height="5" rx="2" />
        <path className="home-wood" d="M45 81h5v27h-5zM90 81h5v27h-5z" />
        <path className="home-fabric" d="M60 76c0-8 20-8 20 0z" />
      </RoomView>
      <RoomView x={36} y={228} width={408} height={130} state={living_room} lamp={{ x: 52, y: 44, isTall: true }} window={{ x: 150, y: 20, width: 104, height: 52 }}>
        <rect className="home-fabric" x="92" y="84" width="128" height="26" rx="8" />
        <rect className="home-fabric" x="100" y="68" width="112" height="26" rx="9" opacity="0.75" />
        <path className="home-wood" d="M102 110h6v10h-6zM204 110h6v10h-6z" />
        <rect className="home-wood" x="300" y="94" width="92" height="8" rx="2" />
        <path className="home-wood" d="M306 102h5v18h-5zM381 102h5v18h-5z" />
        <Thermostat temperature={home.temperature} />
        <Speaker isPlaying={home.music !== undefined} />
      </RoomView>
      <rect className="home-ground" x="0" y="358" width="480" height="10" rx="5" />
    </svg>
  )
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

interface RoomViewProps extends Box {
  state: RoomState
  lamp: { x: number; y: number; isTall?: boolean; isHanging?: boolean }
  window: Box
  children: ReactNode
}

function RoomView({ x, y, width, height, state, lamp, window, children }: RoomViewProps) {
  const glow = state.light / 100
  return (
    <svg x={x} y={y} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <rect className="home-wall" width={width} height={height} />
      <rect className="home-warmth" width={width} height={height} opacity={glow * 0.55} />
      <WindowView {...window} open={state.blinds / 100} />
      <rect className="home-floor" y={height - 10} width={width} height="10" />
      <circle className="home-glow" cx={lamp.x} cy={lamp.y} r="46" opacity={glow * 0.6} />
      {children}
      {lamp.isHanging ? (
        <path className="home-stem" d={`M${lamp.x} 0V${lamp.y - 12}`} />
      ) : (
        <path className="home-stem" d={`M${lamp.x} ${lamp.y + 8}V${lamp.isTall ? height - 12 : 84}`} />
      )}
      {lamp.isTall && <path className="home-stem" d={`M${lamp.x - 11} ${height - 11}h22`} />}
      <path className="home-shade" d={`M${lamp.x - 8} ${lamp.y - 12}h16l7 20h-30z`} />
      <path className="home-bulb" d={`M${lamp.x - 8} ${lamp.y - 12}h16l7 20h-30z`} opacity={glow} />
    </svg>
  )
}

function WindowView({ x, y, width, height, open }: Box & { open: number }) {
  const slats = 6
  const drop = (1 - open) * height
  return (
    <svg x={x} y={y} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <rect className="home-sky" width={width} height={height} />
      <circle className="home-sun" cx={width * 0.76} cy={height * 0.32} r="7" />
      <path className="home-hill" d={`M0 ${height}V${height * 0.78}Q${width * 0.3} ${height * 0.5} ${width} ${height * 0.82}V${height}z`} />
      <g className="home-blinds" style={{ transform: `translateY(${drop - height}px)` }}>
        {Array.from({ length: slats }, (_, index) => (
          <rect key={index} className="home-slat" y={(index * height) / slats} width={width} height={height / slats - 1} />
        ))}
      </g>
      <rect className="home-frame" x="1" y="1" width={width - 2} height={height - 2} rx="2" />
      <path className="home-frame" d={`M${width / 2} 0V${height}`} />
    </svg>
  )
}

function Thermostat({ temperature }: { temperature: number }) {
  const share = (temperature - 15) / (28 - 15)
  return (
    <g>
      <circle className="home-dial" cx="300" cy="46" r="19" />
      <circle
        className="home-dial-ring"
        cx="300"
        cy="46"
        r="15.5"
        pathLength="100"
        strokeDasharray={`${8 + share * 92} 100`}
        transform="rotate(-90 300 46)"
      />
      <text className="home-dial-text" x="300" y="50">
        {temperature}°
      </text>
    </g>
  )
}

function Speaker({ isPlaying }: { isPlaying: boolean }) {
  return (
    <g>
      <rect className="home-speaker" x="338" y="62" width="22" height="32" rx="5" />
      <circle className="home-cone" cx="349" cy="82" r="6.5" />
      <circle className="home-cone" cx="349" cy="70" r="2.5" />
      {isPlaying && (
        <g className="home-notes">
          <path d="M372 54v-13l9-2v12" />
          <circle cx="370" cy="54" r="2.6" />
          <circle cx="379" cy="51" r="2.6" />
          <path d="M330 46v-12" />
          <circle cx="328" cy="46" r="2.6" />
        </g>
      )}
    </g>
  )
}
