export default function Script({ src, children, strategy, onLoad, ...rest }) {
  return <script src={src} onLoad={onLoad} {...rest}>{children}</script>;
}
