import { Children, useEffect } from "react";

export default function Head({ children }) {
  useEffect(() => {
    const title = Children.toArray(children).find((child) => child.type === "title");
    if (title) document.title = Children.toArray(title.props.children).join("");
  }, [children]);
  return null;
}
