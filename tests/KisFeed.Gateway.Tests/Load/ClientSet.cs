namespace KisFeed.Gateway.Tests.Load;

/// <summary>Clients of different kinds, which are disposed together.</summary>
internal sealed class ClientSet : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _clients = [];

    public TClient Add<TClient>(TClient client)
        where TClient : IAsyncDisposable
    {
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
    }
}
