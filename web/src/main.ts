import "./styles/main.css";
import { App } from "./app";
import { Gateway } from "./gateway/gateway";

const place = document.querySelector<HTMLElement>("#app")!;
void new App(new Gateway(new URL(".", location.href)), place).start();
