using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Consumers;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Consumers with tokens, in a file of their own, that come and go.</summary>
internal sealed class Household : IDisposable
{
    private readonly TokenFolder _folder = new();
    private readonly Dictionary<string, ConsumerCredentials> _credentials = new(StringComparer.Ordinal);

    public string TokenFile => _folder.FilePath;

    public ConsumerCredentials this[string name] => _credentials[name];

    /// <summary>Adds a consumer, or gives one other rights and leaves it its credentials.</summary>
    public async Task AddAsync(string name, string[]? feeds = null, bool notices = false, bool isOperator = false, string[]? htsIds = null, ConsumerQuota? quota = null)
    {
        if (!_credentials.TryGetValue(name, out var credentials))
            _credentials.Add(name, credentials = ConsumerCredentials.Create());
        var consumer = TokenFolder.NewConsumer(name, credentials, feeds, notices, isOperator) with { HtsIds = htsIds is null ? null : [.. htsIds], Quota = quota ?? ConsumerQuota.None };
        await _folder.File.AddAsync(consumer, replaces: true, CancellationToken.None);
    }

    public Task RemoveAsync(string name) => _folder.File.RemoveAsync(name, CancellationToken.None);

    public Task<string> ApprovalKeyAsync(Stage stage, string name) =>
        RestClient.ApprovalKeyAsync(stage.Gateway.RestUrl, _credentials[name].AppKey, _credentials[name].AppSecret);

    public async Task<FeedClient> ConnectAsync(Stage stage, string name) => await FeedClient.ConnectAsync(stage.Url, await ApprovalKeyAsync(stage, name));

    public void Dispose() => _folder.Dispose();
}
