import { forwardRef } from "react";

const Link = forwardRef(({ href, prefetch, replace, scroll, shallow, passHref, legacyBehavior, locale, ...rest }, ref) => (
  <a ref={ref} href={typeof href === "object" ? (href?.pathname ?? "#") : href} {...rest} />
));
export default Link;
