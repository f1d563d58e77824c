/** Whether the browser can show notifications of this page. */
export type NotificationPermissionState = "granted" | "denied" | "ask" | "insecure";

export function notificationPermission(): NotificationPermissionState {
  if (!("Notification" in window) || !isSecureContext) return "insecure";
  return Notification.permission === "default" ? "ask" : Notification.permission;
}

/** Asks the viewer; only as the answer to a click or a key. */
export async function requestNotifications(): Promise<NotificationPermissionState> {
  if (notificationPermission() === "ask") await Notification.requestPermission();
  return notificationPermission();
}

/** Shows a notification, if that is permitted. A later one with the same tag replaces it. */
export function showNotification(text: string, tag: string): void {
  if (notificationPermission() !== "granted") return;
  try {
    new Notification("KisFeed", { body: text, tag });
  } catch {
    // Android's browsers show notifications only of service workers, which this page does not have.
  }
}
