import { useRouter as navigate } from "./navigation.jsx";

export const useRouter = () => ({ ...navigate(), pathname: window.location.pathname, asPath: window.location.pathname, query: {}, isReady: true });
export default { push: (url) => navigate().push(url) };
