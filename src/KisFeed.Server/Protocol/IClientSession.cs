namespace KisFeed.Server;

/// <summary>
/// Receives the messages of one connection. Text messages come one at a time; heartbeat answers, pings and pongs may come while one is handled. Disposal, which clears all keys, follows the last message.
/// </summary>
internal interface IClientSession : IAsyncDisposable
{
    /// <summary>Registrations that stand. For any thread.</summary>
    int RegistrationCount { get; }

    /// <summary>Takes a text message of the client, which is valid until the task completes.</summary>
    ValueTask HandleTextAsync(ReadOnlyMemory<byte> text);

    /// <summary>Handles a message that need not wait for those before it: the answer to a heartbeat.</summary>
    /// <returns>Whether it was one; otherwise the message is passed to <see cref="HandleTextAsync"/> in its turn.</returns>
    bool TryHandleAtOnce(ReadOnlySpan<byte> text) => false;

    /// <summary>Called before a ping of the client is answered with a pong. Nothing is read until it completes.</summary>
    ValueTask BeforePongAsync() => ValueTask.CompletedTask;

    /// <summary>A message of the client is longer than those that are read, which have this many bytes at most; the connection is closed for it.</summary>
    void HandleTooLong(int limit)
    {
        // As a rule that is all there is to it.
    }

    /// <summary>The client has sent more control frames or fragments than it may, or a message that does not end; the connection is closed for it. For any thread.</summary>
    void HandleFlood()
    {
        // As a rule that is all there is to it.
    }

    /// <summary>Handles the payload of a ping frame. The connection answers the ping itself.</summary>
    void HandlePing(ReadOnlySpan<byte> payload);

    /// <summary>Handles the payload of a pong frame.</summary>
    void HandlePong(ReadOnlySpan<byte> payload);
}
