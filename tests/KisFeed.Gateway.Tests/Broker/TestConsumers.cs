using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Consumers;
using KisFeed.Gateway.Tests.Web;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A token file with consumers that tests add, change and remove.</summary>
internal sealed class TestConsumers : IDisposable
{
    private readonly TokenFolder _folder = new();
    private readonly Dictionary<string, ConsumerCredentials> _credentials = new(StringComparer.Ordinal);

    public string TokenFile => _folder.FilePath;

    public ConsumerCredentials this[string name] => _credentials[name];

    /// <summary>The header line with the credentials of a consumer.</summary>
    public string Basic(string name) => WebClient.Basic(this[name]);

    /// <summary>Adds a consumer, or changes the rights of an existing one and keeps its credentials.</summary>
    public async Task AddAsync(
        string name, string[]? feeds = null, bool notices = false, bool isOperator = false, string[]? htsIds = null,
        ConsumerQuota? quota = null)
    {
        if (!_credentials.TryGetValue(name, out var credentials))
            _credentials.Add(name, credentials = ConsumerCredentials.Create());
        var consumer = TokenFolder.NewConsumer(name, credentials, feeds, notices, isOperator) with
        {
            HtsIds = htsIds is null ? null : [.. htsIds],
            Quota = quota ?? ConsumerQuota.None,
        };
        await _folder.File.AddAsync(consumer, replaces: true, CancellationToken.None);
    }

    /// <summary>Adds consumers with the rights to all feeds except order notices.</summary>
    public async Task AddAsync(string first, string second, params string[] others)
    {
        foreach (var name in (string[])[first, second, .. others])
            await AddAsync(name);
    }

    public Task RemoveAsync(string name) => _folder.File.RemoveAsync(name, CancellationToken.None);

    public Task<string> ApprovalKeyAsync(TestGateway testGateway, string name) =>
        RestClient.ApprovalKeyAsync(testGateway.Gateway.RestUrl, _credentials[name].AppKey, _credentials[name].AppSecret);

    public async Task<FeedClient> ConnectAsync(TestGateway testGateway, string name) =>
        await FeedClient.ConnectAsync(testGateway.Url, await ApprovalKeyAsync(testGateway, name));

    public async Task<ControlConsumer> ControlAsync(TestGateway testGateway, string name) =>
        await ControlConsumer.ConnectAsync(testGateway, await ApprovalKeyAsync(testGateway, name));

    public void Dispose() => _folder.Dispose();
}
