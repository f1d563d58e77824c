namespace KisFeed.Server;

/// <summary>
/// What a connection hands on what its client sends to. Texts are handed in one at a time; pongs at any time; disposal, which clears all keys,
/// follows the last text.
/// </summary>
internal interface IClientSession : IAsyncDisposable
{
    /// <summary>Registrations that stand. For any thread.</summary>
    int RegistrationCount { get; }

    /// <summary>Takes a text message of the client, which is valid until the task completes.</summary>
    ValueTask HandleTextAsync(ReadOnlyMemory<byte> text);

    /// <summary>A message of the client is longer than those that are read, which have this many bytes at most; the connection is closed for it.</summary>
    void HandleTooLong(int limit)
    {
        // As a rule that is all there is to it.
    }

    /// <summary>Takes a pong frame.</summary>
    void HandlePong(ReadOnlySpan<byte> payload);
}
