export default function Image({ src, alt = "", fill, priority, quality, placeholder, blurDataURL, loader, unoptimized, layout, objectFit, style, ...rest }) {
  const filling = fill || layout === "fill" ? { position: "absolute", inset: 0, width: "100%", height: "100%", objectFit } : {};
  return <img src={src?.src ?? src} alt={alt} style={{ ...filling, ...style }} {...rest} />;
}
