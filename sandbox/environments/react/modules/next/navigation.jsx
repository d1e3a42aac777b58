const go = (url) => { window.history.pushState({}, "", url); window.dispatchEvent(new PopStateEvent("popstate")); };
const router = { push: go, replace: go, back: () => window.history.back(), forward: () => window.history.forward(), refresh() {}, prefetch() {} };

export const useRouter = () => router;
export const usePathname = () => window.location.pathname;
export const useSearchParams = () => new URLSearchParams(window.location.search);
export const useParams = () => ({});
export const redirect = go;
export const notFound = () => { throw new Error("Not found"); };
