namespace KisFeed.Simulation.Broker;

/// <summary>A text that the server sends, and what it is.</summary>
internal sealed record ServerMessage(byte[] Bytes)
{
    public Answer? Answer { get; init; }

    public FrameContent? Frame { get; init; }

    public bool IsHeartbeat { get; init; }

    /// <summary>Whether it is so long that the client keeps only its head.</summary>
    public bool IsOversized { get; init; }

    public override string ToString() => this switch
    {
        { Answer: { } answer } => answer.ToString(),
        { Frame: { } frame } => frame.ToString(),
        { IsHeartbeat: true } => "heartbeat",
        _ => $"garbage of {Bytes.Length} bytes",
    };
}
