namespace KisFeed.Server;

/// <summary>The session of a connection that is closed as soon as it has been accepted: whatever the client says is not heard.</summary>
internal sealed class RejectedSession : IClientSession
{
    public int RegistrationCount => 0;

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text) => ValueTask.CompletedTask;

    public void HandlePing(ReadOnlySpan<byte> payload)
    {
        // The connection is closing.
    }

    public void HandlePong(ReadOnlySpan<byte> payload)
    {
        // The connection is closing.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
