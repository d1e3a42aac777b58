import * as all from "agent-judge/solution";
import { createApp } from "vue";

const solution = { ...all };
const component = solution.default ?? solution.App;
if (!component) throw new Error("The answer exports no Vue component to show");

const app = createApp(component);
app.config.errorHandler = (error) => reportError(error); // Vue only writes it to the console, as if nobody threw
app.mount("#app");
