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

    /// <summary>Takes a pong frame.</summary>
    void HandlePong(ReadOnlySpan<byte> payload);
}
