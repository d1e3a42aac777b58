import { useEffect, useRef, useState } from "react";
import { Circle, Eraser, Minus, Pencil, Redo2, Square, Trash2, Undo2 } from "lucide-react";

/* Mantine's markup: SegmentedControl, ColorSwatch, Slider, ActionIcon with tooltips as aria-labels. */
const css = `
.mantine-AppShell-root { font-family: Inter, "Liberation Sans", sans-serif; padding: 16px 24px; background: #f8f9fa; min-height: 100vh; box-sizing: border-box; }
.mantine-Group-root { display: flex; gap: 16px; align-items: center; margin-bottom: 12px; }
.mantine-SegmentedControl-root { display: flex; background: #e9ecef; border-radius: 4px; padding: 4px; }
.mantine-SegmentedControl-input { position: absolute; opacity: 0; width: 0; height: 0; }
.mantine-SegmentedControl-label { padding: 4px 10px; border-radius: 4px; cursor: pointer; display: flex; gap: 6px; align-items: center; }
.mantine-SegmentedControl-label[data-active] { background: #fff; }
.mantine-ColorSwatch-root { width: 26px; height: 26px; border-radius: 50%; border: 0; cursor: pointer; }
.mantine-ActionIcon-root { width: 32px; height: 32px; border: 1px solid #ced4da; border-radius: 4px; background: #fff; display: grid; place-items: center; cursor: pointer; }
`;

type Tool = "pencil" | "line" | "rect" | "eraser";
interface Shape {
  tool: Tool;
  color: string;
  size: number;
  points: { x: number; y: number }[];
}

const TOOLS: [Tool, string, typeof Pencil][] = [
  ["pencil", "Pencil", Pencil],
  ["line", "Straight line", Minus],
  ["rect", "Box", Square],
  ["eraser", "Rubber", Eraser],
];
const COLORS: [string, string][] = [["black", "#212529"], ["red", "#fa5252"], ["green", "#40c057"], ["blue", "#228be6"]];

export default function Sketchpad() {
  const ref = useRef<HTMLCanvasElement>(null);
  const [shapes, setShapes] = useState<Shape[]>([]);
  const [future, setFuture] = useState<Shape[]>([]);
  const [live, setLive] = useState<Shape | null>(null);
  const [tool, setTool] = useState<Tool>("pencil");
  const [color, setColor] = useState("#212529");
  const [size, setSize] = useState(4);

  useEffect(() => {
    const g = ref.current!.getContext("2d")!;
    g.fillStyle = "#fff";
    g.fillRect(0, 0, 960, 520);
    for (const s of live ? [...shapes, live] : shapes) {
      g.strokeStyle = s.tool === "eraser" ? "#fff" : s.color;
      g.lineWidth = s.size;
      g.lineJoin = "round";
      const a = s.points[0];
      const z = s.points[s.points.length - 1];
      g.beginPath();
      if (s.tool === "rect") g.rect(a.x, a.y, z.x - a.x, z.y - a.y);
      else if (s.tool === "line") {
        g.moveTo(a.x, a.y);
        g.lineTo(z.x, z.y);
      } else s.points.forEach((p) => g.lineTo(p.x, p.y));
      g.stroke();
    }
  }, [shapes, live]);

  const at = (e: React.PointerEvent) => ({ x: e.nativeEvent.offsetX, y: e.nativeEvent.offsetY });

  return (
    <div className="mantine-AppShell-root">
      <style>{css}</style>
      <div className="mantine-Group-root">
        <div className="mantine-SegmentedControl-root" role="radiogroup">
          {TOOLS.map(([value, label, Icon]) => (
            <div key={value} className="mantine-SegmentedControl-control">
              <input className="mantine-SegmentedControl-input" type="radio" name="mantine-tool" id={`mantine-${value}`} value={value} checked={tool === value} onChange={() => setTool(value)} />
              <label className="mantine-SegmentedControl-label" data-active={tool === value || undefined} htmlFor={`mantine-${value}`}>
                <Icon size={16} /> <span>{label}</span>
              </label>
            </div>
          ))}
        </div>
        {COLORS.map(([name, hex]) => (
          <button key={name} type="button" className="mantine-ColorSwatch-root" aria-label={name} aria-pressed={color === hex} style={{ background: hex }} onClick={() => setColor(hex)} />
        ))}
        <Circle size={6 + size} aria-hidden="true" />
        <input className="mantine-Slider-root" type="range" min={1} max={30} value={size} aria-label="Brush size" onChange={(e) => setSize(Number(e.target.value))} />
        <button type="button" className="mantine-ActionIcon-root" aria-label="Undo last" onClick={() => { if (shapes.length) { setFuture([...future, shapes[shapes.length - 1]]); setShapes(shapes.slice(0, -1)); } }}>
          <Undo2 size={18} />
        </button>
        <button type="button" className="mantine-ActionIcon-root" aria-label="Redo last" onClick={() => { if (future.length) { setShapes([...shapes, future[future.length - 1]]); setFuture(future.slice(0, -1)); } }}>
          <Redo2 size={18} />
        </button>
        <button type="button" className="mantine-ActionIcon-root" aria-label="Erase everything" onClick={() => { setShapes([]); setFuture([]); }}>
          <Trash2 size={18} />
        </button>
      </div>
      <canvas
        ref={ref}
        width={960}
        height={520}
        style={{ background: "#fff", boxShadow: "0 1px 4px #0003" }}
        onPointerDown={(e) => setLive({ tool, color, size, points: [at(e)] })}
        onPointerMove={(e) => live && setLive({ ...live, points: [...live.points, at(e)] })}
        onPointerUp={() => {
          if (live) setShapes([...shapes, live]);
          setLive(null);
          setFuture([]);
        }}
      />
      <p>{shapes.length} shapes</p>
    </div>
  );
}
