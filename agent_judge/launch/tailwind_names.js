// Whether a class may be one of Tailwind's: by its first word, behind variants, a sign and what stands in brackets.
const tailwindNames = (words) => {
  const known = new Set(words);
  return (name) => {
    const plain = name.replace(/\[[^\]]*\]|\([^)]*\)/g, "");
    const [, first] = /^(?:.*:)?[!-]*([a-z@]*)/.exec(plain);
    return first ? known.has(first) : name.includes("[");
  };
};
