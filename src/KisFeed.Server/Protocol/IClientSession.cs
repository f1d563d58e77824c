namespace KisFeed.Server;

/// <summary>
/// What a connection hands on what its client sends to. Texts are handed in one at a time; what is handled at once, pings and pongs at any time; disposal, which clears all keys,
/// follows the last text.
/// </summary>
internal interface IClientSession : IAsyncDisposable
{
    /// <summary>Registrations that stand. For any thread.</summary>
    int RegistrationCount { get; }

    /// <summary>Takes a text message of the client, which is valid until the task completes.</summary>
    ValueTask HandleTextAsync(ReadOnlyMemory<byte> text);

    /// <summary>Takes a text message that need not wait until those before it are handled: the echo of a heartbeat.</summary>
    /// <returns>Whether it was one; where not, it is handed in in its turn.</returns>
    bool TryHandleAtOnce(ReadOnlySpan<byte> text) => false;

    /// <summary>A ping of the client is to be answered; nothing is read until this has completed.</summary>
    ValueTask HandlePingAsync() => ValueTask.CompletedTask;

    /// <summary>A message of the client is longer than those that are read, which have this many bytes at most; the connection is closed for it.</summary>
    void HandleTooLong(int limit)
    {
        // As a rule that is all there is to it.
    }

    /// <summary>Takes a pong frame.</summary>
    void HandlePong(ReadOnlySpan<byte> payload);
}
