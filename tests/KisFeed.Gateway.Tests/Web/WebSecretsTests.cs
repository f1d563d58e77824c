using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;
using KisFeed.Tests.Client;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Responses of the HTTP interface and its log contain no secrets.</summary>
public sealed class WebSecretsTests : IDisposable
{
    private const string HtsId = "SecretaryOfAnna";

    private readonly TestConsumers _testConsumers = new();
    private readonly SecretSearch _search = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task No_request_exposes_a_secret()
    {
        await _testConsumers.AddAsync("anna", notices: true);
        await _testConsumers.AddAsync("boris");
        KisFeedOptions? upstream = null;
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, HtsId = HtsId },
            upstream: options => upstream = options,
            consumers: _testConsumers);
        _search.Add("upstream's app key", upstream!.AppKey);
        _search.Add("upstream's app secret", upstream.AppSecret);
        _search.Add("HTS ID", HtsId);
        List<string> ways = [];
        foreach (var name in (string[])["anna", "boris"])
        {
            var (credentials, approvalKey) = (_testConsumers[name], await _testConsumers.ApprovalKeyAsync(testGateway, name));
            _search.Add($"app key of {name}", credentials.AppKey);
            _search.Add($"app secret of {name}", credentials.AppSecret);
            _search.Add($"hash of {name}", Convert.ToHexStringLower([.. ConsumerCredentials.HashOf(credentials.AppSecret)]));
            _search.Add($"approval key of {name}", approvalKey);
            ways.AddRange(
                [
                    WebClient.Basic(credentials),
                    WebClient.Basic(credentials.AppKey, "wrong"),
                    $"Authorization: Bearer {approvalKey}",
                    $"Authorization: Bearer {approvalKey}x",
                    $"?approval_key={approvalKey}",
                ]);
        }

        foreach (var account in testGateway.Gateway.Accounts.All)
            _search.Add($"account of {account.Name}", account.Id);
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        (await anna.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await anna.RegisterAsync("H0IFCNI0", HtsId)).IsSuccess.ShouldBeTrue();
        await anna.ReceiveFrameAsync();

        List<string> answers = [];
        await RequestAllAsync();
        await testGateway.Simulator.DisposeAsync();
        await RequestAllAsync();

        answers.Count.ShouldBeGreaterThan(100);
        answers.ShouldContain(a => a.StartsWith("200", StringComparison.Ordinal) && a.Contains("H0IFCNI0", StringComparison.Ordinal));
        _search.ShouldFindNothingIn(answers);
        testGateway.Log.Entries.ShouldNotBeEmpty();

        // The HTS ID of a connection is logged only at debug level.
        _search.ShouldFindNothingIn(testGateway.Log.Entries.Select(e => e.Text));

        async Task RequestAllAsync()
        {
            string[] targets =
            [
                "/",
                "/v1/status",
                "/v1/feeds",
                "/v1/last/index/0001",
                $"/v1/last/H0IFCNI0/{HtsId}",
                $"/v1/{HtsId}",
                "/readyz",
                "/v1/../status",
                "/v1/last/x/y",
                $"/v1/stream?subscribe=notice:{HtsId}&x=y",
                $"/v1/stream?subscribe=H0IFCNI0:{HtsId}^x&names=kis",
                $"/v1/stream?subscribe={HtsId}",
                $"/v1/stream?subscribe={HtsId}:notice",
            ];
            foreach (var way in ways)
            {
                var isQuery = way.StartsWith('?');
                foreach (var target in targets)
                {
                    var query = target.Contains('?', StringComparison.Ordinal) ? $"&{way[1..]}" : way;
                    answers.Add($"{await testGateway.GetAsync(isQuery ? target + query : target, isQuery ? [] : [way])}");
                }
            }

            answers.Add($"{await testGateway.SendAsync("POST", $"/v1/status{ways[^1]}", ways[0], "Content-Length: 0")}");
            answers.Add($"{await testGateway.SendAsync("GET", $"/{new string('a', 9000)}{ways[^1]}", ways[0])}");
            answers.Add($"{await testGateway.SendAsync("GET", $"v1/status{ways[^1]}", ways[0])}");
        }
    }
}
