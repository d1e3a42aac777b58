import { useState } from "react";
import { Check } from "lucide-react";

export default function Sample() {
  const [count, setCount] = useState(0);
  return (
    <button className="rounded bg-blue-600 p-2 text-white" onClick={() => setCount(count + 1)}>
      <Check /> It works: {count}
    </button>
  );
}
