import "./styles/main.css";
import { App } from "./app";
import { Gateway } from "./gateway/gateway";

const container = document.querySelector<HTMLElement>("#app")!;
void new App(new Gateway(new URL(".", location.href)), container).start();
