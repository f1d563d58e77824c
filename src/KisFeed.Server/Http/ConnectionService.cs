namespace KisFeed.Server;

/// <summary>Makes the session of a connection whose handshake is done; <see langword="null"/> where the connection is to be closed at once.</summary>
internal delegate ServedConnection? ConnectionService(WebSocketConnection connection);
