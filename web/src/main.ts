document.querySelector("#app")?.append("KisFeed");
