import "./styles/main.css";
import { App } from "./app";
import { Gateway } from "./gateway/gateway";
import { gatewayBase } from "./stock-address";

const container = document.querySelector<HTMLElement>("#app")!;
void new App(new Gateway(gatewayBase(location.href)), container).start();
