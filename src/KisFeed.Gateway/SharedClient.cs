using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The client of a program as the source of its gateway, which does not end it.</summary>
internal sealed class SharedClient(IFrameSource client) : IFrameSource
{
    public FeedCatalog Catalog => client.Catalog;

    public IReadOnlyList<RegistrationStatus> Registrations => client.Registrations;

    public IReadOnlyList<SessionStatus> Sessions => client.Sessions;

    public bool HasNotices => client.HasNotices;

    public Task Completion => client.Completion;

    public IAsyncEnumerable<SessionStatus> WatchSessionsAsync(CancellationToken cancellationToken = default) =>
        client.WatchSessionsAsync(cancellationToken);

    public FrameTap OpenTap(FrameTapOptions? options = null) => client.OpenTap(options);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
