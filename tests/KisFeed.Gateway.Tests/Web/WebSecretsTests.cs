using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;
using KisFeed.Tests.Client;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Nothing secret is in any answer of the plain HTTP side, nor in what is logged, whatever is asked and with what.</summary>
public sealed class WebSecretsTests : IDisposable
{
    private const string HtsId = "SecretaryOfAnna";

    private readonly Household _household = new();
    private readonly SecretSearch _search = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task Not_whatever_is_asked()
    {
        await _household.AddAsync("anna", notices: true);
        await _household.AddAsync("boris");
        KisFeedOptions? upstream = null;
        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions { Rate = 200, HtsId = HtsId }, options => options with { TokenFile = _household.TokenFile }, options => upstream = options);
        _search.Add("upstream's app key", upstream!.AppKey);
        _search.Add("upstream's app secret", upstream.AppSecret);
        _search.Add("HTS ID", HtsId);
        List<string> ways = [];
        foreach (var name in (string[])["anna", "boris"])
        {
            var (credentials, approvalKey) = (_household[name], await _household.ApprovalKeyAsync(stage, name));
            _search.Add($"app key of {name}", credentials.AppKey);
            _search.Add($"app secret of {name}", credentials.AppSecret);
            _search.Add($"hash of {name}", Convert.ToHexStringLower([.. ConsumerCredentials.HashOf(credentials.AppSecret)]));
            _search.Add($"approval key of {name}", approvalKey);
            ways.AddRange([WebClient.Basic(credentials), WebClient.Basic(credentials.AppKey, "wrong"), $"Authorization: Bearer {approvalKey}", $"Authorization: Bearer {approvalKey}x", $"?approval_key={approvalKey}"]);
        }

        foreach (var account in stage.Gateway.Accounts.All)
            _search.Add($"account of {account.Name}", account.Id);
        await using var anna = await _household.ConnectAsync(stage, "anna");
        (await anna.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await anna.RegisterAsync("H0IFCNI0", HtsId)).IsSuccess.ShouldBeTrue();
        await anna.ReceiveFrameAsync();

        List<string> answers = [];
        await AskAllAsync();
        await stage.Simulator.DisposeAsync();
        await AskAllAsync();

        answers.Count.ShouldBeGreaterThan(100);
        answers.ShouldContain(a => a.StartsWith("200", StringComparison.Ordinal) && a.Contains("H0IFCNI0", StringComparison.Ordinal));
        _search.ShouldFindNothingIn(answers);
        stage.Log.Entries.ShouldNotBeEmpty();

        // Whose notices a connection gets is logged for who looks for a mistake, at the level for that and no other.
        _search.ShouldFindNothingIn(stage.Log.Entries.Select(e => e.Text));

        async Task AskAllAsync()
        {
            string[] targets = ["/", "/v1/status", "/v1/feeds", "/v1/last/index/0001", $"/v1/last/H0IFCNI0/{HtsId}", $"/v1/{HtsId}", "/readyz", "/v1/../status", "/v1/last/x/y",
                $"/v1/stream?subscribe=notice:{HtsId}&x=y", $"/v1/stream?subscribe=H0IFCNI0:{HtsId}^x&names=kis", $"/v1/stream?subscribe={HtsId}", $"/v1/stream?subscribe={HtsId}:notice"];
            foreach (var way in ways)
            {
                var isQuery = way.StartsWith('?');
                foreach (var target in targets)
                    answers.Add($"{await stage.GetAsync(isQuery ? target + (target.Contains('?', StringComparison.Ordinal) ? $"&{way[1..]}" : way) : target, isQuery ? [] : [way])}");
            }

            answers.Add($"{await stage.SendAsync("POST", $"/v1/status{ways[^1]}", ways[0], "Content-Length: 0")}");
            answers.Add($"{await stage.SendAsync("GET", $"/{new string('a', 9000)}{ways[^1]}", ways[0])}");
            answers.Add($"{await stage.SendAsync("GET", $"v1/status{ways[^1]}", ways[0])}");
        }
    }
}
