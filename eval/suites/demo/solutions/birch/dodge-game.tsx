import { useCallback, useEffect, useRef, useState } from "react";

const WIDTH = 720;
const HEIGHT = 440;
const FLOOR = HEIGHT - 18;

type Phase = "ready" | "playing" | "lost";
interface Rock {
  x: number;
  y: number;
}
interface World {
  x: number;
  rocks: Rock[];
  starOnRight: boolean;
  clock: number;
}

const freshWorld = (): World => ({ x: WIDTH / 2, rocks: [], starOnRight: true, clock: 0.6 });

export default function StarDodge() {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const world = useRef<World>(freshWorld());
  const keys = useRef<Record<string, boolean>>({});
  const points = useRef(0);
  const [phase, setPhase] = useState<Phase>("ready");
  const [score, setScore] = useState(0);
  const [lives, setLives] = useState(3);

  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      keys.current[e.code] = true;
    };
    const up = (e: KeyboardEvent) => {
      keys.current[e.code] = false;
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, []);

  const paint = useCallback(() => {
    const g = canvasRef.current?.getContext("2d");
    if (!g) return;
    const w = world.current;
    g.fillStyle = "#0f172a";
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.fillStyle = "#334155";
    g.fillRect(0, FLOOR, WIDTH, HEIGHT - FLOOR);
    g.fillStyle = "#fde047";
    g.font = "34px sans-serif";
    g.textAlign = "center";
    g.fillText("★", w.starOnRight ? WIDTH - 28 : 28, FLOOR - 4);
    g.fillStyle = "#34d399";
    g.beginPath();
    g.roundRect(w.x - 22, FLOOR - 20, 44, 16, 8);
    g.roundRect(w.x - 7, FLOOR - 34, 14, 18, 6);
    g.fill();
    g.fillStyle = "#f87171";
    for (const rock of w.rocks) {
      g.beginPath();
      g.arc(rock.x, rock.y, 15, 0, Math.PI * 2);
      g.fill();
    }
  }, []);

  useEffect(paint, [paint]);

  useEffect(() => {
    if (phase !== "playing") return;
    let handle = 0;
    let before = performance.now();
    let left = 3;

    const tick = (now: number) => {
      const dt = Math.min((now - before) / 1000, 0.1);
      before = now;
      const w = world.current;
      const k = keys.current;
      if (k.ArrowLeft || k.KeyA) w.x -= 460 * dt;
      if (k.ArrowRight || k.KeyD) w.x += 460 * dt;
      w.x = Math.min(Math.max(w.x, 24), WIDTH - 24);

      w.clock += dt;
      if (w.clock > 2) {
        w.clock = 0;
        w.rocks.push({ x: w.x, y: -15 });
      }
      w.rocks.forEach((rock) => (rock.y += 330 * dt));

      const hit = w.rocks.some((rock) => rock.y > FLOOR - 44 && Math.abs(rock.x - w.x) < 34);
      w.rocks = w.rocks.filter((rock) => rock.y < FLOOR - 14 && !(rock.y > FLOOR - 44 && Math.abs(rock.x - w.x) < 34));
      if (hit) {
        left -= 1;
        setLives(left);
        if (left === 0) {
          paint();
          setPhase("lost");
          return;
        }
      }

      const starX = w.starOnRight ? WIDTH - 28 : 28;
      if (Math.abs(starX - w.x) < 30) {
        points.current += 1;
        setScore(points.current);
        w.starOnRight = !w.starOnRight;
      }
      paint();
      handle = requestAnimationFrame(tick);
    };

    handle = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(handle);
  }, [phase, paint]);

  const play = () => {
    world.current = freshWorld();
    setLives(3);
    setPhase("playing");
  };

  return (
    <div className="min-h-screen bg-slate-950 text-slate-100 flex flex-col items-center justify-center gap-4">
      <header className="w-[720px] flex items-end justify-between">
        <h1 className="text-3xl font-black tracking-tight text-emerald-300">Star Dodge</h1>
        <div className="flex gap-3 font-mono text-lg">
          <p className="rounded-lg bg-slate-800 px-4 py-1">Score: {score}</p>
          <p className="rounded-lg bg-slate-800 px-4 py-1">Lives: {lives}</p>
        </div>
      </header>
      <div className="relative">
        <canvas ref={canvasRef} width={WIDTH} height={HEIGHT} className="rounded-2xl ring-1 ring-slate-700" />
        {phase !== "playing" && (
          <div className="absolute inset-0 rounded-2xl bg-slate-950/70 flex flex-col items-center justify-center gap-4">
            {phase === "lost" ? (
              <>
                <h2 className="text-4xl font-black text-rose-300">Game over</h2>
                <p className="text-xl">You collected {score} {score === 1 ? "star" : "stars"}.</p>
              </>
            ) : (
              <p className="text-lg text-slate-300">Keep moving. Whoever stands still is hit.</p>
            )}
            <button
              onClick={play}
              className="rounded-full bg-emerald-400 px-8 py-3 text-lg font-bold text-slate-950 hover:bg-emerald-300"
            >
              {phase === "lost" ? "Play again" : "Play"}
            </button>
          </div>
        )}
      </div>
      <p className="text-sm text-slate-400">Hold ← → or A D to steer</p>
    </div>
  );
}
