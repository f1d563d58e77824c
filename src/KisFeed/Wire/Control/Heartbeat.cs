namespace KisFeed.Wire;

/// <summary>The server's <c>PINGPONG</c>, to be answered by the same text.</summary>
/// <param name="DateTime">The server's time as sent, <c>yyyyMMddHHmmss</c> in Korea time, where it sent one.</param>
public sealed record Heartbeat(string? DateTime) : ControlMessage;
