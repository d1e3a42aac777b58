import { lazy, Suspense } from "react";

export default function dynamic(load, options = {}) {
  const Loaded = lazy(async () => {
    const module = await (typeof load === "function" ? load() : load.loader());
    return { default: module.default ?? module };
  });
  const Loading = options.loading;
  return (props) => <Suspense fallback={Loading ? <Loading /> : null}><Loaded {...props} /></Suspense>;
}
