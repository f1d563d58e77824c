namespace KisFeed.Server.Protocol;

/// <summary>
/// Receives the messages of one connection. Text messages arrive one at a time; heartbeat answers, pings and pongs may arrive while one is
/// handled. Disposal follows the last message and clears all keys.
/// </summary>
internal interface IClientSession : IAsyncDisposable
{
    int RegistrationCount { get; }

    /// <summary>Handles a text message of the client. The memory is valid until the task completes.</summary>
    ValueTask HandleTextAsync(ReadOnlyMemory<byte> text);

    /// <summary>Handles a message out of order: the answer to a heartbeat, which need not wait for earlier messages.</summary>
    /// <returns>Whether the message was handled; otherwise it is passed to <see cref="HandleTextAsync"/> in order.</returns>
    bool TryHandleAtOnce(ReadOnlySpan<byte> text) => false;

    /// <summary>Called before a ping of the client is answered with a pong. Reading pauses until it completes.</summary>
    ValueTask BeforePongAsync() => ValueTask.CompletedTask;

    /// <summary>Called when a message of the client is longer than the limit in bytes. The connection is closed for it.</summary>
    void HandleTooLong(int limit)
    {
        // Closing the connection is enough by default.
    }

    /// <summary>
    /// Called when the client exceeds its limit of control frames or fragments, or does not complete a message in time. The
    /// connection is closed for it. Thread-safe.
    /// </summary>
    void HandleFlood()
    {
        // Closing the connection is enough by default.
    }

    /// <summary>Handles the payload of a ping frame. The connection answers the ping itself.</summary>
    void HandlePing(ReadOnlySpan<byte> payload)
    {
        // Nothing follows from a ping by default.
    }

    /// <summary>Handles the payload of a pong frame.</summary>
    void HandlePong(ReadOnlySpan<byte> payload)
    {
        // Nothing follows from a pong by default.
    }
}

/// <summary>The session of a connection that is closed right after its handshake. Ignores everything that the client sends.</summary>
internal sealed class RejectedSession : IClientSession
{
    public int RegistrationCount => 0;

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
